"""What the facts are: each one as an expression over a customer's orders.

The same expressions serve one grouped statement over many customers and single sub-queries that look
at a past day.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Aggregate,
    Case,
    Count,
    DecimalField,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    Max,
    Min,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Collate, Greatest, Least

from core.sql import DaysLater, is_postgresql
from crm.domain.customer_facts import LAPSE_LONGEST, LAPSE_SHORTEST, WINDOWS, YEAR
from orders.domain import rhythm
from orders.models import SalesOrder

SALE = {"kind": SalesOrder.Kind.SALE, "status": SalesOrder.Status.PLACED}
RETURN = {"kind": SalesOrder.Kind.RETURN, "status": SalesOrder.Status.PLACED}
RHYTHM_FACTS = ("median_gap", "expected_next_on", "lapse_due_on")


def sales_of(customer: Any) -> "QuerySet[SalesOrder]":
    """The sales of a customer that count."""
    return SalesOrder.objects.all().sales().filter(customer=customer)


def latest_first(orders: "QuerySet[SalesOrder]") -> "QuerySet[SalesOrder]":
    """``orders`` with the latest first; of several at the same instant, the one with the highest number.

    Numbers compare by their characters, whatever the database's language sorts first.
    """
    number = Collate(F("number"), "C") if is_postgresql() else F("number")
    return orders.order_by("-placed_at", number.desc())


def last_number(customer: Any, *, until: date | None = None) -> Coalesce:
    """The number of the customer's latest sale, up to a day if one is given; empty without any."""
    sales = sales_of(customer)
    if until is not None:
        sales = sales.filter(placed_on__lte=until)
    return Coalesce(Subquery(latest_first(sales).values("number")[:1]), Value(""))


def order_facts(*, day: date, path: str = "") -> dict[str, Aggregate]:
    """The facts that are sums over a customer's orders, with windows that end on ``day``.

    ``path`` leads from the aggregated rows to the orders.
    """
    sale, returned = _under(path, SALE), _under(path, RETURN)
    found: dict[str, Aggregate] = {
        "first_order_on": Min(f"{path}placed_on", filter=sale),
        "last_order_on": Max(f"{path}placed_on", filter=sale),
        "order_days": Count(f"{path}placed_on", filter=sale, distinct=True),
        "returns_365": Count(f"{path}pk", filter=returned & _between(path, day, YEAR, 0)),
    }
    spans = {str(length): sale & _between(path, day, length, 0) for length in WINDOWS}
    spans |= {"total": sale, f"{YEAR}_before": sale & _between(path, day, 2 * YEAR, YEAR)}
    for name, condition in spans.items():
        found[f"orders_{name}"] = Count(f"{path}pk", filter=condition)
        found[f"sales_{name}"] = Sum(f"{path}total", filter=condition, default=0)
    return found


def _under(path: str, values: Mapping[str, str]) -> Q:
    return Q(**{f"{path}{name}": value for name, value in values.items()})


def _between(path: str, day: date, oldest: int, youngest: int) -> Q:
    """Order days less than ``oldest`` and at least ``youngest`` days before ``day``."""
    after, upto = day - timedelta(days=oldest), day - timedelta(days=youngest)
    return Q(**{f"{path}placed_on__gt": after, f"{path}placed_on__lte": upto})


def rhythm_facts(*, last: str, days: str, own: str, usual: str) -> dict[str, Any]:
    """The facts that follow from the rhythm; null where there is none. The arguments name annotations."""
    tenths = rhythm.tenths_expression(F(days) - 1, F(own), F(usual))
    wait = ExpressionWrapper((tenths * 15 + 50) / 100, output_field=IntegerField())
    clamped = Least(Greatest(wait, Value(LAPSE_SHORTEST)), Value(LAPSE_LONGEST))
    decimal = DecimalField(max_digits=6, decimal_places=1)
    values = {
        "median_gap": ExpressionWrapper(tenths / Value(10.0, FloatField()), output_field=decimal),
        "expected_next_on": DaysLater(
            F(last), ExpressionWrapper((tenths + 5) / 10, output_field=IntegerField())
        ),
        "lapse_due_on": DaysLater(F(last), clamped),
    }
    # GREATEST passes over nulls on PostgreSQL, so absence is said, not computed.
    return {
        name: Case(When(**{f"{own}__isnull": False}, then=value), default=None)
        for name, value in values.items()
    }
