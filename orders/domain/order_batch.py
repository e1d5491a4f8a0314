"""Many orders at once: what imports write.

The orders, their lines, the facts of their customers and the journal go together, in one transaction
with a few statements, and end in the same state as placing the orders one by one.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from accounts.models import User
from activity.domain import Line, record_many
from activity.models import Cause
from core.money import from_minor
from core.sql import insert_rows
from crm.domain.customer_batch import note_purchase
from crm.domain.customer_facts import lock_facts_day
from orders.domain.facts import refresh, roll
from orders.models import OrderLine, SalesOrder

LINE_COLUMNS = ("order", "position", "item", "text", "quantity", "unit_price", "total")


class BatchLine(NamedTuple):
    """One line; amounts are whole numbers of 1/10,000 of the currency unit."""

    item_id: int
    text: str
    quantity: int
    unit_price: int
    total: int


class BatchOrder(NamedTuple):
    """An order that is not written yet, checked, with a free number, and its lines."""

    order: SalesOrder
    lines: Sequence[BatchLine]


def known_orders(numbers: Sequence[str]) -> dict[str, str]:
    """The content hashes of the orders among ``numbers`` that exist, by number."""
    return dict(SalesOrder.objects.filter(number__in=numbers).values_list("number", "content_hash"))


@transaction.atomic
def place_orders(
    batch: Sequence[BatchOrder],
    *,
    by: User | None,
    now: datetime,
    cause: str = Cause.IMPORT,
    wake: bool = False,
    roll_to: date | None = None,
) -> list[SalesOrder]:
    """Write the orders as they are and keep the facts; CRM events react only with ``wake``.

    With ``roll_to`` the facts are also rolled to that day, at hardly more than the cost of keeping them.
    """
    lock_facts_day(exclusive=True)
    for entry in batch:
        entry.order.total = from_minor(sum(line.total for line in entry.lines))
        entry.order.created_at, entry.order.created_by = now, by
    orders = SalesOrder.objects.bulk_create([entry.order for entry in batch], batch_size=500)
    rows = [
        (entry.order.pk, position, *line)
        for entry in batch
        for position, line in enumerate(entry.lines, start=1)
    ]
    insert_rows(OrderLine, LINE_COLUMNS, rows)
    buyers = {order.customer_id for order in orders}
    if roll_to is None:
        refresh(customer_ids=buyers)
    else:
        roll(day=roll_to, now=now, also=buyers)
    sales = [order for order in orders if order.kind == SalesOrder.Kind.SALE]
    returns = [order for order in orders if order.kind == SalesOrder.Kind.RETURN]
    note_purchase({order.customer_id for order in sales}, by=by, now=now, cause=cause)
    record_many(map(_line, sales), "order.placed", by=by, now=now, cause=cause, wake=wake)
    record_many(map(_line, returns), "order.returned", by=by, now=now, cause=cause, wake=wake)
    return orders


def _line(order: SalesOrder) -> Line:
    data = {
        "number": order.number,
        "total": order.total,
        "currency": order.currency,
        "placed_on": order.placed_on,
    }
    return Line(order, data, order.customer_id, happened_at=order.placed_at)
