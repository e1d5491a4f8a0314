"""Conditions in sentences: what is asked, and why it holds of one row."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model

from core.conditions.ast import Always, Condition, Denied, Group, Leaf, without_not
from core.conditions.fields import FieldSpec, Stored
from core.conditions.operators import FieldType, Operator
from core.conditions.predicate import predicate_of
from core.conditions.words import Names, asked_words, distance_words, reference_names, value_words
from core.dates import local_day


@dataclass(frozen=True)
class ExplainedLeaf:
    """One question with the row's answer.

    ``sentence`` is whole ("Last order: 12 Sep 2026, 70 days ago; asked: 60 days or more"); ``value`` and
    ``asked`` are its halves. ``holds`` answers what the sentence asks, a ``not`` above it included.
    """

    key: str
    label: str
    value: str
    asked: str
    holds: bool

    @property
    def sentence(self) -> str:
        """The whole sentence."""
        return f"{self.label}: {self.value}; asked: {self.asked}"


@dataclass(frozen=True)
class ExplainedGroup:
    """Questions of which all have to hold (``every``) or at least one."""

    every: bool
    parts: tuple["ExplainedLeaf | ExplainedGroup", ...]

    @property
    def holds(self) -> bool:
        """Whether enough of the parts hold."""
        answers = (part.holds for part in self.parts)
        return all(answers) if self.every else any(answers)


@dataclass(frozen=True)
class Explanation:
    """Why a condition holds of a row, or does not: ``tree`` is empty when nothing is asked."""

    tree: ExplainedLeaf | ExplainedGroup | None

    @property
    def holds(self) -> bool:
        """The verdict, the same as the database's for this row."""
        return self.tree is None or self.tree.holds

    @property
    def leaves(self) -> tuple[ExplainedLeaf, ...]:
        """The questions from left to right."""
        return tuple(_leaves(self.tree))


def _leaves(node: ExplainedLeaf | ExplainedGroup | None) -> Iterator[ExplainedLeaf]:
    if isinstance(node, ExplainedLeaf):
        yield node
    elif node is not None:
        for part in node.parts:
            yield from _leaves(part)


def explain(
    condition: Condition, values: Mapping[str, Any], *, day: date, zone: ZoneInfo, names: Names | None = None
) -> Explanation:
    """Each question with the row's value, judged on the local ``day`` of ``zone``.

    ``values`` holds, per key of the used fields, what the field's column holds (see :func:`values_of`).
    ``names`` are the names of referenced records, looked up when not given.
    """
    if isinstance(condition, Always):
        return Explanation(None)
    found = reference_names(condition, [values]) if names is None else names
    return Explanation(_Reader(values, day, zone, found).read(without_not(condition)))


@dataclass(frozen=True)
class _Reader:
    values: Mapping[str, Any]
    day: date
    zone: ZoneInfo
    names: Names

    def read(self, node: Leaf | Denied | Group) -> ExplainedLeaf | ExplainedGroup:
        """The node with the row's answers."""
        if isinstance(node, Group):
            return ExplainedGroup(node.every, tuple(self.read(part) for part in node.parts))
        denied = isinstance(node, Denied)
        leaf = node.leaf if isinstance(node, Denied) else node
        value = self.values[leaf.field.key]
        return ExplainedLeaf(
            key=leaf.field.key,
            label=leaf.field.label,
            value=self.words(leaf.field, value),
            asked=asked_words(leaf, names=self.names, denied=denied),
            holds=predicate_of(leaf, day=self.day, zone=self.zone).holds(value) != denied,
        )

    def words(self, field: FieldSpec, value: Any) -> str:
        """What the row holds; dates also say how far they lie from the judged day."""
        if value is None:
            return value_words(field, field.null_is, self.names)
        if isinstance(value, datetime):
            value = local_day(value, self.zone)
        if field.stored is Stored.DAYS_SINCE:
            value = (self.day - value).days
        words = value_words(field, value, self.names)
        return f"{words}, {distance_words(value, self.day)}" if isinstance(value, date) else words


def values_of(
    record: Model, fields: Collection[FieldSpec], *, columns: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What ``record`` (fetched with its facts) holds for each field, by key, as ``explain`` wants it.

    ``columns`` is the mapping the record's query was compiled with.
    """
    return {field.key: _follow(record, field.column_path(columns or {}, "")) for field in fields}


def _follow(record: Any, path: str) -> Any:
    for name in path.split("__"):
        try:
            record = getattr(record, name)
        except ObjectDoesNotExist:
            return None
        if record is None:
            return None
    return record


def describe(condition: Condition, *, names: Names | None = None) -> str:
    """What is asked, in words: ``orders in 12 months at least 3 and tier is A or B``."""
    if isinstance(condition, Always):
        return "always"
    found = reference_names(condition) if names is None else names
    return _describe(without_not(condition), found, outermost=True)


def _describe(node: Leaf | Denied | Group, names: Names, *, outermost: bool = False) -> str:
    if isinstance(node, Leaf):
        return _describe_leaf(node, names, denied=False)
    if isinstance(node, Denied):
        return _describe_leaf(node.leaf, names, denied=True)
    if len(node.parts) == 1:
        return _describe(node.parts[0], names, outermost=outermost)
    words = f" {'and' if node.every else 'or'} ".join(_describe(part, names) for part in node.parts)
    return words if outermost else f"({words})"


def _describe_leaf(leaf: Leaf, names: Names, *, denied: bool) -> str:
    asked = asked_words(leaf, names=names, denied=denied)
    if leaf.op is Operator.OLDER_THAN:
        asked += " ago"
    return f"{_in_sentence(leaf.field.label)} {'is ' if _needs_is(leaf) else ''}{asked}"


def _needs_is(leaf: Leaf) -> bool:
    if leaf.field.type in (FieldType.NUMBER, FieldType.MONEY, FieldType.DATE):
        return leaf.op in (Operator.IS, Operator.IS_NOT, Operator.EMPTY, Operator.NOT_EMPTY)
    return leaf.op not in (Operator.CONTAINS, Operator.STARTS_WITH)


def _in_sentence(label: str) -> str:
    """The label inside a sentence: its capital goes, an abbreviation's stays."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
