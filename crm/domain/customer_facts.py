"""Customer facts: kept in the transaction of each order and each conversation.

One order changes one row, here. What concerns all customers at once, because a day has passed or a
file was imported, is done set-based by the orders, which know their own table.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q

from core.sql import lock_for_share
from crm.models import CustomerFacts, FactsDay

YEAR = 365
WINDOWS = (30, 90, YEAR)
LAPSE_SHORTEST, LAPSE_LONGEST = 10, 400


class LockedFacts(NamedTuple):
    """The facts of one customer, locked, and the day that all facts were rolled to (None: never)."""

    row: CustomerFacts
    rolled_on: date | None


class OrderHistory(NamedTuple):
    """A customer's sales that count, as they are after a change.

    ``days`` are the distinct order days, ascending. ``last_number`` is the number of the latest order,
    empty without any. ``gap_tenths`` is the shrunk median gap in tenths of a day, None below four days.
    """

    days: Sequence[date]
    last_number: str
    gap_tenths: int | None


def lock_facts_day(*, exclusive: bool = False) -> date | None:
    """The day that the facts were rolled to, fixed until the transaction ends.

    Orders share the lock; rolling takes it ``exclusive``, so that no order is missed between the two
    windows that it falls into.
    """
    rows = FactsDay.objects.filter(pk=1)
    found = list(rows.select_for_update()) if exclusive else lock_for_share(rows)
    if not found:
        FactsDay.objects.bulk_create([FactsDay(pk=1)], ignore_conflicts=True)
        return lock_facts_day(exclusive=exclusive)
    rolled_on: date | None = found[0].rolled_on
    return rolled_on


def lock_facts(*, customer_id: int) -> LockedFacts:
    """Lock one customer's facts; to be called before his orders are read or written.

    Two orders of the same customer at the same time then count one after the other.
    """
    rolled_on = lock_facts_day()
    rows = CustomerFacts.objects.select_for_update().filter(customer_id=customer_id)
    row = rows.first()
    if row is None:
        CustomerFacts.objects.bulk_create([CustomerFacts(customer_id=customer_id)], ignore_conflicts=True)
        row = rows.get()
    return LockedFacts(row, rolled_on)


def note_order(
    facts: LockedFacts, *, placed_on: date, total: Decimal, returned: bool, history: OrderHistory
) -> None:
    """Count a new order of ``total`` in the facts; a return (``returned``) counts in ``returns_365`` only.

    An order after the rolled day moves the last order day and the totals at once; the windows count it
    when they are rolled over it.
    """
    _count(facts, placed_on, total, 1, returned)
    _write(facts.row, history)


def note_order_cancelled(
    facts: LockedFacts, *, placed_on: date, total: Decimal, returned: bool, history: OrderHistory
) -> None:
    """Take an order out of the facts again."""
    _count(facts, placed_on, total, -1, returned)
    _write(facts.row, history)


def note_contact(*, customer_id: int, day: date) -> None:
    """There was a conversation on ``day``; an older one than the last known changes nothing."""
    older = Q(last_contact_on=None) | Q(last_contact_on__lt=day)
    if not CustomerFacts.objects.filter(older, customer_id=customer_id).update(last_contact_on=day):
        fresh = CustomerFacts(customer_id=customer_id, last_contact_on=day)
        CustomerFacts.objects.bulk_create([fresh], ignore_conflicts=True)


def windows_of(placed_on: date, rolled_on: date | None) -> Iterator[str]:
    """The windows, named by the ends of their columns, that an order day lies in."""
    if rolled_on is None:
        return
    age = (rolled_on - placed_on).days
    for length in WINDOWS:
        if 0 <= age < length:
            yield str(length)
    if YEAR <= age < 2 * YEAR:
        yield f"{YEAR}_before"


def expected_next(last: date, gap_tenths: int) -> date:
    """The day of the next order by the median gap, half days rounded up."""
    return last + timedelta(days=(gap_tenths + 5) // 10)


def lapse_due(last: date, gap_tenths: int) -> date:
    """The day on which silence is out of rhythm: one and a half gaps later, within 10 to 400 days."""
    days = (15 * gap_tenths + 50) // 100
    return last + timedelta(days=min(max(days, LAPSE_SHORTEST), LAPSE_LONGEST))


def _count(facts: LockedFacts, placed_on: date, total: Decimal, step: int, returned: bool) -> None:
    row = facts.row
    windows = list(windows_of(placed_on, facts.rolled_on))
    if returned:
        row.returns_365 += step if str(YEAR) in windows else 0
        return
    for window in ["total", *windows]:
        setattr(row, f"orders_{window}", getattr(row, f"orders_{window}") + step)
        setattr(row, f"sales_{window}", getattr(row, f"sales_{window}") + step * total)


def _write(row: CustomerFacts, history: OrderHistory) -> None:
    days, gap = history.days, history.gap_tenths
    row.first_order_on, row.last_order_on = (days[0], days[-1]) if days else (None, None)
    row.last_order_number, row.order_days = history.last_number, len(days)
    row.median_gap = row.expected_next_on = row.lapse_due_on = None
    if gap is not None:
        row.median_gap = Decimal(gap) / 10
        row.expected_next_on = expected_next(days[-1], gap)
        row.lapse_due_on = lapse_due(days[-1], gap)
    kept = {"customer", "last_contact_on"}
    row.save(update_fields=[field.name for field in row._meta.fields if field.name not in kept])
