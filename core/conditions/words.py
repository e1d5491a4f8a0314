"""Conditions and values in words. English, and the same on every machine: reasons are kept for years."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from core.conditions.ast import Condition, Leaf, leaves
from core.conditions.fields import FieldSpec
from core.conditions.operators import FieldType, Operator
from core.dates import day_words

Names = Mapping[str, Mapping[int, str]]  # field key -> id -> name

_ORDER_WORDS = {
    Operator.LT: ("less than", "before"),
    Operator.LTE: ("at most", "on or before"),
    Operator.GT: ("more than", "after"),
    Operator.GTE: ("at least", "on or after"),
}
# What "not" makes of an operator when there is always a value.
_FLIPPED = {
    Operator.LT: Operator.GTE,
    Operator.GTE: Operator.LT,
    Operator.GT: Operator.LTE,
    Operator.LTE: Operator.GT,
    Operator.IS_TRUE: Operator.IS_FALSE,
    Operator.IS_FALSE: Operator.IS_TRUE,
}
_TEXT_WORDS = {
    Operator.CONTAINS: ("contains", "does not contain"),
    Operator.STARTS_WITH: ("starts with", "does not start with"),
}


def span_words(count: int | Decimal, unit: str) -> str:
    """``1 day`` or ``60 days``; ``unit`` is given in the plural."""
    return f"{count:,} {unit.removesuffix('s') if count == 1 else unit}"


def distance_words(day: date, judged: date) -> str:
    """How far ``day`` lies from the judged day: ``70 days ago``, ``in 3 days``, ``the same day``."""
    distance = (judged - day).days
    if distance == 0:
        return "the same day"
    return f"{span_words(distance, 'days')} ago" if distance > 0 else f"in {span_words(-distance, 'days')}"


def reference_names(condition: Condition, rows: Iterable[Mapping[str, Any]] = ()) -> Names:
    """The names of all records that the condition and the ``rows`` (field key -> value) refer to.

    One query per reference field; give the result to ``describe`` and ``explain`` for many rows.
    """
    wanted: dict[FieldSpec, set[int]] = {}
    rows = list(rows)
    for leaf in leaves(condition):
        if leaf.field.names is not None:
            ids = wanted.setdefault(leaf.field, set())
            asked = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
            ids.update(one for one in asked if isinstance(one, int))
            ids.update(row[leaf.field.key] for row in rows if row[leaf.field.key] is not None)
    return {field.key: dict(field.names(ids)) for field, ids in wanted.items() if field.names and ids}


def value_words(field: FieldSpec, value: Any, names: Names) -> str:
    """A value of ``field`` as people write it; the field's own word for none."""
    if value is None or value == "":
        return field.empty
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return day_words(value)
    match field.type:
        case FieldType.CHOICE:
            return dict(field.choices).get(value, str(value))
        case FieldType.REFERENCE:
            return names.get(field.key, {}).get(value, f"record {value}")
        case FieldType.TEXT:
            return f'"{value}"'
        case FieldType.MONEY:
            return _amount(value)
    return span_words(value, field.unit) if field.unit else f"{value:,}"


def _amount(value: Decimal) -> str:
    cents = value.quantize(Decimal("0.01"))
    return f"{cents:,}" if cents == value else f"{value.normalize():,f}"


def asked_words(leaf: Leaf, *, names: Names, denied: bool = False) -> str:
    """What the leaf asks, after the field's label: ``at least 3 orders``, ``not in the last 30 days``."""
    if leaf.op in _TEXT_WORDS:
        return f"{_TEXT_WORDS[leaf.op][denied]} {_joined(leaf, (leaf.value,), names)}"
    if denied and not leaf.field.can_be_empty and leaf.op in _FLIPPED:
        return _positive_words(replace(leaf, op=_FLIPPED[leaf.op]), names)
    words = _positive_words(leaf, names)
    return f"not {words}" if denied else words


def _positive_words(leaf: Leaf, names: Names) -> str:
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    match leaf.op:
        case Operator.IS | Operator.ONE_OF:
            return _joined(leaf, values, names)
        case Operator.IS_NOT | Operator.NONE_OF:
            return f"not {_joined(leaf, values, names)}"
        case Operator.EMPTY:
            return "empty"
        case Operator.NOT_EMPTY:
            return "not empty"
        case Operator.BETWEEN:
            low, high = (value_words(leaf.field, value, names) for value in values)
            return f"from {low} to {high}"
        case Operator.IS_TRUE | Operator.IS_FALSE:
            return "yes" if leaf.op is Operator.IS_TRUE else "no"
        case Operator.OLDER_THAN | Operator.WITHIN_LAST | Operator.WITHIN_NEXT:
            return _span(leaf)
    compares = _ORDER_WORDS[leaf.op][leaf.field.type is FieldType.DATE]
    return f"{compares} {value_words(leaf.field, leaf.value, names)}"


def _span(leaf: Leaf) -> str:
    assert isinstance(leaf.value, int)
    assert leaf.unit is not None
    if leaf.op is Operator.OLDER_THAN:
        return f"{span_words(leaf.value, leaf.unit)} or more"
    span = leaf.unit.removesuffix("s") if leaf.value == 1 else span_words(leaf.value, leaf.unit)
    return f"in the {'last' if leaf.op is Operator.WITHIN_LAST else 'next'} {span}"


def _joined(leaf: Leaf, values: tuple[Any, ...], names: Names) -> str:
    words = [value_words(leaf.field, value, names) for value in values]
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
