"""The form for one's own password."""

from typing import Any

from django import forms

from ui.forms import PageForm

LONGEST = 200


class PasswordField(forms.CharField):
    """A password as it is typed; never written back into the page."""

    def __init__(self, *, autocomplete: str, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(strip=False, max_length=LONGEST, widget=widget, **kwargs)


class PasswordForm(PageForm):
    """The present password and twice the new one. The e-mail tells password managers whose it is."""

    email = forms.EmailField(
        label="Work e-mail",
        required=False,
        disabled=True,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    current = PasswordField(label="Present password", autocomplete="current-password")
    password = PasswordField(
        label="New password",
        autocomplete="new-password",
        help_text="12 characters or more, not common and not like your name or e-mail.",
    )
    again = PasswordField(label="New password again", autocomplete="new-password")

    wide = ("email", "current")

    def clean_again(self) -> str:
        """The same as the new password, so that a slip does not lock anybody out."""
        again: str = self.cleaned_data["again"]
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise forms.ValidationError("The two new passwords differ.")
        return again
