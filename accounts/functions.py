"""Job functions and shipped roles, as an auditor can read them.

A job function is a piece of work; each level permits what it names and what the levels below permit.
Permissions are Django's, ``app.codename``.
"""

from dataclasses import dataclass

from accounts.models.role import Level


@dataclass(frozen=True)
class Function:
    """A job function: its code, label, one sentence, and the permissions of its three levels."""

    code: str
    label: str
    description: str
    view: tuple[str, ...] = ()
    edit: tuple[str, ...] = ()
    manage: tuple[str, ...] = ()

    def permissions(self, level: int) -> set[str]:
        """What ``level`` permits, lower levels included."""
        names = set(self.view)
        if level >= Level.EDIT:
            names |= set(self.edit)
        if level >= Level.MANAGE:
            names |= set(self.manage)
        return names


@dataclass(frozen=True)
class ShippedRole:
    """A role that every installation has: its levels until an administrator changes them."""

    code: str
    name: str
    description: str
    levels: dict[str, Level]
    all_records: bool = False


FUNCTIONS = (
    Function(
        "customer_maintenance",
        "Customer maintenance",
        "Customers, contacts and communications.",
        view=("crm.view_customer", "crm.view_contact", "crm.view_communication"),
        edit=(
            "crm.add_customer",
            "crm.change_customer",
            "crm.add_contact",
            "crm.change_contact",
            "crm.add_communication",
        ),
        manage=("crm.assign_owner", "crm.share_customer", "crm.archive_customer"),
    ),
    Function(
        "follow_ups",
        "Follow-ups",
        "Own follow-ups: complete, snooze, hand over.",
        view=("crm.view_action",),
        edit=("crm.add_action", "crm.change_action"),
    ),
    Function(
        "order_entry",
        "Order entry",
        "Sales orders and returns.",
        view=("orders.view_salesorder", "catalog.view_item"),
        edit=("orders.add_salesorder", "orders.change_salesorder"),
        manage=("orders.cancel_salesorder",),
    ),
    Function(
        "catalog",
        "Catalog",
        "Items.",
        view=("catalog.view_item",),
        edit=("catalog.add_item", "catalog.change_item"),
    ),
    Function(
        "credit",
        "Credit",
        "Credit limits and credit holds of customers.",
        view=("crm.view_credit",),
        edit=("crm.change_credit",),
    ),
    Function(
        "crm_management",
        "CRM management",
        "The screens Event, Status and Follow-up Override.",
        view=("events.view_event", "events.view_status", "events.view_override"),
        edit=("events.change_event", "events.override_team"),
        manage=(
            "events.activate_event",
            "events.release_held",
            "events.view_status_all",
            "events.override_any",
            "events.export_followups",
            "accounts.change_absence",  # an override for somebody who is away enters the absence
        ),
    ),
    Function(
        "import",
        "Import",
        "Reading orders and records from files.",
        view=("orders.view_import",),
        edit=("orders.import_orders",),
    ),
    Function("export", "Export", "Taking lists out of the system.", view=("crm.export_customer",)),
    Function(
        "user_admin",
        "User administration",
        "Users, roles, teams, territories and absences.",
        view=("accounts.view_user", "accounts.view_role", "accounts.view_team"),
        edit=("accounts.change_absence",),
        manage=(
            "accounts.administer_users",
            "accounts.add_user",
            "accounts.change_user",
            "accounts.add_role",
            "accounts.change_role",
            "accounts.add_team",
            "accounts.change_team",
            "accounts.view_territory",
            "accounts.add_territory",
            "accounts.change_territory",
            "accounts.view_absence",
            "accounts.add_absence",
            "accounts.view_organisation",
            "accounts.change_organisation",
            "events.pause_system",
        ),
    ),
)

BY_CODE = {function.code: function for function in FUNCTIONS}

_V, _E, _M = Level.VIEW, Level.EDIT, Level.MANAGE

SHIPPED_ROLES = (
    ShippedRole(
        "administrator",
        "Administrator",
        "Runs the installation: everything.",
        {function.code: _M for function in FUNCTIONS},
        all_records=True,
    ),
    ShippedRole(
        "executive",
        "Executive",
        "Reads everything, management screens included.",
        {
            "customer_maintenance": _V,
            "follow_ups": _V,
            "order_entry": _V,
            "catalog": _V,
            "credit": _V,
            "crm_management": _V,
            "export": _V,
        },
        all_records=True,
    ),
    ShippedRole(
        "sales_manager",
        "Sales manager",
        "Leads sales teams: events, Status and Follow-up Override.",
        {
            "customer_maintenance": _M,
            "follow_ups": _E,
            "order_entry": _M,
            "catalog": _V,
            "credit": _V,
            "crm_management": _M,
            "import": _E,
            "export": _V,
        },
        all_records=True,
    ),
    ShippedRole(
        "account_manager",
        "Account manager",
        "Owns key customers.",
        {
            "customer_maintenance": _E,
            "follow_ups": _E,
            "order_entry": _E,
            "catalog": _V,
            "credit": _V,
            "export": _V,
        },
    ),
    ShippedRole(
        "sales_rep",
        "Sales rep",
        "Sells to own customers.",
        {"customer_maintenance": _E, "follow_ups": _E, "order_entry": _E, "catalog": _V},
    ),
    ShippedRole(
        "sales_support",
        "Sales support",
        "Prepares packages, quotes and orders for the teams.",
        {"customer_maintenance": _E, "follow_ups": _E, "order_entry": _E, "catalog": _E},
        all_records=True,
    ),
    ShippedRole(
        "credit",
        "Credit",
        "Watches limits and holds.",
        {"customer_maintenance": _V, "follow_ups": _E, "order_entry": _V, "catalog": _V, "credit": _E},
        all_records=True,
    ),
    ShippedRole(
        "read_only",
        "Read-only",
        "Reads customers, contacts and orders.",
        {"customer_maintenance": _V, "follow_ups": _V, "order_entry": _V, "catalog": _V},
        all_records=True,
    ),
)


def function_of(permission: str) -> Function | None:
    """The job function that grants ``permission``, for saying on a refusal what is missing."""
    for function in FUNCTIONS:
        if permission in function.permissions(Level.MANAGE):
            return function
    return None


def permission_labels() -> set[str]:
    """The apps whose permissions the job functions grant."""
    return {name.partition(".")[0] for function in FUNCTIONS for name in function.permissions(Level.MANAGE)}
