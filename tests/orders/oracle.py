"""The facts by plain Python over plain rows: the judge of the incremental and the set-based way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any

from crm.models import CustomerFacts
from orders.models import SalesOrder


@dataclass(frozen=True)
class Trade:
    """One order that counts."""

    customer: int
    number: str
    placed_at: datetime
    placed_on: date
    total: Decimal
    returned: bool


def trades() -> list[Trade]:
    """All orders of the database that are not cancelled."""
    rows = SalesOrder.objects.filter(status="placed")
    return [
        Trade(row.customer_id, row.number, row.placed_at, row.placed_on, row.total, row.kind == "return")
        for row in rows
    ]


def half_up(value: Fraction, places: int = 0) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def own_median(days: list[date]) -> Fraction | None:
    """The median gap of at least four days, which are sorted."""
    if len(days) < 4:
        return None
    return Fraction(median([Fraction((after - before).days) for before, after in pairwise(days)]))


def expected_facts(
    kinds: Mapping[int, str], orders: Iterable[Trade], day: date, *, until: date | None = None
) -> dict[int, dict[str, Any]]:
    """Every fact but the last contact, by customer id, with windows that end on ``day``."""
    mine: dict[int, list[Trade]] = {customer: [] for customer in kinds}
    for order in orders:
        if until is None or order.placed_on <= until:
            mine[order.customer].append(order)
    days = {
        customer: sorted({order.placed_on for order in rows if not order.returned})
        for customer, rows in mine.items()
    }
    medians = {customer: own_median(found) for customer, found in days.items()}
    usual = {
        kind: half_up(
            Fraction(median([own for who, own in medians.items() if own is not None and kinds[who] == kind]))
        )
        for kind in set(kinds.values())
        if any(own is not None and kinds[who] == kind for who, own in medians.items())
    }
    return {
        customer: {
            **counts(rows, day),
            **rhythm(days[customer], medians[customer], usual.get(kinds[customer])),
        }
        for customer, rows in mine.items()
    }


def counts(rows: list[Trade], day: date) -> dict[str, Any]:
    sales = [row for row in rows if not row.returned]

    def window(chosen: list[Trade], oldest: int, youngest: int = 0) -> list[Trade]:
        return [row for row in chosen if youngest <= (day - row.placed_on).days < oldest]

    found: dict[str, Any] = {
        "first_order_on": min((row.placed_on for row in sales), default=None),
        "last_order_on": max((row.placed_on for row in sales), default=None),
        "last_order_number": max(sales, key=lambda row: (row.placed_at, row.number)).number if sales else "",
        "order_days": len({row.placed_on for row in sales}),
        "returns_365": len(window([row for row in rows if row.returned], 365)),
    }
    spans = {
        "total": sales,
        "30": window(sales, 30),
        "90": window(sales, 90),
        "365": window(sales, 365),
        "365_before": window(sales, 730, 365),
    }
    for name, chosen in spans.items():
        found[f"orders_{name}"] = len(chosen)
        found[f"sales_{name}"] = sum((row.total for row in chosen), Decimal(0))
    return found


def rhythm(days: list[date], own: Fraction | None, usual: Decimal | None) -> dict[str, Any]:
    if own is None or usual is None:
        return {"median_gap": None, "expected_next_on": None, "lapse_due_on": None}
    gaps = len(days) - 1
    shrunk = half_up((gaps * own + 3 * Fraction(usual)) / (gaps + 3), 1)
    expected = int(half_up(Fraction(shrunk)))
    lapse = min(max(int(half_up(Fraction(shrunk) * Fraction(3, 2))), 10), 400)
    return {
        "median_gap": shrunk,
        "expected_next_on": days[-1] + timedelta(days=expected),
        "lapse_due_on": days[-1] + timedelta(days=lapse),
    }


def stored_facts() -> dict[int, dict[str, Any]]:
    """Every fact but the last contact as the table has it, by customer id."""
    names = [
        field.name
        for field in CustomerFacts._meta.fields
        if field.name not in {"customer", "last_contact_on"}
    ]
    return {row["customer_id"]: {name: row[name] for name in names} for row in CustomerFacts.objects.values()}
