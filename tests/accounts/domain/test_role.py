"""Roles: what they grant, who may change that, and how groups and shipped roles stay in step."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import functions
from accounts.domain import role as domain
from accounts.domain.role import change_role, create_role, people_with, set_levels, sync_roles
from accounts.functions import FUNCTIONS, SHIPPED_ROLES, Function, permission_labels
from accounts.models import JobFunction, Level, Role, RoleFunction, User
from activity.models import Entry
from core.errors import Changed, Refused
from tests.factories import NOW, UserFactory

pytestmark = pytest.mark.django_db


def granted(role: Role) -> set[str]:
    rows = role.group.permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


def have(user: User, role: Role) -> User:
    user.user_roles.create(role=role)
    user.groups.add(role.group)
    return user


@pytest.fixture
def clerk() -> Role:
    """A role made by an administrator."""
    return create_role(name="Clerk", levels={"order_entry": 2, "credit": 1, "export": 0}, by=None, now=NOW)


def test_a_role_grants_its_levels_with_the_lower_ones(clerk: Role) -> None:
    assert granted(clerk) == {
        "orders.view_salesorder",
        "catalog.view_item",
        "orders.add_salesorder",
        "orders.change_salesorder",
        "crm.view_credit",
    }
    told = Entry.objects.get(verb="role.created").data
    assert told == {"name": "Clerk", "levels": {"order_entry": 2, "credit": 1}, "all_records": False}


def test_levels_change_for_everybody_at_once(clerk: Role, admin: User) -> None:
    user = have(UserFactory(), clerk)
    have(UserFactory(is_active=False, deactivated_at=NOW), clerk)
    assert people_with(clerk) == 1
    set_levels(role=clerk, levels={"order_entry": 3}, by=admin, now=NOW)
    user = User.objects.get(pk=user.pk)
    assert user.has_perm("orders.cancel_salesorder")
    assert not user.has_perm("crm.view_credit")
    assert Entry.objects.get(verb="role.changed").data == {
        "level:order_entry": [2, 3],
        "level:credit": [1, 0],
    }


@pytest.mark.parametrize("levels", [{"nonsense": 1}, {"credit": 4}, {"credit": -1}])
def test_unknown_functions_and_levels_are_refused(levels: dict[str, int]) -> None:
    with pytest.raises(Refused) as refused:
        create_role(name="Odd", levels=levels, by=None, now=NOW)
    assert refused.value.field == "levels"
    assert not Role.objects.filter(name="Odd").exists()


@pytest.mark.parametrize("name", ["", "  ", "Credit", "credit"])
def test_an_empty_or_taken_name_is_refused(name: str) -> None:
    with pytest.raises(Refused) as refused:
        create_role(name=name, levels={}, by=None, now=NOW)
    assert refused.value.field == "name"
    assert Group.objects.count() == Role.objects.count()


@pytest.fixture
def officer() -> User:
    """Holds user administration and customer maintenance (edit) on own records, credit (view) on all."""
    own = create_role(name="Own", levels={"user_admin": 3, "customer_maintenance": 2}, by=None, now=NOW)
    wide = create_role(name="Wide", levels={"credit": 1}, all_records=True, by=None, now=NOW)
    return have(have(UserFactory(), own), wide)


@pytest.mark.parametrize(
    ("levels", "all_records", "missing"),
    [
        ({"order_entry": 1}, False, "Order entry (view)"),
        ({"customer_maintenance": 3}, False, "Customer maintenance (manage)"),
        ({"customer_maintenance": 2}, True, "Customer maintenance (edit, all records)"),
        ({"credit": 2}, True, "Credit (edit, all records)"),
        ({"credit": 1, "export": 1}, False, "Export (view)"),
    ],
)
def test_nobody_makes_a_role_beyond_his_rights(
    officer: User, clerk: Role, levels: dict[str, int], all_records: bool, missing: str
) -> None:
    with pytest.raises(Refused, match="do not have yourself") as refused:
        create_role(name="More", levels=levels, all_records=all_records, by=officer, now=NOW)
    assert missing in refused.value.message
    less = create_role(name="Less", levels={"credit": 1}, all_records=True, by=officer, now=NOW)
    with pytest.raises(Refused, match="do not have yourself"):
        set_levels(role=less, levels=levels | {"order_entry": 1}, by=officer, now=NOW)
    assert granted(less) == {"crm.view_credit"}


def test_all_records_alone_is_a_right_too() -> None:
    narrow = create_role(name="Own", levels={"user_admin": 3}, by=None, now=NOW)
    by = have(UserFactory(), narrow)
    with pytest.raises(Refused, match="all records"):
        create_role(name="Wide", levels={}, all_records=True, by=by, now=NOW)


def test_nobody_lowers_what_he_could_not_grant(officer: User, clerk: Role) -> None:
    with pytest.raises(Refused, match="do not have yourself"):
        set_levels(role=clerk, levels={}, by=officer, now=NOW)
    assert "orders.add_salesorder" in granted(clerk)


def test_nobody_changes_a_role_of_his_own(officer: User) -> None:
    own = Role.objects.get(name="Own")
    with pytest.raises(Refused, match="You have the role Own yourself"):
        set_levels(role=own, levels={"user_admin": 3}, by=officer, now=NOW)


def test_administrator_always_grants_everything(admin: User) -> None:
    role = Role.objects.get(code="administrator")
    for by in (admin, None):
        with pytest.raises(Refused, match="always grants everything"):
            set_levels(role=role, levels={"user_admin": 3}, by=by, now=NOW)


def test_a_change_based_on_an_old_version_is_refused(clerk: Role, admin: User) -> None:
    set_levels(role=clerk, levels={"credit": 1}, by=admin, now=NOW)
    fields = {
        "role": clerk,
        "name": "Clerk",
        "description": "",
        "all_records": False,
        "by": admin,
        "now": NOW,
    }
    with pytest.raises(Changed):
        change_role(levels={"credit": 2}, version=1, **fields)
    change_role(levels={"credit": 2}, version=2, **fields)
    assert granted(clerk) == {"crm.view_credit", "crm.change_credit"}


# --- in step with the code


def test_every_permission_of_the_code_exists() -> None:
    names = {name for function in FUNCTIONS for name in function.permissions(Level.MANAGE)}
    rows = Permission.objects.values_list("content_type__app_label", "codename")
    assert names <= {f"{app}.{codename}" for app, codename in rows}
    assert permission_labels() == {"accounts", "catalog", "crm", "events", "orders"}


def test_syncing_again_changes_nothing_and_costs_little() -> None:
    before = {role.pk: granted(role) for role in Role.objects.all()}
    levels = set(RoleFunction.objects.values_list("pk", "role", "function", "level"))
    with CaptureQueriesContext(connection) as captured:
        sync_roles()
    assert {role.pk: granted(role) for role in Role.objects.all()} == before
    assert set(RoleFunction.objects.values_list("pk", "role", "function", "level")) == levels
    assert len(captured) <= 12


def test_syncing_repairs_groups_and_keeps_what_administrators_changed(clerk: Role, admin: User) -> None:
    rep = Role.objects.get(code="sales_rep")
    set_levels(role=rep, levels={"order_entry": 1}, by=admin, now=NOW)
    rep.group.permissions.clear()
    clerk.group.permissions.add(Permission.objects.get(codename="administer_users"))
    call_command("migrate", verbosity=0)
    assert granted(rep) == {"orders.view_salesorder", "catalog.view_item"}
    assert "accounts.administer_users" not in granted(clerk)


def test_a_new_job_function_reaches_the_shipped_roles(monkeypatch: pytest.MonkeyPatch, admin: User) -> None:
    rep = Role.objects.get(code="sales_rep")
    set_levels(role=rep, levels={"order_entry": 1}, by=admin, now=NOW)
    new = Function("units", "Units", "Units of items.", view=("catalog.delete_item",))
    monkeypatch.setattr(domain, "FUNCTIONS", (*FUNCTIONS, new))
    monkeypatch.setitem(functions.BY_CODE, "units", new)
    for shipped in SHIPPED_ROLES:
        if shipped.code in ("administrator", "sales_rep"):
            monkeypatch.setitem(shipped.levels, "units", Level.VIEW)
    sync_roles()
    assert JobFunction.objects.filter(code="units").exists()
    assert granted(rep) == {"orders.view_salesorder", "catalog.view_item", "catalog.delete_item"}
    assert "catalog.delete_item" in granted(Role.objects.get(code="administrator"))
    assert "catalog.delete_item" not in granted(Role.objects.get(code="credit"))
    set_levels(role=rep, levels={}, by=admin, now=NOW)
    sync_roles()
    assert granted(rep) == set(), "only once: afterwards the levels are the administrators'"
