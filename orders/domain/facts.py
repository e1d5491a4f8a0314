"""Customer facts from orders: after one order, for many customers at once, and as of a past day.

``FactsDay.rolled_on`` is the day that the windows of all facts end on. Rolling to a later day rewrites
only customers of whom an order crossed a border of a window, found by the index on order days; nothing
scans the orders. The same figures come out whether orders were noted one by one or written in bulk
and refreshed, once the facts are rolled to the same day.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Value

from accounts.domain.organisation import today_at
from core.dates import EARLIEST
from core.errors import Refused
from core.sql import set_statement_timeout, upsert_from_queryset
from crm.domain.customer_facts import (
    WINDOWS,
    YEAR,
    LockedFacts,
    OrderHistory,
    lock_facts_day,
    note_order,
    note_order_cancelled,
)
from crm.models import Customer, CustomerFacts, FactsDay
from orders.domain import rhythm
from orders.domain.fact_source import FactSource, fact_source, facts_as_of
from orders.domain.fact_values import (
    RHYTHM_FACTS,
    last_number,
    latest_first,
    order_facts,
    rhythm_facts,
    sales_of,
)
from orders.models import SalesOrder

__all__ = ["FactSource", "fact_source", "facts_as_of", "note", "rebuild", "refresh", "roll"]

LONGEST_STATEMENT = 600  # seconds, for what looks at all customers
NEVER = EARLIEST - timedelta(days=1)  # windows that end here hold no order


def note(order: SalesOrder, facts: LockedFacts, *, cancelled: bool = False) -> None:
    """Count a new order in the facts of its customer, or take a cancelled one out; ``facts`` are locked."""
    days = list(
        sales_of(order.customer_id).order_by("placed_on").values_list("placed_on", flat=True).distinct()
    )
    history = OrderHistory(
        days=days,
        last_number=latest_first(sales_of(order.customer_id)).values_list("number", flat=True).first() or "",
        gap_tenths=rhythm.keep_rhythm(customer_id=order.customer_id, days=days),
    )
    change = note_order_cancelled if cancelled else note_order
    returned = order.kind == SalesOrder.Kind.RETURN
    change(facts, placed_on=order.placed_on, total=order.total, returned=returned, history=history)


@transaction.atomic
def roll(*, day: date, now: datetime, also: Collection[int] = ()) -> int:
    """Bring all facts to the end of ``day``; the number of customers whose facts were written.

    ``also`` names customers whose orders were written in bulk and are not in the facts yet; see
    :func:`refresh`. Raises ``Refused`` when the facts already stand at a later day, and for a day that
    has not come at ``now``. Rolling to the same day again only settles what is usual for each kind of
    customer.
    """
    _check_has_come(day, now)
    rolled_on = lock_facts_day(exclusive=True)
    set_statement_timeout(LONGEST_STATEMENT)
    if rolled_on is None:
        return rebuild(day=day, now=now)
    if day < rolled_on:
        raise Refused(f"You cannot roll the facts back from {rolled_on:%d %b %Y} to {day:%d %b %Y}.")
    if also:
        rhythm.keep_rhythms(also)
    gaps = rhythm.settle_kinds()
    customers = Customer.objects.filter(_to_roll(rolled_on, day, gaps) | Q(pk__in=also))
    written = _write_facts(customers, day=day, gaps=gaps)
    if also:
        _write_last_numbers(also)
    rhythm.mark_shrunk(gaps)
    FactsDay.objects.filter(pk=1).update(rolled_on=day)
    return written


@transaction.atomic
def rebuild(*, day: date, now: datetime) -> int:
    """Compute all facts anew from the orders, as of the end of ``day``; the number of customers.

    The last contact is kept. ``day`` may lie before the day the facts stand at, but not ahead of ``now``.
    """
    _check_has_come(day, now)
    lock_facts_day(exclusive=True)
    set_statement_timeout(LONGEST_STATEMENT)
    rhythm.keep_rhythms()
    gaps = rhythm.settle_kinds()
    written = _write_facts(Customer.objects.all(), day=day, gaps=gaps)
    _write_last_numbers()
    rhythm.mark_shrunk(gaps)
    FactsDay.objects.filter(pk=1).update(rolled_on=day)
    return written


def _check_has_come(day: date, now: datetime) -> None:
    if day > today_at(now):
        raise Refused(f"You cannot roll the facts to {day:%d %b %Y}: that day has not come.")


def refresh(*, customer_ids: Collection[int]) -> None:
    """Compute the facts of these customers anew, as of the day all facts stand at.

    For bulk writers, in the transaction of their orders and under the exclusive lock of the facts day.
    """
    rolled_on = lock_facts_day(exclusive=True)
    rhythm.keep_rhythms(customer_ids)
    customers = Customer.objects.filter(pk__in=customer_ids)
    _write_facts(customers, day=rolled_on or NEVER, gaps=rhythm.kind_gaps())
    _write_last_numbers(customer_ids)


def _to_roll(old: date, new: date, gaps: dict[str, int]) -> Q:
    """Customers with an order that crosses a border of a window, or whose kind's usual gap changed."""
    crossing = Q(pk__in=[])
    for border in (0, *WINDOWS, 2 * YEAR):
        shift = timedelta(days=border)
        crossing |= Q(placed_on__gt=old - shift, placed_on__lte=new - shift)
    placed = SalesOrder.objects.filter(crossing, status=SalesOrder.Status.PLACED).order_by()
    chosen = Q(pk__in=placed.values("customer"))
    outdated = rhythm.outdated(gaps)
    if outdated.exists():
        chosen |= Q(pk__in=outdated.values("pk"))
    return chosen


def _write_facts(customers: "QuerySet[Customer]", *, day: date, gaps: dict[str, int]) -> int:
    """One grouped statement: compute the facts of ``customers`` from their orders and write them.

    The number of the last order stays as it is: a sub-query for it would run for each order here, not
    for each customer, so a statement of its own writes it where it may have changed.
    """
    facts: dict[str, Any] = order_facts(day=day, path="salesorders__")
    own, usual = F("rhythm__double_gap"), rhythm.kind_gap_case(gaps)
    rows = customers.order_by().values("pk").annotate(**facts, own_gap=own, usual_gap=usual, none=Value(""))
    rows = rows.annotate(
        **rhythm_facts(last="last_order_on", days="order_days", own="own_gap", usual="usual_gap")
    )
    columns = ["customer", *facts, *RHYTHM_FACTS, "last_order_number"]
    values = rows.values_list("pk", *facts, *RHYTHM_FACTS, "none")
    return upsert_from_queryset(
        CustomerFacts, columns, values, unique=["customer"], keep=["last_order_number"]
    )


def _write_last_numbers(customer_ids: Collection[int] | None = None) -> None:
    """Write the number of the last order of these customers (None: of all)."""
    rows = (
        CustomerFacts.objects.all()
        if customer_ids is None
        else CustomerFacts.objects.filter(pk__in=customer_ids)
    )
    rows.update(last_order_number=last_number(OuterRef("pk")))
