"""Forms of follow-ups: one for making them, one for each thing that people do with them."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import Permission
from django.utils.formats import date_format

from accounts.domain.organisation import business_day_after
from accounts.models import Absence, User
from core.forms import CleanCharField
from crm.domain.action import MAX_SNOOZE_DAYS, OUTCOMES
from crm.forms.fields import CustomerField, DayField, TextField
from crm.models import Action, Contact, Customer
from ui.forms import PageForm, TokenForm

SOON = (1, 2, 5)  # business days from today that snoozing offers
PRIORITIES = ((1, "1, most urgent"), (2, "2"), (3, "3, normal"), (4, "4"), (5, "5, when there is time"))


def colleagues(today: date) -> Any:
    """The people who can be given work today; the domain checks each for the customer in question."""
    function = {"codename": "change_action", "content_type__app_label": "crm"}
    able = Permission.objects.filter(**function).values("group__user")
    present = User.objects.filter(is_active=True, suspended_at=None)
    return present.filter(pk__in=able).exclude(pk__in=Absence.objects.on(today).values("user"))


class NewActionForm(TokenForm, PageForm):
    """A follow-up added by hand."""

    title = CleanCharField(label="What is to be done", max_length=160)
    kind = forms.ChoiceField(choices=Action.Kind.choices, initial=Action.Kind.CALL)
    due_on = DayField(label="Due")
    customer = CustomerField(required=False)
    contact = forms.ModelChoiceField(Contact.objects.none(), required=False, empty_label="None")
    assignee = forms.ModelChoiceField(User.objects.none(), label="For", empty_label=None)
    priority = forms.TypedChoiceField(choices=PRIORITIES, coerce=int, initial=3)
    body = TextField(label="Notes", max_length=4000, required=False)

    wide = ("title", "body")

    def __init__(
        self, *args: Any, user: User, today: date, customer: Customer | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].customers = Customer.objects.visible_to(user).current()  # type: ignore[attr-defined]
        self.fields["assignee"].queryset = colleagues(today)  # type: ignore[attr-defined]
        if customer is None:
            del self.fields["contact"]
        else:
            contacts = Contact.objects.filter(links__customer=customer, links__ended_on=None)
            self.fields["contact"].queryset = contacts  # type: ignore[attr-defined]


class CompleteForm(PageForm):
    """What came of a follow-up. A tick without a choice means "done", which the page offers first."""

    outcome = forms.ChoiceField(
        label="What came of it",
        choices=[(outcome.value, outcome.label) for outcome in OUTCOMES],
        widget=forms.RadioSelect,
        initial=Action.Outcome.REACHED,
        required=False,
    )
    note = TextField(max_length=2000, required=False)

    wide = ("outcome", "note")

    def clean_outcome(self) -> str:
        return self.cleaned_data["outcome"] or Action.Outcome.REACHED


class SnoozeForm(PageForm):
    """Until when a follow-up is hidden: one of the next business days, or another day."""

    soon = forms.ChoiceField(label="Until", widget=forms.RadioSelect, required=False)
    until = DayField(label="Another day", required=False)

    wide = ("soon",)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = [business_day_after(today, count) for count in SOON]
        soon: Any = self.fields["soon"]
        soon.choices = [(day.isoformat(), date_format(day, "l j M")) for day in days]
        soon.initial = days[0].isoformat()
        first, last = today + timedelta(days=1), today + timedelta(days=MAX_SNOOZE_DAYS)
        self.fields["until"].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}
        self.fields["until"].help_text = f"Within the next {MAX_SNOOZE_DAYS} days. It comes back on that day."

    def clean(self) -> dict[str, Any]:
        """The day that was typed, else the one that was ticked."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        soon = values.pop("soon", "")
        if values.get("until") is None and "until" not in self.errors:
            if not soon:
                raise forms.ValidationError("Choose a day, or enter another one.")
            values["until"] = date.fromisoformat(soon)
        return values


class HandOverForm(PageForm):
    """Who takes a follow-up over, and why."""

    to = forms.ModelChoiceField(User.objects.none(), label="To", empty_label="Choose a colleague")
    reason = TextField(label="Why", max_length=200, rows=2)

    wide = ("reason",)

    def __init__(self, *args: Any, action: Action, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = colleagues(today).exclude(pk=action.assignee_id)  # type: ignore[attr-defined]


class CancelForm(PageForm):
    """Why a follow-up is not done."""

    reason = TextField(label="Why", max_length=2000, rows=2)

    wide = ("reason",)
