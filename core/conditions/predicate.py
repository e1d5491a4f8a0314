"""What a leaf asks, reduced to plain comparisons of one column.

Both the SQL and the explanation of single rows come from this one reduction, so they cannot disagree
about what an operator means.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from core.conditions.ast import Leaf
from core.conditions.fields import Stored
from core.conditions.letters import fold_case
from core.conditions.operators import CONTRARY, FieldType, Operator, Unit
from core.dates import add_months, local_instant

Comparison = tuple[str, Any]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "in": lambda value, many: value in many,
    "has_letters": lambda value, text: fold_case(text) in fold_case(value),
    "starts_with_letters": lambda value, text: fold_case(value).startswith(fold_case(text)),
}
_LOOKUPS = {
    Operator.IS: "exact",
    Operator.ONE_OF: "in",
    Operator.CONTAINS: "has_letters",
    Operator.STARTS_WITH: "starts_with_letters",
    **{op: op.value for op in (Operator.LT, Operator.LTE, Operator.GT, Operator.GTE)},
}
_MIRROR = {"lt": "gt", "lte": "gte", "gt": "lt", "gte": "lte"}


@dataclass(frozen=True)
class Predicate:
    """All ``comparisons`` hold (or, ``negated``, not all); ``if_empty`` is the answer for no value."""

    comparisons: tuple[Comparison, ...]
    negated: bool
    if_empty: bool

    def holds(self, value: Any) -> bool:
        """The answer for one value, as the column holds it."""
        if value is None:
            return self.if_empty
        return all(_COMPARE[name](value, asked) for name, asked in self.comparisons) != self.negated

    def as_q(self, path: str) -> Q:
        """The same for the column at ``path``: true or false, never unknown, also under NOT."""
        asked = Q(*((f"{path}__{name}", value) for name, value in self.comparisons))
        given = ~asked if self.negated else asked
        if self.if_empty:
            return given | Q((f"{path}__isnull", True))
        return given & Q((f"{path}__isnull", False))


def predicate_of(leaf: Leaf, *, day: date, zone: ZoneInfo) -> Predicate:
    """What ``leaf`` asks on the local ``day``; dates kept as instants are days in ``zone``."""
    asked = _comparisons(leaf, day)
    negated = leaf.op in CONTRARY
    if_empty = leaf.op in (Operator.IS_NOT, Operator.NONE_OF, Operator.EMPTY)
    if leaf.field.null_is is not None:
        if_empty = Predicate(asked, negated, if_empty=False).holds(leaf.field.null_is)
    if leaf.field.stored is Stored.DAYS_SINCE:
        asked = tuple(_as_dates(comparison, day) for comparison in asked)
    elif leaf.field.stored is Stored.INSTANT:
        asked = tuple(found for comparison in asked for found in _as_instants(comparison, zone))
    return Predicate(asked, negated, if_empty)


def _comparisons(leaf: Leaf, day: date) -> tuple[Comparison, ...]:
    op = CONTRARY.get(leaf.op, leaf.op)
    value: Any = leaf.value
    match op:
        case Operator.BETWEEN:
            return (("gte", value[0]), ("lte", value[1]))
        case Operator.OLDER_THAN:
            return (("lte", shifted(day, -value, leaf.unit)),)
        case Operator.WITHIN_LAST:
            return (("gt", shifted(day, -value, leaf.unit)), ("lte", day))
        case Operator.WITHIN_NEXT:
            return (("gt", day), ("lte", shifted(day, value, leaf.unit)))
        case Operator.IS_TRUE | Operator.IS_FALSE:
            return (("exact", op is Operator.IS_TRUE),)
        case Operator.EMPTY:
            # Text columns also say "nothing" with an empty text; elsewhere only a missing value is empty.
            texts = leaf.field.type in (FieldType.TEXT, FieldType.CHOICE)
            return (("in", ("",) if texts else ()),)
    return ((_LOOKUPS[op], value),)


def shifted(day: date, count: int, unit: Unit | None) -> date:
    """``day`` moved by ``count`` units; calendar months end at the month's last day."""
    if unit is Unit.MONTHS:
        return add_months(day, count)
    return day + timedelta(days=7 * count if unit is Unit.WEEKS else count)


def _as_dates(comparison: Comparison, day: date) -> Comparison:
    """A comparison of a number of days since a date, as one of that date: more days mean an earlier date."""
    name, value = comparison
    if name == "in":
        return name, tuple(day - timedelta(days=count) for count in value)
    return _MIRROR.get(name, name), day - timedelta(days=value)


def _as_instants(comparison: Comparison, zone: ZoneInfo) -> tuple[Comparison, ...]:
    """A comparison of a local day, as comparisons of instants with the day's first and last."""
    name, value = comparison
    if name == "in":  # only ever the empty list of the operator "empty"
        return (comparison,)
    start, end = _midnight(value, zone), _midnight(value + timedelta(days=1), zone)
    return {
        "exact": (("gte", start), ("lt", end)),
        "lt": (("lt", start),),
        "lte": (("lt", end),),
        "gt": (("gte", end),),
        "gte": (("gte", start),),
    }[name]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return local_instant(day, time.min, zone)
