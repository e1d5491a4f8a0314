"""Everything an import writes, as lines that can be compared; times of writing and ids are left out."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from activity.models import Entry, Wake
from catalog.models import Item
from crm.models import Customer, CustomerFacts, FactsDay
from orders.models import KindRhythm, OrderLine, OrderRhythm, SalesOrder


def state() -> list[str]:
    """One line per record, sorted."""
    lines: list[str] = []
    lines += _lines(
        "customer", Customer.objects.values_list("number", "name", "kind", "status", "country", "source")
    )
    lines += _lines("facts", _facts())
    lines += _lines(
        "rhythm", OrderRhythm.objects.values_list("customer__number", "gaps", "double_gap", "kind_gap")
    )
    lines += _lines("kind", KindRhythm.objects.values_list("kind", "gap"))
    lines += _lines("day", FactsDay.objects.values_list("rolled_on"))
    lines += _lines("item", Item.objects.values_list("code", "name", "kind"))
    lines += _lines("order", _orders())
    lines += _lines("line", _order_lines())
    lines += _lines("entry", Entry.objects.values_list("subject_type", "verb", "cause", "data"))
    lines += _lines("wake", Wake.objects.values_list("verb"))
    return sorted(lines)


def state_hash() -> str:
    """The state in short."""
    return sha256("\n".join(state()).encode()).hexdigest()


def _lines(kind: str, rows: Iterable[tuple[Any, ...]]) -> list[str]:
    return [f"{kind} {row}" for row in rows]


def _facts() -> Iterable[tuple[Any, ...]]:
    names = [field.name for field in CustomerFacts._meta.fields if field.name != "customer"]
    return CustomerFacts.objects.values_list("customer__number", *names)


def _orders() -> Iterable[tuple[Any, ...]]:
    return SalesOrder.objects.values_list(
        "number", "kind", "status", "customer__number", "total", "placed_at", "placed_on", "content_hash"
    )


def _order_lines() -> Iterable[tuple[Any, ...]]:
    return OrderLine.objects.values_list(
        "order__number", "position", "item__code", "text", "quantity", "unit_price", "total"
    )
