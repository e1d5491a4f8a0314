"""Who may give which rights: nobody grants what he lacks, and nobody edits himself.

``by`` is None on the command line, where whoever may run commands owns the installation anyway.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from accounts.domain.scope import record_scope
from accounts.functions import BY_CODE
from accounts.models import Level, Role, RoleFunction, User
from core.errors import Refused

ADMINISTRATOR = "administrator"  # the role that always grants everything


@dataclass(frozen=True)
class Rights:
    """The highest level per job function: over all roles, and over the roles with all records."""

    own: Mapping[str, int]
    wide: Mapping[str, int]
    sees_all: bool = False

    def lacks(self, levels: Mapping[str, int], *, all_records: bool) -> list[str]:
        """What a role with ``levels`` grants beyond these rights, as the user reads it."""
        held = self.wide if all_records else self.own
        missing = [
            f"{label_of(code)} ({Level(level).label.lower()}{', all records' if all_records else ''})"
            for code, level in levels.items()
            if held.get(code, 0) < level
        ]
        return missing if missing or not all_records or self.sees_all else ["all records"]


def label_of(code: str) -> str:
    """The label of a job function; its code when the program no longer knows it."""
    return BY_CODE[code].label if code in BY_CODE else code


def rights_of(user: User) -> Rights:
    """What ``user`` holds through his roles; nothing while his access is closed."""
    if not user.can_sign_in:
        return Rights({}, {})
    roles = Role.objects.filter(user_roles__user=user)
    own: dict[str, int] = {}
    wide: dict[str, int] = {}
    rows = RoleFunction.objects.filter(role__in=roles)
    for code, level, all_records in rows.values_list("function__code", "level", "role__all_records"):
        own[code] = max(level, own.get(code, 0))
        if all_records:
            wide[code] = max(level, wide.get(code, 0))
    return Rights(own, wide, sees_all=roles.filter(all_records=True).exists())


def levels_of(role: Role) -> dict[str, int]:
    """The levels of ``role`` by the code of the job function."""
    return dict(role.functions.values_list("function__code", "level"))


def grantable_roles(by: User) -> list[Role]:
    """The roles that ``by`` may give: those that grant nothing beyond what he holds."""
    rights = rights_of(by)
    roles = Role.objects.prefetch_related("functions__function")
    return [
        role
        for role in roles
        if not rights.lacks(
            {row.function.code: row.level for row in role.functions.all()}, all_records=role.all_records
        )
    ]


def check_grant(by: User | None, levels: Mapping[str, int], *, all_records: bool, field: str) -> None:
    """Refuse to grant what ``by`` lacks himself."""
    if by is None:
        return
    if missing := rights_of(by).lacks(levels, all_records=all_records):
        raise Refused(f"You cannot grant what you do not have yourself: {', '.join(missing)}.", field=field)


def check_administers(by: User | None, user: User) -> None:
    """Refuse to change oneself, or somebody who holds more: his password would be the way to more."""
    if by is None:
        return
    if by.pk == user.pk:
        raise Refused("You cannot change your own account: ask another administrator.")
    rights = rights_of(by)
    for role in user.roles.all():
        if rights.lacks(levels_of(role), all_records=role.all_records):
            raise Refused(f"You cannot change {user}: the role {role} grants more than you have yourself.")


def administers(by: User, user: User) -> bool:
    """Whether ``by`` may change ``user``."""
    try:
        check_administers(by, user)
    except Refused:
        return False
    return True


def may_change_role(by: User, role: Role) -> bool:
    """Whether ``by`` may change what ``role`` grants: not Administrator, not his own, nothing he lacks."""
    if role.code == ADMINISTRATOR or role.user_roles.filter(user=by).exists():
        return False
    return not rights_of(by).lacks(levels_of(role), all_records=role.all_records)


def check_own_scope(by: User | None, before: set[int], after: set[int], what: str) -> None:
    """Refuse to join a ``what`` oneself, or to leave it: membership decides which records one sees."""
    if by is None or (by.pk in before) == (by.pk in after) or rights_of(by).sees_all:
        return
    raise Refused(f"You cannot add yourself to a {what} or take yourself out: ask another administrator.")


@contextmanager
def same_reach(by: User | None) -> Iterator[None]:
    """Refuse a change of a tree after which ``by`` would see other records, wherever in it he stands."""
    if by is None or rights_of(by).sees_all:
        yield
        return
    before = record_scope(by)
    yield
    if record_scope(by) != before:
        raise Refused("You cannot change which records you see yourself: ask another administrator.")
