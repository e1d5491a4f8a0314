"""What is shown and known where: one file for the composition of every page.

Plain dotted paths, resolved by ``core.registry``; lower apps ask for an entry by name and so show what
upper apps contribute without importing them.
"""

# Journal verbs, one list per app.
VERBS = [
    "accounts.verbs.VERBS",
    "crm.verbs.VERBS",
    "catalog.verbs.VERBS",
    "orders.verbs.VERBS",
    "events.verbs.VERBS",
    "demo.verbs.VERBS",
]

# Fields that conditions of events may ask about.
CONDITION_FIELDS = ["crm.condition_fields.FIELDS"]

# Entries of the sidebar, in order (ui.navigation.Item).
NAVIGATION = [
    "crm.navigation.WORK",
    "crm.navigation.CUSTOMERS",
    "orders.navigation.SELLING",
    "events.navigation.MANAGEMENT",
    "accounts.navigation.ADMINISTRATION",
]

# Panels of detail pages: page name -> functions (request, object) -> ui.panels.Panel or None.
DETAIL_PANELS = {
    "crm.customer": ["orders.panels.customer_orders"],
}

# Where a record that the journal names has its page: the route by kind of record.
RECORD_ROUTES = {
    "crm.action": "crm:action",
    "crm.contact": "crm:contact",
    "orders.salesorder": "orders:order",
}

# Tiles of My day.
DASHBOARD_TILES: list[str] = []

# Questions of /readyz beside database and broker: functions () -> sentence of what is wrong, or "".
READINESS_CHECKS = ["events.domain.heartbeat.readiness"]

# What hears that an account is to be deactivated: functions (user) -> sentences of what is still his.
OPEN_WORK = ["crm.domain.action.open_work_of"]

# Policies of routes that other packages bring, by view name or ``namespace:*``.
FOREIGN_POLICIES = ["config.policies.FOREIGN"]

# What the interface asks of accounts, which stands above it: the verbs that store his choices, and the
# job function that grants a permission (for saying on a refusal what is missing).
SET_THEME = ["accounts.domain.user.set_theme"]
SET_LETTER_KEYS = ["accounts.domain.user.set_letter_keys"]
FUNCTION_OF = ["accounts.functions.function_of"]

# The task that looks at wake rows; sent when a transaction that wrote some commits.
WAKE_TASK = "events.tick"
