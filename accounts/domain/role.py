"""Roles: made and changed by administrators; their groups and the shipped ones kept in step."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import uuid4

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.domain.editing import check_name, locked, write
from accounts.domain.rights import ADMINISTRATOR, check_grant, levels_of
from accounts.functions import BY_CODE, FUNCTIONS, SHIPPED_ROLES
from accounts.models import JobFunction, Level, Role, RoleFunction, User, UserRole
from activity.domain import changes, record
from core.errors import Refused
from core.permissions import permissions_named


@transaction.atomic
def create_role(
    *,
    name: str,
    levels: Mapping[str, int],
    by: User | None,
    now: datetime,
    description: str = "",
    all_records: bool = False,
) -> Role:
    """A new role with ``levels`` (code of a job function to level; absent or 0 means none).

    Raises ``Refused`` for a taken name and for rights that ``by`` lacks himself.
    """
    levels = _checked(levels)
    check_grant(by, levels, all_records=all_records, field="levels")
    role = Role.objects.create(
        name=check_name(name, Role),
        description=description.strip(),
        all_records=all_records,
        group=Group.objects.create(name=f"role:{uuid4().hex}"),
    )
    _store_levels(role, levels)
    record(
        role,
        "role.created",
        by=by,
        now=now,
        data={"name": role.name, "levels": levels, "all_records": all_records},
    )
    return role


@transaction.atomic
def change_role(
    *,
    role: Role,
    name: str,
    description: str,
    all_records: bool,
    levels: Mapping[str, int],
    by: User | None,
    now: datetime,
    version: int | None = None,
) -> Role:
    """Change what ``role`` is called and grants; holds for everybody who has it, from his next request.

    Refused for Administrator, which always grants everything, for a role that ``by`` has himself, and
    where it grants or would grant more than he holds.
    """
    role = locked(role)
    before, after = levels_of(role), _checked(levels)
    if (before, role.all_records) != (after, all_records):
        _check_may_change(role, before, by)
    check_grant(by, after, all_records=all_records, field="levels")
    values = {
        "name": check_name(name, Role, besides=role),
        "description": description.strip(),
        "all_records": all_records,
    }
    moved = {code: [before.get(code, 0), after.get(code, 0)] for code in sorted(before.keys() | after.keys())}
    also = {f"level:{code}": pair for code, pair in moved.items() if pair[0] != pair[1]}
    write(role, "role.changed", values, by=by, now=now, version=version, also=also)
    if also:
        _store_levels(role, after)
    return role


def set_levels(*, role: Role, levels: Mapping[str, int], by: User | None, now: datetime) -> Role:
    """Change only the levels of ``role``; see :func:`change_role`."""
    return change_role(
        role=role,
        name=role.name,
        description=role.description,
        all_records=role.all_records,
        levels=levels,
        by=by,
        now=now,
    )


def _checked(levels: Mapping[str, int]) -> dict[str, int]:
    """``levels`` without the empty ones; refuses what is no job function or no level."""
    for code, level in levels.items():
        if code not in BY_CODE or level not in (0, *Level.values):
            raise Refused("Choose a level for each job function.", field="levels")
    return {code: int(level) for code, level in levels.items() if level}


def _check_may_change(role: Role, levels: Mapping[str, int], by: User | None) -> None:
    if role.code == ADMINISTRATOR:
        raise Refused("The role Administrator always grants everything. Make another role for less.")
    if by is not None and role.user_roles.filter(user=by).exists():
        raise Refused(
            f"You have the role {role} yourself: ask another administrator to change what it grants."
        )
    check_grant(by, levels, all_records=role.all_records, field="levels")


def _store_levels(role: Role, levels: Mapping[str, int]) -> None:
    functions = JobFunction.objects.in_bulk(list(levels), field_name="code")
    role.functions.all().delete()
    rows = [RoleFunction(role=role, function=functions[code], level=level) for code, level in levels.items()]
    RoleFunction.objects.bulk_create(rows)
    sync_group(role)


def people_with(role: Role) -> int:
    """How many people a change of ``role`` concerns: its users who are not deactivated."""
    return UserRole.objects.filter(role=role, user__is_active=True).count()


@transaction.atomic
def sync_roles() -> None:
    """Bring job functions, shipped roles and the groups of all roles in step with the code.

    Runs after each migration. Shipped roles are created with their shipped levels once; afterwards
    their levels belong to the administrators, except that a job function which is new to this
    installation gets its shipped levels, and that Administrator always grants everything: otherwise
    nobody could give a new function to anybody.
    """
    new = _sync_functions()
    roles = {role.code: role for role in Role.objects.exclude(code=None)}
    functions = JobFunction.objects.in_bulk([function.code for function in FUNCTIONS], field_name="code")
    for shipped in SHIPPED_ROLES:
        fresh = shipped.code not in roles
        role = roles.get(shipped.code) or Role.objects.create(
            code=shipped.code,
            name=shipped.name,
            description=shipped.description,
            all_records=shipped.all_records,
            group=Group.objects.create(name=f"role:{shipped.code}"),
        )
        is_whole = fresh or shipped.code == ADMINISTRATOR
        added = {code: level for code, level in shipped.levels.items() if is_whole or code in new}
        rows = [
            RoleFunction(role=role, function=functions[code], level=level) for code, level in added.items()
        ]
        RoleFunction.objects.bulk_create(rows, ignore_conflicts=True)
    _sync_groups(Role.objects.all())


def _sync_functions() -> set[str]:
    """Write the job functions of the code; the codes of those that were not there before."""
    rows = JobFunction.objects.in_bulk(field_name="code")
    for position, function in enumerate(FUNCTIONS):
        values = {"label": function.label, "description": function.description, "position": position}
        row = rows.get(function.code)
        if row is None:
            JobFunction.objects.create(code=function.code, **values)
        elif changes({name: getattr(row, name) for name in values}, values):
            JobFunction.objects.filter(pk=row.pk).update(**values)
    return {function.code for function in FUNCTIONS} - rows.keys()


def sync_group(role: Role) -> None:
    """Give the role's group exactly the permissions of its levels."""
    _sync_groups([role])


def _sync_groups(roles: Iterable[Role]) -> None:
    """The groups of ``roles`` carry exactly their permissions; five queries when nothing is out of step."""
    ids = {name: row.pk for name, row in permissions_named(_names(BY_CODE, Level.MANAGE)).items()}
    groups = {role.pk: role.group_id for role in roles}
    wanted: set[tuple[int, int]] = set()
    levels = RoleFunction.objects.filter(role__in=groups).values_list("role", "function__code", "level")
    for role_id, code, level in levels:
        wanted |= {(groups[role_id], ids[name]) for name in _names([code], level)}
    table = Group.permissions.through.objects
    stored = table.filter(group__in=groups.values())
    pairs = {(row.group_id, row.permission_id): row.pk for row in stored}
    table.filter(pk__in=[pk for pair, pk in pairs.items() if pair not in wanted]).delete()
    table.bulk_create(
        [
            table.model(group_id=group, permission_id=permission)
            for group, permission in sorted(wanted - pairs.keys())
        ]
    )


def _names(codes: Iterable[str], level: int) -> set[str]:
    """The permissions of the job functions at ``level``; none for a code that the program no longer has."""
    return {name for code in codes if code in BY_CODE for name in BY_CODE[code].permissions(level)}
