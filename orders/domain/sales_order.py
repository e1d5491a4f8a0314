"""What people do with orders: place, cancel, return.

Every function locks the customer's facts first. Two deeds on orders of the same customer therefore
come one after the other, and each sees what the one before has written.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.domain.organisation import today_at
from accounts.models import User
from activity.domain import record
from activity.models import Cause
from catalog.models import Item
from core.errors import Refused
from core.models import Source
from core.money import LIMIT, parse_decimal, to_cents
from core.numbers import next_number
from core.once import made_before
from core.sql import lock_for_share
from core.text import clean_text
from crm.domain.customer_batch import note_purchase
from crm.domain.customer_facts import LockedFacts, lock_facts
from crm.models import Customer
from orders.domain import facts
from orders.models import OrderLine, SalesOrder

FIRST_NUMBER = 10_001
PREFIXES = {SalesOrder.Kind.SALE: "SO", SalesOrder.Kind.RETURN: "SR"}
VERBS = {SalesOrder.Kind.SALE: "order.placed", SalesOrder.Kind.RETURN: "order.returned"}
NO_ORDERS = {
    Customer.Status.ON_HOLD: "the customer is on hold",
    Customer.Status.INACTIVE: "no trade is wanted with the customer for now",
    Customer.Status.CLOSED: "the customer is closed",
}
MOST_PIECES = 2_000_000_000


@dataclass(frozen=True)
class NewLine:
    """A quantity of an item at a unit price with up to four decimals; ``text`` as the customer reads it."""

    item: Item
    quantity: int
    unit_price: Decimal
    text: str = ""

    @property
    def total(self) -> Decimal:
        """Quantity times price, half up to two decimals."""
        return to_cents(self.quantity * self.unit_price)


@dataclass(frozen=True)
class ReturnedLine:
    """A quantity that comes back of a line of the order."""

    line: OrderLine
    quantity: int


@transaction.atomic
def place_order(
    *,
    customer: Customer,
    lines: Sequence[NewLine],
    placed_at: datetime,
    by: User | None,
    now: datetime,
    kind: str = SalesOrder.Kind.SALE,
    number: str = "",
    source: str = Source.USER,
    customer_reference: str = "",
    note: str = "",
    currency: str = "",
    form_token: UUID | None = None,
    returned_order: SalesOrder | None = None,
) -> SalesOrder:
    """Place a sale, or enter a return, with its lines; the facts move in the same transaction.

    Without a ``number`` the order gets the next of its own series. ``placed_at`` may lie in the past.
    CRM events may react, except to imports. Raises ``Refused`` when the customer takes no orders, when
    lines are missing or make no sense, when the time lies ahead, or when the number is taken.
    """
    locked = lock_facts(customer_id=customer.pk)
    if by is not None and (earlier := made_before(SalesOrder, token=form_token, by=by)):
        return earlier
    if kind == SalesOrder.Kind.SALE:
        _check_takes_orders(customer)
        _check_on_sale(lines)
    _check_lines(lines)
    if placed_at > now:
        raise Refused("You cannot place an order in the future.", field="placed_at")
    order = SalesOrder(
        kind=kind,
        customer=customer,
        customer_reference=clean_text(customer_reference),
        note=clean_text(note, lines=True),
        currency=currency or customer.currency,
        placed_at=placed_at,
        returned_order=returned_order,
        source=source,
        created_at=now,
        created_by=by,
        form_token=form_token,
        number=_number(number, kind),
    )
    return _write(order, lines, locked)


def _write(order: SalesOrder, lines: Sequence[NewLine], locked: LockedFacts) -> SalesOrder:
    """Write a new order with everything that follows from it."""
    by, now = order.created_by, order.created_at
    imported = order.source == Source.IMPORT
    cause = Cause.IMPORT if imported else Cause.USER
    order.total = sum((line.total for line in lines), Decimal(0))
    order.placed_on = today_at(order.placed_at)
    order.events_from = None if imported else order.placed_at
    order.save(force_insert=True)
    OrderLine.objects.bulk_create(_rows(order, lines), batch_size=500)
    facts.note(order, locked)
    if order.kind == SalesOrder.Kind.SALE:
        note_purchase([order.customer_id], by=by, now=now, cause=cause)
    record(
        order, VERBS[SalesOrder.Kind(order.kind)], by=by, now=now, data=_data(order), cause=cause,
        customer_id=order.customer_id, happened_at=order.placed_at,
    )  # fmt: skip
    return order


@transaction.atomic
def cancel_order(order: SalesOrder, *, by: User, now: datetime, reason: str) -> SalesOrder:
    """Cancel a placed sale or return; it then counts nowhere.

    Raises ``Refused`` without a reason, when it is cancelled already, or while goods of it have come back.
    """
    locked = lock_facts(customer_id=order.customer_id)
    reason = clean_text(reason)
    if not reason:
        raise Refused("Say why the order is cancelled.", field="reason")
    if _returns_of(order).exists():
        raise Refused(
            f"You cannot cancel order {order.number} because goods of it have come back:"
            " cancel the return first."
        )
    rows = SalesOrder.objects.filter(pk=order.pk, status=SalesOrder.Status.PLACED)
    cancelled = SalesOrder.Status.CANCELLED
    if not rows.update(status=cancelled, cancelled_at=now, cancelled_by=by, version=F("version") + 1):
        raise Refused(f"Order {order.number} is cancelled already.")
    order.refresh_from_db()
    facts.note(order, locked, cancelled=True)
    data = {**_data(order), "reason": reason[:500]}
    record(order, "order.cancelled", by=by, now=now, data=data, customer_id=order.customer_id)
    return order


@transaction.atomic
def return_order(
    order: SalesOrder, *, lines: Sequence[ReturnedLine], by: User, now: datetime, note: str = ""
) -> SalesOrder:
    """Enter that goods of a sale came back; the return takes the prices of the sale.

    Raises ``Refused`` for a cancelled order, for a return, for lines of another order, and for more
    pieces than were sold and have not come back yet.
    """
    lock_facts(customer_id=order.customer_id)
    order.refresh_from_db()
    if order.kind != SalesOrder.Kind.SALE or order.status != SalesOrder.Status.PLACED:
        raise Refused(f"Goods can only come back from a placed sale, and {order.number} is none.")
    _check_returned(order, lines)
    new = [NewLine(one.line.item, one.quantity, one.line.unit_price, one.line.text) for one in lines]
    return place_order(
        customer=order.customer,
        lines=new,
        placed_at=now,
        by=by,
        now=now,
        kind=SalesOrder.Kind.RETURN,
        currency=order.currency,
        note=note,
        returned_order=order,
    )


def _check_takes_orders(customer: Customer) -> None:
    current = lock_for_share(Customer.objects.filter(pk=customer.pk))[0]
    why = "the customer is archived" if current.archived_at else NO_ORDERS.get(current.status)
    if why:
        raise Refused(f"You cannot place an order for {current.name} because {why}.", field="customer")


def _check_on_sale(lines: Sequence[NewLine]) -> None:
    for line in lines:
        if line.item.archived_at is not None:
            raise Refused(f"{line.item.code} is archived and no longer sold.", field="lines")


def _check_lines(lines: Sequence[NewLine]) -> None:
    if not lines:
        raise Refused("An order needs at least one line.", field="lines")
    for line in lines:
        if type(line.quantity) is not int or not 0 < line.quantity <= MOST_PIECES:
            raise Refused(
                f"The quantity of {line.item.code} must be a whole number above zero.", field="lines"
            )
        try:
            price = parse_decimal(str(line.unit_price))
        except ValueError as error:
            raise Refused(f"The price of {line.item.code}: {error}", field="lines") from error
        if price < 0:
            raise Refused(f"The price of {line.item.code} is below zero.", field="lines")
    if sum(line.total for line in lines) >= LIMIT:
        raise Refused("The order's total is too large.", field="lines")


def _check_returned(order: SalesOrder, lines: Sequence[ReturnedLine]) -> None:
    left: Counter[tuple[int, Decimal]] = Counter()
    for line in order.lines.all():
        left[line.item_id, line.unit_price] += line.quantity
    for line in OrderLine.objects.filter(order__in=_returns_of(order)):
        left[line.item_id, line.unit_price] -= line.quantity
    for one in lines:
        if one.line.order_id != order.pk:
            raise Refused(
                f"Line {one.line.position} belongs to another order than {order.number}.", field="lines"
            )
        key = (one.line.item_id, one.line.unit_price)
        left[key] -= one.quantity
        if left[key] < 0:
            raise Refused(f"More pieces of {one.line.item.code} come back than were sold.", field="lines")


def _returns_of(order: SalesOrder) -> Any:
    return SalesOrder.objects.filter(returned_order=order, status=SalesOrder.Status.PLACED)


def _number(asked: str, kind: str) -> str:
    asked = clean_text(asked)
    if not asked:
        prefix = PREFIXES[SalesOrder.Kind(kind)]
        return f"{prefix}-{next_number(f'order:{kind}', first=FIRST_NUMBER)}"
    if SalesOrder.objects.filter(number=asked).exists():
        raise Refused(f"The number {asked} is taken: choose another.", field="number")
    return asked


def _rows(order: SalesOrder, lines: Sequence[NewLine]) -> list[OrderLine]:
    return [
        OrderLine(
            order=order,
            position=position,
            item=line.item,
            text=clean_text(line.text) or line.item.name,
            quantity=line.quantity,
            unit_price=line.unit_price,
            total=line.total,
        )
        for position, line in enumerate(lines, start=1)
    ]


def _data(order: SalesOrder) -> dict[str, Any]:
    return {
        "number": order.number,
        "total": order.total,
        "currency": order.currency,
        "placed_on": order.placed_on,
    }
