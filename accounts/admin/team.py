"""Teams: who leads them, what stands above them, who is in them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from accounts.admin.base import DomainAdmin, DomainForm, working_users
from accounts.domain.team import change_team, create_team
from accounts.models import Team, User
from core.clock import database_now
from core.forms import RecordsField


class TeamForm(DomainForm):
    """Offers people whose account is open, and those who are in the team already."""

    lead = forms.ModelChoiceField(queryset=User.objects.none(), required=False)
    parent = forms.ModelChoiceField(queryset=Team.objects.none(), required=False, label="Above it")
    members = RecordsField(
        queryset=User.objects.none(), required=False, widget=FilteredSelectMultiple("members", False)
    )

    class Meta:
        model = Team
        fields = ("name", "lead", "parent")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        team = self.instance
        if "members" in fields:
            present = team.memberships.values_list("user", flat=True) if team.pk else []
            fields["members"].queryset = working_users(*present)
            fields["lead"].queryset = working_users(team.lead_id)
            fields["lead"].help_text = "Sees the records of the team and of all teams below it."
            fields["parent"].queryset = Team.objects.exclude(pk__in=[team.pk] if team.pk else [])


@admin.register(Team)
class TeamAdmin(DomainAdmin):
    """Members share the records of their teams."""

    form = TeamForm
    shown = ("name", "lead", "parent", "members")
    list_display = ("name", "lead", "parent", "member_count")
    list_select_related = ("lead", "parent")
    search_fields = ("name",)
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return super().get_queryset(request).annotate(count_of_members=Count("memberships"))

    @admin.display(description="members", ordering="count_of_members")
    def member_count(self, team: Any) -> int:
        """How many people are in the team."""
        return int(team.count_of_members)

    def create(self, request: HttpRequest, form: Any) -> Team:
        return create_team(**self._values(form), by=form.by, now=database_now())

    def change(self, request: HttpRequest, form: Any, row: Team) -> Team:
        version = form.cleaned_data["seen_version"]
        return change_team(team=row, **self._values(form), version=version, by=form.by, now=database_now())

    def _values(self, form: Any) -> dict[str, Any]:
        data = form.cleaned_data
        return {
            "name": data["name"],
            "lead": data["lead"],
            "parent": data["parent"],
            "members": list(data["members"]),
        }
