"""Users: made, given roles, and shown pages the way they like."""

from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from accounts.models import Role, Theme, User, UserRole
from activity.domain import record
from core.clock import database_now
from core.errors import Refused


@transaction.atomic
def create_user(
    *, email: str, name: str, password: str | None, roles: list[Role], by: User | None, now: datetime, **fields: Any
) -> User:
    """A new user with ``roles``; without a password he cannot sign in until one is set.

    Raises ``ValidationError`` for a weak password and ``Refused`` for an e-mail that is in use.
    """
    email = email.strip().lower()
    if User.objects.filter(email=email).exists():
        raise Refused("Somebody already signs in with this e-mail.", field="email")
    user = User(email=email, name=name.strip(), created_at=now, **fields)
    if password is not None:
        validate_password(password, user)
    user.set_password(password)
    user.save()
    record(user, "user.created", by=by, now=now, data={"email": email, "name": user.name})
    set_roles(user=user, roles=roles, by=by, now=now)
    return user


@transaction.atomic
def set_roles(*, user: User, roles: list[Role], by: User | None, now: datetime) -> None:
    """Give ``user`` exactly ``roles``, and the groups that carry their permissions."""
    before = sorted(user.roles.values_list("name", flat=True))
    UserRole.objects.filter(user=user).exclude(role__in=roles).delete()
    UserRole.objects.bulk_create([UserRole(user=user, role=role) for role in roles], ignore_conflicts=True)
    user.groups.set([role.group_id for role in roles])
    after = sorted(role.name for role in roles)
    if before != after:
        record(user, "user.roles_changed", by=by, now=now, data={"roles": [before, after]})


@transaction.atomic
def create_superuser(*, email: str, password: str | None, **fields: Any) -> User:
    """The first administrator, from the command line: Administrator role, no checks of ``by``."""
    role = Role.objects.get(code="administrator")
    fields.setdefault("name", email)
    return create_user(email=email, password=password, roles=[role], by=None, now=database_now(), is_superuser=True, **fields)


@transaction.atomic
def set_theme(*, user: User, theme: str, by: User, now: datetime) -> None:
    """Store how ``user`` wants pages coloured; his own taste, so no journal entry."""
    if theme not in Theme.values:
        raise Refused("Choose light, dark or like the device.", field="theme")
    User.objects.filter(pk=user.pk).update(theme=theme)
    user.theme = theme
