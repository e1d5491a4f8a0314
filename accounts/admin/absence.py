"""Absences: who is away when, and who stands in."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.base import DomainAdmin, DomainForm, working_users
from accounts.domain.absence import add_absence, cancel_absence, change_absence
from accounts.models import Absence, User
from core.clock import database_now


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class AbsenceForm(DomainForm):
    """Offers people whose account is open."""

    user = forms.ModelChoiceField(queryset=User.objects.none(), label="Who")
    starts_on = forms.DateField(widget=DayInput, label="First day")
    ends_on = forms.DateField(
        widget=DayInput, required=False, label="Last day", help_text="Empty means until further notice."
    )
    substitute = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, help_text="Gets the new follow-ups meanwhile."
    )

    class Meta:
        model = Absence
        fields = ("user", "starts_on", "ends_on", "reason", "substitute")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        if "user" in fields:
            fields["user"].queryset = working_users()
        if "substitute" in fields:
            fields["substitute"].queryset = working_users(self.instance.substitute_id)

    def _get_validation_exclusions(self) -> set[str]:
        # The domain says in a sentence what the constraints of the table would only name.
        return super()._get_validation_exclusions() | {"ends_on", "substitute"}  # type: ignore[misc]


@admin.register(Absence)
class AbsenceAdmin(DomainAdmin):
    """Days never overlap for one person; a cancelled absence stays and counts for nothing."""

    form = AbsenceForm
    shown = ("user", "starts_on", "ends_on", "reason", "substitute")
    list_display = ("user", "starts_on", "ends_on", "reason", "substitute", "is_cancelled")
    list_select_related = ("user", "substitute")
    list_filter = ("reason",)
    search_fields = ("user__name",)
    ordering = ("-starts_on", "-pk")
    actions = ("cancel_absences",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["user"] if obj is not None else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.cancelled_at is None)

    @admin.display(description="cancelled", boolean=True)
    def is_cancelled(self, absence: Absence) -> bool:
        """Whether the absence counts for nothing."""
        return absence.cancelled_at is not None

    def create(self, request: HttpRequest, form: Any) -> Absence:
        user = form.cleaned_data["user"]
        return add_absence(user=user, **self._values(form), by=form.by, now=database_now())

    def change(self, request: HttpRequest, form: Any, row: Absence) -> Absence:
        version, now = form.cleaned_data["seen_version"], database_now()
        return change_absence(absence=row, **self._values(form), version=version, by=form.by, now=now)

    def _values(self, form: Any) -> dict[str, Any]:
        return {name: form.cleaned_data[name] for name in ("starts_on", "ends_on", "reason", "substitute")}

    @admin.action(description="Cancel: it will not take place", permissions=["change"])
    def cancel_absences(self, request: HttpRequest, queryset: QuerySet[Absence]) -> None:
        """Cancel the chosen absences."""
        by: Any = request.user
        self.each(
            request, queryset, lambda row: cancel_absence(absence=row, by=by, now=database_now()), "Cancelled"
        )
