"""Users: made, changed, given roles, suspended, deactivated and restored."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F

from accounts.domain.editing import locked, write
from accounts.domain.organisation import today_at
from accounts.domain.rights import ADMINISTRATOR, check_administers, check_grant, levels_of
from accounts.domain.scope import access_of
from accounts.models import Absence, Role, Team, Theme, User, UserRole
from activity.domain import record
from core.errors import Denied, Refused
from core.registry import wired


@transaction.atomic
def create_user(
    *,
    email: str,
    name: str,
    password: str | None,
    roles: Collection[Role],
    by: User | None,
    now: datetime,
    **fields: Any,
) -> User:
    """A new user with ``roles``; without a password he cannot sign in until one is set.

    Raises ``ValidationError`` for a weak password, and ``Refused`` for an e-mail that is in use and for
    roles that grant more than ``by`` has.
    """
    user = User(email=_checked_email(email), name=_checked_name(name), created_at=now, **fields)
    if password is not None:
        validate_password(password, user)
    user.set_password(password)
    user.save()
    record(user, "user.created", by=by, now=now, data={"email": user.email, "name": user.name})
    set_roles(user=user, roles=roles, by=by, now=now)
    return user


@transaction.atomic
def change_user(
    *,
    user: User,
    email: str,
    name: str,
    job_title: str,
    phone: str,
    by: User | None,
    now: datetime,
    version: int | None = None,
) -> User:
    """Change who ``user`` is; his sign-in follows the e-mail."""
    user = _locked(user)
    check_administers(by, user)
    values = {
        "email": _checked_email(email, besides=user),
        "name": _checked_name(name),
        "job_title": job_title.strip(),
        "phone": phone.strip(),
    }
    write(user, "user.changed", values, by=by, now=now, version=version)
    return user


def _checked_email(email: str, *, besides: User | None = None) -> str:
    """``email`` as it is stored, in lower case; refuses one that is malformed or in use."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused("Enter an e-mail address such as name@example.com.", field="email") from error
    if User.objects.filter(email=email).exclude(pk__in=[besides.pk] if besides else []).exists():
        raise Refused("Somebody already signs in with this e-mail.", field="email")
    return email


def _checked_name(name: str) -> str:
    if not name.strip():
        raise Refused("Enter a name.", field="name")
    return name.strip()


@transaction.atomic
def set_roles(*, user: User, roles: Collection[Role], by: User | None, now: datetime) -> None:
    """Give ``user`` exactly ``roles``, and the groups that carry their permissions.

    Refused for oneself, for what ``by`` lacks, for taking Administrator from the last who has it, and
    while work is open that he could not do any more.
    """
    _locked(user)
    held = access_of(user).permissions
    before = {role.pk: role.name for role in user.roles.all()}
    after = {role.pk: role.name for role in roles}
    if before == after:
        return
    check_administers(by, user)
    for role in roles:
        if role.pk not in before:
            check_grant(by, levels_of(role), all_records=role.all_records, field="roles")
    stays_administrator = any(role.code == ADMINISTRATOR for role in roles)
    if not stays_administrator:
        _check_not_last_administrator(user, "take the role Administrator from")
    UserRole.objects.filter(user=user).exclude(role__in=after).delete()
    UserRole.objects.bulk_create([UserRole(user=user, role=role) for role in roles], ignore_conflicts=True)
    user.groups.set([role.group_id for role in roles])
    _check_work_stays_possible(user, held - access_of(user).permissions)
    # The flag passes every check of Django's, so it may not outlive the role. The version rises, so that
    # a form from before this change cannot give the old roles back.
    user.is_superuser = user.is_superuser and stays_administrator
    User.objects.filter(pk=user.pk).update(is_superuser=user.is_superuser, version=F("version") + 1)
    record(
        user,
        "user.roles_changed",
        by=by,
        now=now,
        data={"roles": [sorted(before.values()), sorted(after.values())]},
    )


def _locked(user: User) -> User:
    """``user`` as he is stored, locked, after the lock that all changes of users take first.

    One change at a time: two administrators could otherwise remove each other, or wait for each other.
    """
    list(Role.objects.select_for_update().filter(code=ADMINISTRATOR).values_list("pk"))
    return locked(user)


def _check_not_last_administrator(user: User, doing: str) -> None:
    """Refuse to ``doing`` the last user who can sign in as administrator."""
    able = User.objects.filter(user_roles__role__code=ADMINISTRATOR, is_active=True, suspended_at=None)
    able = able.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    ids = set(able.values_list("pk", flat=True))
    if ids == {user.pk}:
        raise Refused(f"You cannot {doing} {user}: nobody else could administer this installation.")


@transaction.atomic
def suspend(*, user: User, by: User | None, now: datetime) -> User:
    """End the access of ``user`` at once; the work stays his. His sessions end with the next request."""
    user = _locked(user)
    check_administers(by, user)
    if not user.is_active:
        raise Refused(f"{user} is deactivated already.")
    if user.suspended_at is not None:
        raise Refused(f"{user} is suspended already.")
    _check_not_last_administrator(user, "suspend")
    values = {"suspended_at": now}
    write(user, "user.suspended", values, by=by, now=now)
    _end_sessions(user)
    return user


@transaction.atomic
def deactivate(*, user: User, by: User | None, now: datetime) -> User:
    """Close the account of somebody who left; refused while work is still his."""
    user = _locked(user)
    check_administers(by, user)
    if not user.is_active:
        raise Refused(f"{user} is deactivated already.")
    _check_not_last_administrator(user, "deactivate")
    if work := open_work(user, now=now):
        raise Refused(f"You cannot deactivate {user} yet: {' '.join(work)} Hand this over first.")
    values = {"is_active": False, "deactivated_at": now}
    write(user, "user.deactivated", values, by=by, now=now)
    _end_sessions(user)
    return user


def _check_work_stays_possible(user: User, lost: Collection[str]) -> None:
    if work := [line for ask in wired("OPEN_WORK") for line in ask(user, without=lost)]:
        raise Refused(
            f"You cannot take these roles from {user} yet: {' '.join(work)} Hand this over first.",
            field="roles",
        )


@transaction.atomic
def restore(*, user: User, by: User | None, now: datetime) -> User:
    """Open the account of a suspended or deactivated user again, with the roles he had."""
    user = _locked(user)
    check_administers(by, user)
    if user.can_sign_in:
        raise Refused(f"{user} has access already.")
    values = {"is_active": True, "deactivated_at": None, "suspended_at": None}
    write(user, "user.restored", values, by=by, now=now)
    return user


def open_work(user: User, *, now: datetime) -> list[str]:
    """Sentences about what is still his: teams he leads, people he stands in for, and what upper apps say."""
    led = Team.objects.filter(lead=user).values_list("name", flat=True)
    found = [f"Lead of the team {name}." for name in led]
    away = Absence.objects.filter(substitute=user, cancelled_at=None).exclude(ends_on__lt=today_at(now))
    found += [f"Stands in for {absence.user}." for absence in away.select_related("user")]
    for ask in wired("OPEN_WORK"):
        found += ask(user)
    return found


def _end_sessions(user: User) -> None:
    """No session of ``user`` is valid any more, not even after his access is restored."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)


@transaction.atomic
def set_password(*, user: User, password: str, by: User | None, now: datetime) -> User:
    """Give ``user`` a new password; his sessions end. Raises ``ValidationError`` for a weak one."""
    user = _locked(user)
    check_administers(by, user)
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    record(user, "user.password_set", by=by, now=now)
    return user


@transaction.atomic
def change_password(*, user: User, password: str, by: User, now: datetime) -> User:
    """Let ``user`` give himself a new password; his sessions end, and the caller keeps the one he is in.

    Whether he knows the present one the caller has found out (:mod:`accounts.sign_in` counts the wrong ones).
    """
    if by.pk != user.pk:
        raise Denied("You can change your own password only.")
    user = _locked(user)
    if user.check_password(password):
        raise Refused("Choose another password than the present one.", field="password")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password") from error
    user.set_password(password)
    user.save(update_fields=["password"])
    record(user, "user.password_changed", by=by, now=now)
    return user


@transaction.atomic
def create_superuser(*, email: str, password: str | None, now: datetime, **fields: Any) -> User:
    """The first administrator, from the command line: Administrator role, no checks of ``by``.

    Raises ``ValidationError`` where the command is refused, which is what it shows without a traceback.
    """
    role = Role.objects.get(code=ADMINISTRATOR)
    fields.setdefault("name", email)
    fields.setdefault("is_superuser", True)
    try:
        return create_user(email=email, password=password, roles=[role], by=None, now=now, **fields)
    except Refused as refused:
        raise ValidationError(refused.message) from refused


@transaction.atomic
def set_theme(*, user: User, theme: str, by: User, now: datetime) -> None:
    """Store how ``user`` wants pages coloured; his own taste, so no journal entry."""
    if theme not in Theme.values:
        raise Refused("Choose light, dark or like the device.", field="theme")
    User.objects.filter(pk=user.pk).update(theme=theme)
    user.theme = theme


@transaction.atomic
def set_letter_keys(*, user: User, letter_keys: str, by: User, now: datetime) -> None:
    """Store whether single letters are shortcuts for ``user``, "on" or "off"; his own taste."""
    if letter_keys not in ("on", "off"):
        raise Refused("Switch the keys on or off.", field="letter_keys")
    User.objects.filter(pk=user.pk).update(letter_keys=letter_keys == "on")
    user.letter_keys = letter_keys == "on"
