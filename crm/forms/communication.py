"""The form that logs a conversation."""

from typing import Any

from django import forms

from core.dates import EARLIEST, LATEST
from core.forms import CleanCharField
from crm.domain.action import OUTCOMES
from crm.forms.fields import TextField
from crm.models import Action, Communication, Contact, Customer
from ui.forms import PageForm, TokenForm

OPEN_STAYS = "Leave it open"


class LogForm(TokenForm, PageForm):
    """What was said; may close one open follow-up of the customer."""

    channel = forms.ChoiceField(label="How", choices=Communication.Channel.choices, initial="call")
    direction = forms.ChoiceField(label="Who began", choices=Communication.Direction.choices, initial="out")
    contact = forms.ModelChoiceField(Contact.objects.none(), required=False, empty_label="Nobody named")
    happened_at = forms.DateTimeField(
        label="When",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="Empty means now.",
    )
    subject = CleanCharField(label="About", max_length=160, required=False)
    body = TextField(label="What was said, and what happens next", max_length=8000, required=False)
    action = forms.ModelChoiceField(
        Action.objects.none(), label="Follow-up", required=False, empty_label="None of them"
    )
    outcome = forms.ChoiceField(
        label="What came of the follow-up",
        choices=[("", OPEN_STAYS), *((outcome.value, outcome.label) for outcome in OUTCOMES)],
        required=False,
    )

    wide = ("subject", "body")

    def __init__(self, *args: Any, customer: Customer, actions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contacts = Contact.objects.filter(links__customer=customer, links__ended_on=None)
        self.fields["contact"].queryset = contacts  # type: ignore[attr-defined]
        self.fields["action"].queryset = actions  # type: ignore[attr-defined]
        if self.initial.get("action"):
            self.fields["subject"].help_text = "Leave it empty to use the title of the follow-up."

    def clean_happened_at(self) -> Any:
        when = self.cleaned_data["happened_at"]
        if when is not None and not EARLIEST <= when.date() <= LATEST:
            raise forms.ValidationError("Enter a time between the years 1900 and 2199.")
        return when

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        action = values.get("action")
        if values.get("outcome") and not action:
            self.add_error("action", "Choose the follow-up that this closes.")
        if not values.get("subject") and "subject" not in self.errors:
            if action is None:
                self.add_error("subject", "Say what it was about.")
            else:
                values["subject"] = action.title
        return values
