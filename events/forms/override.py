"""The form of Follow-up Override: whose, until when, why, and how the work is handed out."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.models import Absence, User
from crm.forms.fields import DayField, TextField
from events.models import Override
from ui.forms import PageForm, TokenForm

DUE, ALL = "due", "all"


class OverrideForm(TokenForm, PageForm):
    """Everything but the rows, which the page draws itself. ``people`` are whom the user may choose."""

    from_user = forms.ModelChoiceField(
        User.objects.none(), label="Who is away", empty_label="Choose a person"
    )
    starts_on = DayField(label="From")
    returns_on = DayField(label="Back on", required=False)
    reason = forms.ChoiceField(choices=Absence.Reason.choices, initial=Absence.Reason.SICK)
    which = forms.ChoiceField(label="Which follow-ups", choices=((DUE, "Due before return"), (ALL, "All")))
    strategy = forms.ChoiceField(
        label="Propose by",
        choices=((Override.Strategy.BALANCE, "Balance"), (Override.Strategy.ONE, "One person")),
    )
    person = forms.ModelChoiceField(
        User.objects.none(), label="Person", required=False, empty_label="Choose a colleague"
    )
    note = TextField(label="Note to colleagues", max_length=500, rows=3)
    also_new = forms.BooleanField(label="Also reroute new follow-ups until then", required=False)
    stand_in = forms.ModelChoiceField(
        User.objects.none(), label="New ones go to", required=False, empty_label="Choose a colleague"
    )

    def __init__(
        self,
        *args: Any,
        people: Any,
        givers: Sequence[tuple[str, Sequence[tuple[int, str]]]] = (),
        receivers: Sequence[User] = (),
        from_user: User | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.receivers = receivers
        offered = [("", "Choose a colleague"), *((user.pk, user.name) for user in receivers)]
        self._offer("from_user", people, [("", "Choose a person"), *givers])
        self._offer("person", people, offered)
        self._offer("stand_in", people, offered)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.HiddenInput):
                field.widget.attrs["class"] = _css(field.widget)
        self._keep_what_is_typed(from_user)

    def _keep_what_is_typed(self, from_user: User | None) -> None:
        """Leave these fields alone when a proposal arrives: somebody may be typing in them meanwhile.

        The days are kept per person, by their ids: another person brings his own.
        """
        for name in ("note", "starts_on", "returns_on"):
            self.fields[name].widget.attrs["hx-preserve"] = "true"
        for name in ("starts_on", "returns_on"):
            whose = from_user.pk if from_user else ""
            self.fields[name].widget.attrs["id"] = f"id_{name}_{whose}"

    def _offer(self, name: str, among: Any, choices: Sequence[Any]) -> None:
        """Let the field accept ``among`` and show ``choices``."""
        field: Any = self.fields[name]
        field.queryset = among
        field.widget.choices = choices

    @property
    def new_to(self) -> User | None:
        """Who gets new follow-ups as the form stands; nobody while the box is not ticked."""
        chosen = str(self["stand_in"].value() or "") if self["also_new"].value() else ""
        return next((user for user in self.receivers if str(user.pk) == chosen), None)

    def clean(self) -> dict[str, Any]:
        """A choice that another choice makes necessary."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("strategy") == Override.Strategy.ONE and not values.get("person"):
            self.add_error("person", "Choose who takes them.")
        if values.get("also_new") and not values.get("stand_in"):
            self.add_error("stand_in", "Choose who gets the new ones.")
        return values


def _css(widget: forms.Widget) -> str:
    """The class that the design system styles a field by."""
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"
