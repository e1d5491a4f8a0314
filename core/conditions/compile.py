"""Conditions to SQL: the one compiler."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import reduce
from operator import and_, or_
from zoneinfo import ZoneInfo

from django.db.models import Q

from core.conditions.ast import AllOf, Always, AnyOf, Condition, Leaf, Node, Not
from core.conditions.predicate import predicate_of

_NO_COLUMNS: Mapping[str, str] = {}


def compile_condition(
    condition: Condition,
    *,
    day: date,
    zone: ZoneInfo,
    columns: Mapping[str, str] = _NO_COLUMNS,
    prefix: str = "",
) -> Q:
    """The condition as a filter of rows, judged on the local ``day`` of ``zone``.

    ``columns`` maps names of columns to ORM paths or annotations of the queryset that replace the
    fields' own paths; ``prefix`` (``"customer__"``) leads from the queryset's rows to the subject for
    all others. The filter is true or false of each row, so ``~`` and ``exclude()`` give exactly the
    rest. Every value is bound as a parameter.
    """
    if isinstance(condition, Always):
        return ~Q(pk__in=())

    def leaf_q(leaf: Leaf) -> Q:
        path = leaf.field.column_path(columns, prefix)
        return predicate_of(leaf, day=day, zone=zone).as_q(path)

    return _combined(condition, leaf_q)


def _combined(node: Node, leaf_q: Callable[[Leaf], Q]) -> Q:
    match node:
        case AllOf(parts):
            return reduce(and_, (_combined(part, leaf_q) for part in parts))
        case AnyOf(parts):
            return reduce(or_, (_combined(part, leaf_q) for part in parts))
        case Not(part):
            return ~_combined(part, leaf_q)
    return leaf_q(node)
