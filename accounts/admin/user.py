"""Users: who they are, which roles they have, and whether they may sign in."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.base import DomainAdmin, DomainForm
from accounts.domain.password import new_password
from accounts.domain.rights import administers, check_administers, grantable_roles
from accounts.domain.user import (
    change_user,
    create_user,
    deactivate,
    restore,
    set_password,
    set_roles,
    suspend,
)
from accounts.models import Role, User
from accounts.sign_in import end_lock_out
from core.clock import database_now
from core.forms import RecordsField


class RolesField(RecordsField):
    """Roles as check boxes, each with what it is for."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}: {obj.description}" if obj.description else str(obj.name)


class UserForm(DomainForm):
    """Offers the roles that the administrator may give."""

    # Not called "password": a model form would fill it with the stored hash.
    new_password = forms.CharField(
        label="Password",
        required=False,
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
    )
    roles = RolesField(queryset=Role.objects.none(), required=False)

    class Meta:
        model = User
        fields = ("email", "name", "job_title", "phone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "roles" in self.fields:
            ids = [role.pk for role in grantable_roles(self.by)]
            self.fields["roles"].queryset = Role.objects.filter(pk__in=ids)  # type: ignore[attr-defined]
            self.fields["roles"].help_text = "Only roles that grant nothing beyond what you have yourself."
        if "new_password" in self.fields:
            empty = "keeps the present one" if self.instance.pk else "makes one, shown once after saving"
            self.fields["new_password"].help_text = f"At least 12 characters. Leaving it empty {empty}."

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_new_password(self) -> str:
        password = str(self.cleaned_data["new_password"])
        if password:
            validate_password(password, self.instance)
        return password


class StateFilter(admin.SimpleListFilter):
    """Active, suspended or deactivated."""

    title = "access"
    parameter_name = "access"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("active", "Active"), ("suspended", "Suspended"), ("deactivated", "Deactivated")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() == "active":
            return queryset.filter(is_active=True, suspended_at=None)
        if self.value() == "suspended":
            return queryset.filter(is_active=True, suspended_at__isnull=False)
        return queryset.filter(is_active=False) if self.value() == "deactivated" else queryset


@admin.register(User)
class UserAdmin(DomainAdmin):
    """Nobody changes himself, or somebody who holds more than he does."""

    form = UserForm
    shown = ("email", "name", "job_title", "phone", "roles")
    row_only = ("access", "last_login")
    form_only = ("new_password", "seen_version")
    list_display = ("name", "email", "job_title", "role_names", "access", "last_login")
    list_filter = (StateFilter, "roles")
    search_fields = ("name", "email")
    ordering = ("name", "pk")
    list_per_page = 50
    actions = ("suspend_users", "restore_users", "deactivate_users", "give_new_passwords", "end_lock_outs")
    readonly_fields = ("access", "last_login")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("roles")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user: Any = request.user
        return super().has_change_permission(request, obj) and (obj is None or administers(user, obj))

    @admin.display(description="roles")
    def role_names(self, user: User) -> str:
        """The user's roles, by name."""
        return ", ".join(role.name for role in user.roles.all()) or "none"

    @admin.display(description="access")
    def access(self, user: User) -> str:
        """Whether the user may sign in."""
        if not user.is_active:
            return "Deactivated"
        return "Suspended" if user.suspended_at else "Active"

    def create(self, request: HttpRequest, form: Any) -> User:
        data: dict[str, Any] = form.cleaned_data
        password = data["new_password"] or new_password()
        user = create_user(
            email=data["email"],
            name=data["name"],
            job_title=data["job_title"],
            phone=data["phone"],
            password=password,
            roles=list(data["roles"]),
            by=form.by,
            now=database_now(),
        )
        if not data["new_password"]:
            self._show_password(request, user, password)
        return user

    def change(self, request: HttpRequest, form: Any, row: User) -> User:
        data, now = form.cleaned_data, database_now()
        user = change_user(
            user=row,
            email=data["email"],
            name=data["name"],
            job_title=data["job_title"],
            phone=data["phone"],
            version=data["seen_version"],
            by=form.by,
            now=now,
        )
        set_roles(user=user, roles=list(data["roles"]), by=form.by, now=now)
        if data["new_password"]:
            set_password(user=user, password=data["new_password"], by=form.by, now=now)
        return user

    def _show_password(self, request: HttpRequest, user: User, password: str) -> None:
        text = f"Password of {user}, shown only this once: {password}"
        self.message_user(request, text, messages.WARNING)

    @admin.action(description="Suspend: end access at once", permissions=["change"])
    def suspend_users(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """End the access of the chosen users."""
        by: Any = request.user
        self.each(request, queryset, lambda user: suspend(user=user, by=by, now=database_now()), "Suspended")

    @admin.action(description="Restore access", permissions=["change"])
    def restore_users(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let the chosen users sign in again."""
        by: Any = request.user
        self.each(
            request, queryset, lambda user: restore(user=user, by=by, now=database_now()), "Access restored"
        )

    @admin.action(description="Deactivate: they have left", permissions=["change"])
    def deactivate_users(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Close the accounts of the chosen users."""
        by: Any = request.user
        self.each(
            request, queryset, lambda user: deactivate(user=user, by=by, now=database_now()), "Deactivated"
        )

    @admin.action(description="Give a new password", permissions=["change"])
    def give_new_passwords(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """A random password for each of the chosen users, shown once."""
        by: Any = request.user

        def give(user: User) -> None:
            password = new_password()
            set_password(user=user, password=password, by=by, now=database_now())
            end_lock_out(user.email)
            self._show_password(request, user, password)

        self.each(request, queryset, give, "New password")

    @admin.action(description="End the wait after failed sign-ins", permissions=["change"])
    def end_lock_outs(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let the chosen users try again at once."""
        by: Any = request.user

        def end(user: User) -> None:
            check_administers(by, user)
            end_lock_out(user.email)

        self.each(request, queryset, end, "May sign in again")
