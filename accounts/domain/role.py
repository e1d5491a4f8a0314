"""Roles: keeping the shipped ones, their groups and permissions in step."""

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.functions import FUNCTIONS, SHIPPED_ROLES, Function, ShippedRole
from accounts.models import JobFunction, Role, RoleFunction
from core.permissions import permissions_named

BY_CODE = {function.code: function for function in FUNCTIONS}


@transaction.atomic
def sync_roles() -> None:
    """Bring job functions, shipped roles and the groups of all roles in step with the code.

    Runs after each migration. Shipped roles are created with their shipped levels once; afterwards
    their levels belong to the administrators, and only their groups are brought in step.
    """
    functions = _sync_functions()
    for shipped in SHIPPED_ROLES:
        _create_shipped(shipped, functions)
    for role in Role.objects.select_related("group"):
        sync_group(role)


def _sync_functions() -> dict[str, JobFunction]:
    rows = {}
    for position, function in enumerate(FUNCTIONS):
        values = {"label": function.label, "description": function.description, "position": position}
        rows[function.code], _ = JobFunction.objects.update_or_create(code=function.code, defaults=values)
    return rows


def _create_shipped(shipped: ShippedRole, functions: dict[str, JobFunction]) -> None:
    if Role.objects.filter(code=shipped.code).exists():
        return
    role = Role.objects.create(
        code=shipped.code,
        name=shipped.name,
        description=shipped.description,
        all_records=shipped.all_records,
        group=Group.objects.create(name=f"role:{shipped.code}"),
    )
    rows = [RoleFunction(role=role, function=functions[code], level=level) for code, level in shipped.levels.items()]
    RoleFunction.objects.bulk_create(rows)


def sync_group(role: Role) -> None:
    """Give the role's group exactly the permissions of its levels."""
    names: set[str] = set()
    for code, level in role.functions.values_list("function__code", "level"):
        function: Function | None = BY_CODE.get(code)
        names |= function.permissions(level) if function else set()
    role.group.permissions.set(permissions_named(names))
