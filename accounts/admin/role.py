"""Roles: the matrix of job functions and levels."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.admin.base import DomainAdmin, DomainForm
from accounts.admin.level_matrix import LevelMatrix, LevelMatrixField
from accounts.domain.rights import levels_of, may_change_role, rights_of
from accounts.domain.role import change_role, create_role
from accounts.functions import FUNCTIONS
from accounts.models import Level, Role
from core.clock import database_now


class RoleForm(DomainForm):
    """Offers the levels that the administrator holds himself."""

    levels = LevelMatrixField(required=False, label="Job functions")

    class Meta:
        model = Role
        fields = ("name", "description", "all_records")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "levels" in self.fields:
            widget = self.fields["levels"].widget
            assert isinstance(widget, LevelMatrix)
            widget.limits = rights_of(self.by).own
            self.initial["levels"] = levels_of(self.instance) if self.instance.pk else {}


@admin.register(Role)
class RoleAdmin(DomainAdmin):
    """A change holds for everybody who has the role, from his next request."""

    form = RoleForm
    shown = ("name", "description", "all_records")
    row_only = ("people",)
    form_only = ("levels", "seen_version")
    view_only = ("levels_in_words",)
    list_display = ("name", "description", "all_records", "people")
    search_fields = ("name",)
    readonly_fields = ("people", "levels_in_words")
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Role]:
        active = Count("user_roles", filter=Q(user_roles__user__is_active=True))
        return super().get_queryset(request).annotate(people_count=active)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user: Any = request.user
        return super().has_change_permission(request, obj) and (obj is None or may_change_role(user, obj))

    @admin.display(description="people", ordering="people_count")
    def people(self, role: Any) -> str:
        """How many people a change concerns."""
        return "1 person" if role.people_count == 1 else f"{role.people_count} people"

    @admin.display(description="job functions")
    def levels_in_words(self, role: Role) -> SafeString:
        """The levels of the role, one per line."""
        levels = levels_of(role)
        held = [(function.label, levels[function.code]) for function in FUNCTIONS if function.code in levels]
        lines = [(label, Level(level).label.lower()) for label, level in held]
        return format_html_join("", "<div>{}: {}</div>", lines) or SafeString("none")

    def create(self, request: HttpRequest, form: Any) -> Role:
        return create_role(**self._values(form), by=form.by, now=database_now())

    def change(self, request: HttpRequest, form: Any, row: Role) -> Role:
        version = form.cleaned_data["seen_version"]
        return change_role(role=row, **self._values(form), version=version, by=form.by, now=database_now())

    def _values(self, form: Any) -> dict[str, Any]:
        return {name: form.cleaned_data[name] for name in ("name", "description", "all_records", "levels")}
