"""Customers as rows, and the figures at the head of a customer's page."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse

from crm.models import Action, Customer, CustomerFacts
from ui.blocks import Tile
from ui.tables import Column, Table
from ui.templatetags.ui import day, money_short

STATUS_CHIPS = {
    Customer.Status.PROSPECT: ("info", "person-plus"),
    Customer.Status.ACTIVE: ("ok", "check-circle"),
    Customer.Status.ON_HOLD: ("warn", "pause-circle"),
    Customer.Status.INACTIVE: ("", "moon"),
    Customer.Status.CLOSED: ("", "x-circle"),
}

CUSTOMERS = Table(
    caption="Customers",
    order="name",
    columns=(
        Column("name", "Customer", cell="crm/cells/customer.html", sort="name", card="a", css="two"),
        Column("status", "Status", cell="crm/cells/customer_status.html", card="b"),
        Column("tier", "Tier", cell="crm/cells/tier.html"),
        Column("owner", "Owner", cell="crm/cells/owner.html"),
        Column(
            "last_order",
            "Last order",
            cell="crm/cells/last_order.html",
            sort="facts__last_order_on",
            descending_first=True,
            css="two tn",
        ),
        Column("order_rhythm", "Order rhythm", cell="crm/cells/rhythm.html", card="c"),
        Column("sales", "Sales, 12 m", cell="crm/cells/sales.html", numeric=True, css="fw-5"),
        Column("live_actions", "Follow-ups", cell="crm/cells/follow_ups.html", card="d"),
    ),
)


def facts_tiles(customer: Customer, *, today: date, open_actions: Sequence[Action]) -> list[Tile]:
    """Sales, orders, last contact and follow-ups of one customer."""
    facts: CustomerFacts | None = getattr(customer, "facts", None)
    return [
        _sales(customer, facts),
        _orders(facts),
        _contact(facts, today),
        _follow_ups(customer, open_actions, today),
    ]


def _sales(customer: Customer, facts: CustomerFacts | None) -> Tile:
    now, before = (facts.sales_365, facts.sales_365_before) if facts else (Decimal(0), Decimal(0))
    unit = tone = icon = ""
    if before > 0:
        change = round((now - before) / before * 100)
        unit, icon = f"{abs(change):,}%", "arrow-down" if change < 0 else "arrow-up"
        tone = "danger" if change < 0 else "ok"
    context = (
        f"{money_short(before, customer.currency)} the year before" if before else "Nothing the year before"
    )
    return Tile("Sales, 12 months", money_short(now, customer.currency), unit, tone, icon, context)


def _orders(facts: CustomerFacts | None) -> Tile:
    if facts is None or not facts.orders_total:
        return Tile("Orders, 12 months", "0", context="None yet")
    returns = f", {facts.returns_365} returned" if facts.returns_365 else ""
    return Tile(
        "Orders, 12 months", f"{facts.orders_365:,}", context=f"{facts.orders_total:,} in all{returns}"
    )


def _contact(facts: CustomerFacts | None, today: date) -> Tile:
    if facts is None or facts.last_contact_on is None:
        return Tile("Last contact", "None", context="None logged")
    days = (today - facts.last_contact_on).days
    value = "Today" if days <= 0 else f"{days:,}"
    return Tile(
        "Last contact",
        value,
        "" if days <= 0 else "days ago" if days > 1 else "day ago",
        context=day(facts.last_contact_on),
    )


def _follow_ups(customer: Customer, actions: Sequence[Action], today: date) -> Tile:
    late = sum(action.due_on < today for action in actions)
    url = f"{reverse('crm:followups')}?{urlencode({'customer': customer.pk})}"
    unit, icon = (f"{late} overdue", "exclamation-circle") if late else ("", "")
    context = f"Next due {day(min(a.due_on for a in actions))}" if actions else "Nothing to do"
    return Tile("Open follow-ups", str(len(actions)), unit, "danger" if late else "", icon, context, url)
