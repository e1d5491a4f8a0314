"""The organisation: the company's clock, calendar and currency."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.admin.base import DomainAdmin, DomainForm
from accounts.domain.organisation import change_organisation, organisation
from accounts.models import Organisation
from core.clock import database_now

WEEKDAYS = [
    (1, "Monday"),
    (2, "Tuesday"),
    (3, "Wednesday"),
    (4, "Thursday"),
    (5, "Friday"),
    (6, "Saturday"),
    (7, "Sunday"),
]
FIELDS = ("name", "time_zone", "currency", "country", "working_days", "opens_at", "closes_at")


class OrganisationForm(DomainForm):
    """Working days as check boxes."""

    working_days = forms.TypedMultipleChoiceField(
        choices=WEEKDAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="Due dates count these days.",
    )
    opens_at = forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    closes_at = forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    class Meta:
        model = Organisation
        fields = FIELDS

    def _get_validation_exclusions(self) -> set[str]:
        # The domain says in a sentence what the constraint of the table would only name.
        return super()._get_validation_exclusions() | {"opens_at"}  # type: ignore[misc]


@admin.register(Organisation)
class OrganisationAdmin(DomainAdmin):
    """There is one; its list is its page."""

    form = OrganisationForm
    shown = FIELDS

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:accounts_organisation_change", args=[organisation().pk]))

    def change(self, request: HttpRequest, form: Any, row: Organisation) -> Organisation:
        values = {name: form.cleaned_data[name] for name in FIELDS}
        version = form.cleaned_data["seen_version"]
        return change_organisation(**values, version=version, by=form.by, now=database_now())
