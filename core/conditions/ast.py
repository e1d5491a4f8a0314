"""Conditions as typed trees, and as the JSON they are stored in.

The JSON is one of ``{}`` (asks nothing, true of everything), ``{"all": [...]}``, ``{"any": [...]}``,
``{"not": {...}}`` or a leaf ``{"f": key, "op": operator, "v": value, "unit": "days"}``; ``v`` and
``unit`` are there only when the operator takes them. The outermost object carries ``"schema": 1``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from core.conditions.fields import FieldSpec
from core.conditions.operators import CONTRARY, Operator, Unit

SCHEMA = 1
MAX_DEPTH = 3  # groups within groups
MAX_LEAVES = 20

Value = str | int | Decimal | date


@dataclass(frozen=True)
class Always:
    """Asks nothing: true of every row. Falsy, so that ``if condition`` reads "if anything is asked"."""

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True)
class Leaf:
    """One question: ``value`` is a tuple for lists and pairs, and empty where the operator takes none."""

    field: FieldSpec
    op: Operator
    value: Value | tuple[Value, ...] | None = None
    unit: Unit | None = None


@dataclass(frozen=True)
class AllOf:
    """True when every part is."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class AnyOf:
    """True when at least one part is."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Not:
    """True when the part is not."""

    part: "Node"


Node = Leaf | AllOf | AnyOf | Not
Condition = Always | Node


@dataclass(frozen=True)
class Denied:
    """A leaf under an odd number of ``not``; only :func:`without_not` makes it."""

    leaf: Leaf


@dataclass(frozen=True)
class Group:
    """A group whose parts hold no ``not`` any more; ``every`` tells "all" from "any"."""

    every: bool
    parts: tuple["Leaf | Denied | Group", ...]


def leaves(condition: Condition) -> Iterator[Leaf]:
    """The leaves from left to right."""
    match condition:
        case Leaf():
            yield condition
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)


def used_fields(condition: Condition) -> tuple[FieldSpec, ...]:
    """The fields the condition asks about, each once, in order of first use."""
    return tuple(dict.fromkeys(leaf.field for leaf in leaves(condition)))


def without_not(node: Node, *, denied: bool = False) -> Leaf | Denied | Group:
    """The same question with each ``not`` moved down to the leaves, as people say it.

    ``not (a and b)`` becomes ``not a or not b``; a leaf whose operator has a contrary takes that one.
    """
    match node:
        case Not(part):
            return without_not(part, denied=not denied)
        case AllOf(parts) | AnyOf(parts):
            every = isinstance(node, AllOf) != denied
            return Group(every, tuple(without_not(part, denied=denied) for part in parts))
    return _contrary(node) if denied else node


def _contrary(leaf: Leaf) -> Leaf | Denied:
    for op, contrary in CONTRARY.items():
        if leaf.op in (op, contrary):
            return Leaf(leaf.field, contrary if leaf.op is op else op, leaf.value)
    return Denied(leaf)


def to_json(condition: Condition) -> dict[str, Any]:
    """The JSON in which the condition is stored; ``parse`` gives back the same condition."""
    if isinstance(condition, Always):
        return {}
    return {"schema": SCHEMA, **_node_json(condition)}


def _node_json(node: Node) -> dict[str, Any]:
    match node:
        case AllOf(parts):
            return {"all": [_node_json(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [_node_json(part) for part in parts]}
        case Not(part):
            return {"not": _node_json(part)}
    found: dict[str, Any] = {"f": node.field.key, "op": node.op.value}
    if node.value is not None:
        many = isinstance(node.value, tuple)
        found["v"] = [_value_json(one) for one in node.value] if many else _value_json(node.value)  # type: ignore
    if node.unit is not None:
        found["unit"] = node.unit.value
    return found


def _value_json(value: Value) -> str | int:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value
