"""Territories: what stands above them, and who works them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from accounts.admin.base import DomainAdmin, DomainForm, working_users
from accounts.domain.territory import change_territory, create_territory
from accounts.models import Territory, User
from core.clock import database_now
from core.forms import RecordsField


class TerritoryForm(DomainForm):
    """Offers people whose account is open, and those who work the territory already."""

    parent = forms.ModelChoiceField(queryset=Territory.objects.none(), required=False, label="Above it")
    members = RecordsField(
        queryset=User.objects.none(), required=False, widget=FilteredSelectMultiple("members", False)
    )

    class Meta:
        model = Territory
        fields = ("name", "parent")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        territory = self.instance
        if "members" in fields:
            present = territory.memberships.values_list("user", flat=True) if territory.pk else []
            fields["members"].queryset = working_users(*present)
            fields["parent"].queryset = Territory.objects.exclude(
                pk__in=[territory.pk] if territory.pk else []
            )


@admin.register(Territory)
class TerritoryAdmin(DomainAdmin):
    """Members see the customers of their territories and of those below."""

    form = TerritoryForm
    shown = ("name", "parent", "members")
    list_display = ("name", "parent", "member_count")
    list_select_related = ("parent",)
    search_fields = ("name",)
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Territory]:
        return super().get_queryset(request).annotate(count_of_members=Count("memberships"))

    @admin.display(description="members", ordering="count_of_members")
    def member_count(self, territory: Any) -> int:
        """How many people work the territory."""
        return int(territory.count_of_members)

    def create(self, request: HttpRequest, form: Any) -> Territory:
        return create_territory(**self._values(form), by=form.by, now=database_now())

    def change(self, request: HttpRequest, form: Any, row: Territory) -> Territory:
        version, now = form.cleaned_data["seen_version"], database_now()
        return change_territory(territory=row, **self._values(form), version=version, by=form.by, now=now)

    def _values(self, form: Any) -> dict[str, Any]:
        data = form.cleaned_data
        return {"name": data["name"], "parent": data["parent"], "members": list(data["members"])}
