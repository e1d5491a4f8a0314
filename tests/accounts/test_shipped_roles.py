"""What each shipped role may do: every permission of ours, role by role, as an exact set."""

import pytest

from accounts.models import Role
from tests.factories import UserFactory

CUSTOMERS_VIEW = {"crm.view_customer", "crm.view_contact", "crm.view_communication"}
CUSTOMERS_EDIT = CUSTOMERS_VIEW | {
    "crm.add_customer",
    "crm.change_customer",
    "crm.add_contact",
    "crm.change_contact",
    "crm.add_communication",
}
CUSTOMERS_MANAGE = CUSTOMERS_EDIT | {"crm.assign_owner", "crm.share_customer", "crm.archive_customer"}
WORK_VIEW = {"crm.view_action"}
WORK_EDIT = WORK_VIEW | {"crm.add_action", "crm.change_action"}
ORDERS_VIEW = {"orders.view_salesorder", "catalog.view_item"}
ORDERS_EDIT = ORDERS_VIEW | {"orders.add_salesorder", "orders.change_salesorder"}
ORDERS_MANAGE = ORDERS_EDIT | {"orders.cancel_salesorder"}
ITEMS_EDIT = {"catalog.view_item", "catalog.add_item", "catalog.change_item"}
CREDIT_VIEW = {"crm.view_credit"}
CREDIT_EDIT = CREDIT_VIEW | {"crm.change_credit"}
SCREENS_VIEW = {"events.view_event", "events.view_status", "events.view_override"}
SCREENS_MANAGE = SCREENS_VIEW | {
    "events.change_event",
    "events.override_team",
    "events.activate_event",
    "events.release_held",
    "events.view_status_all",
    "events.override_any",
    "events.export_followups",
    "accounts.change_absence",
}
IMPORT = {"orders.view_import", "orders.import_orders"}
EXPORT = {"crm.export_customer"}
USERS = {
    "accounts.view_user",
    "accounts.view_role",
    "accounts.view_team",
    "accounts.view_territory",
    "accounts.view_absence",
    "accounts.view_organisation",
    "accounts.administer_users",
    "accounts.add_user",
    "accounts.change_user",
    "accounts.add_role",
    "accounts.change_role",
    "accounts.add_team",
    "accounts.change_team",
    "accounts.add_territory",
    "accounts.change_territory",
    "accounts.add_absence",
    "accounts.change_absence",
    "accounts.change_organisation",
    "events.pause_system",
}

# Role: (sees all records, what it grants).
GRANTS = {
    "administrator": (
        True,
        CUSTOMERS_MANAGE
        | WORK_EDIT
        | ORDERS_MANAGE
        | ITEMS_EDIT
        | CREDIT_EDIT
        | SCREENS_MANAGE
        | IMPORT
        | EXPORT
        | USERS,
    ),
    "executive": (True, CUSTOMERS_VIEW | WORK_VIEW | ORDERS_VIEW | CREDIT_VIEW | SCREENS_VIEW | EXPORT),
    "sales_manager": (
        True,
        CUSTOMERS_MANAGE | WORK_EDIT | ORDERS_MANAGE | CREDIT_VIEW | SCREENS_MANAGE | IMPORT | EXPORT,
    ),
    "account_manager": (False, CUSTOMERS_EDIT | WORK_EDIT | ORDERS_EDIT | CREDIT_VIEW | EXPORT),
    "sales_rep": (False, CUSTOMERS_EDIT | WORK_EDIT | ORDERS_EDIT),
    "sales_support": (True, CUSTOMERS_EDIT | WORK_EDIT | ORDERS_EDIT | ITEMS_EDIT),
    "credit": (True, CUSTOMERS_VIEW | WORK_EDIT | ORDERS_VIEW | CREDIT_EDIT),
    "read_only": (True, CUSTOMERS_VIEW | WORK_VIEW | ORDERS_VIEW),
}

pytestmark = pytest.mark.django_db


def test_these_roles_are_shipped() -> None:
    assert set(Role.objects.values_list("code", flat=True)) == set(GRANTS)


@pytest.mark.parametrize("code", GRANTS)
def test_a_shipped_role_grants_exactly_this(code: str) -> None:
    user = UserFactory(roles=[code])
    assert (Role.objects.get(code=code).all_records, user.get_all_permissions()) == GRANTS[code]


@pytest.mark.parametrize("code", GRANTS)
def test_only_administrators_open_the_django_admin(code: str) -> None:
    assert UserFactory(roles=[code]).is_staff is (code == "administrator")
