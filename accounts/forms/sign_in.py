"""The form of the sign-in page."""

from typing import Any

from allauth.account.forms import LoginForm

from core.forms import use_house_messages


class SignInForm(LoginForm):
    """allauth's form, with the product's words for errors."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        use_house_messages(self.fields.values())
