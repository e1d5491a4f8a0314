"""Customers as rows, and the figures at the head of a customer's page."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core.routes import page_url
from crm.models import Action, Customer, CustomerFacts
from crm.tables.rhythm import rhythm_of
from ui.blocks import Tile
from ui.tables import Column, Table
from ui.templatetags.ui import avatar, chip, days_since, money_short, short_day, told_day

STATUS_CHIPS = {
    Customer.Status.PROSPECT: ("info", "person-plus"),
    Customer.Status.ACTIVE: ("ok", "check-circle"),
    Customer.Status.ON_HOLD: ("warn", "pause-circle"),
    Customer.Status.INACTIVE: ("", "moon"),
    Customer.Status.CLOSED: ("", "x-circle"),
}

Page = Mapping[str, Any]  # what the page passes on to cells


def status_chip(customer: Customer) -> SafeString:
    """The customer's status as icon and word."""
    return chip(customer.get_status_display(), *STATUS_CHIPS[Customer.Status(customer.status)])


def _name_cell(row: Customer, page: Page) -> SafeString:
    return format_html(
        '<a class="link-strong" href="{}">{}</a><small>{}{}</small>',
        row.get_absolute_url(),
        row.name,
        row.number,
        f", {row.city}" if row.city else "",
    )


def _tier_cell(row: Customer, page: Page) -> SafeString:
    return format_html('<span class="{}">{}</span>', "tier a" if row.tier == "A" else "tier", row.tier)


def _last_order_cell(row: Customer, page: Page) -> SafeString:
    facts: CustomerFacts | None = getattr(row, "facts", None)
    if facts is None or facts.last_order_on is None:
        return mark_safe('<span class="t3">None</span>')
    ago = days_since(facts.last_order_on, page["today"])
    return format_html("{}<small>{}</small>", ago, short_day(facts.last_order_on, page["today"]))


def _rhythm_cell(row: Customer, page: Page) -> SafeString | str:
    rhythm = rhythm_of(getattr(row, "facts", None), today=page["today"])
    if rhythm is None:
        return ""
    return format_html(
        '<span class="rhythm-cell">{}<span><b>{}x</b> of {} d</span></span>',
        rhythm.drawn(quiet=True),
        rhythm.times,
        rhythm.usual,
    )


def _sales_cell(row: Customer, page: Page) -> SafeString | str:
    facts: CustomerFacts | None = getattr(row, "facts", None)
    if facts is None or not facts.sales_365:
        return mark_safe('<span class="t3">0</span>')
    return money_short(facts.sales_365, row.currency)


def _follow_ups_cell(row: Any, page: Page) -> SafeString:
    """The numbers that the list has counted; none for users without the function."""
    if not getattr(row, "open_actions", 0):
        return mark_safe('<span class="t3 not-on-card">0</span>')
    late = format_html(' <b class="c-danger">{} late</b>', row.late_actions) if row.late_actions else ""
    return format_html(
        '<a class="nowrap tn" href="{}?customer={}">{} open{}</a>',
        page_url("crm:followups"),
        row.pk,
        row.open_actions,
        late,
    )


CUSTOMERS = Table(
    caption="Customers",
    order="name",
    columns=(
        Column("name", "Customer", cell=_name_cell, sort="sort_name", card="a", css="two"),
        Column("status", "Status", cell=lambda row, page: status_chip(row), card="b"),
        Column("tier", "Tier", cell=_tier_cell),
        Column("owner", "Owner", cell=lambda row, page: avatar(row.owner)),
        Column(
            "last_order",
            "Last order",
            cell=_last_order_cell,
            sort="facts__last_order_on",
            descending_first=True,
            css="two tn",
        ),
        Column("order_rhythm", "Order rhythm", cell=_rhythm_cell, card="c"),
        Column("sales", "Sales, 12 m", cell=_sales_cell, numeric=True, css="fw-5"),
        Column("follow_ups", "Follow-ups", cell=_follow_ups_cell, card="d"),
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
        context=short_day(facts.last_contact_on, today),
    )


def _follow_ups(customer: Customer, actions: Sequence[Action], today: date) -> Tile:
    late = sum(action.due_on < today for action in actions)
    url = f"{reverse('crm:followups')}?{urlencode({'customer': customer.pk})}"
    unit, icon = (f"{late} overdue", "exclamation-circle") if late else ("", "")
    context = f"Next due {told_day(min(a.due_on for a in actions), today)}" if actions else "Nothing to do"
    return Tile("Open follow-ups", str(len(actions)), unit, "danger" if late else "", icon, context, url)
