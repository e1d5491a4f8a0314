"""The fields that conditions may ask about: a whitelist in code, wired by ``CONDITION_FIELDS``."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache

from core.conditions.operators import EMPTINESS, OPERATORS, FieldType, Operator
from core.registry import wired

WHOLE_LIMIT = 2_147_483_647  # fits every integer column
AGE_LIMIT = 100_000  # days; keeps the date that is compared within the calendar


class Stored(StrEnum):
    """How the column holds the field's value."""

    AS_IS = "as_is"
    DAYS_SINCE = "days_since"  # a number of days, kept as the date from which they are counted
    INSTANT = "instant"  # a local date, kept as an instant


class Cost(StrEnum):
    """What asking costs the database."""

    LIGHT = "light"  # a column of the row or of its one-to-one facts
    MEDIUM = "medium"
    HEAVY = "heavy"  # only in nightly runs


@dataclass(frozen=True, kw_only=True)
class FieldSpec:
    """One field: what users read, what the parser accepts, where the compiler finds it.

    ``key`` stands in stored conditions and never changes. ``path`` is the ORM path from the subject's
    row, over single-valued relations only. ``column`` is the name under which callers may give another
    path (a past day's facts); it is the key unless said otherwise. ``unit`` follows numbers in sentences
    ("orders"). ``decimals``, ``minimum`` and ``maximum`` bound the numbers asked. ``empty`` is the word
    for no value ("never"); with ``can_be_empty`` false the two operators about emptiness are not
    offered. ``null_is`` is the value that a missing one stands for (0 for counts). ``names`` gives the
    names of referenced ids. ``permission`` is what users need who build conditions with the field.
    ``has_history`` tells whether the value on a past day can be known.
    """

    key: str
    label: str
    type: FieldType
    path: str
    column: str = ""
    stored: Stored = Stored.AS_IS
    choices: tuple[tuple[str, str], ...] = ()
    names: Callable[[Collection[int]], Mapping[int, str]] | None = None
    unit: str = ""
    decimals: int = 0
    minimum: int = -WHOLE_LIMIT
    maximum: int = WHOLE_LIMIT
    empty: str = "empty"
    can_be_empty: bool = True
    null_is: int | Decimal | bool | None = None
    permission: str = ""
    has_history: bool = False
    cost: Cost = Cost.LIGHT

    def __post_init__(self) -> None:
        """Refuse a contradiction where the field is declared; ``ValueError`` names the field."""
        object.__setattr__(self, "column", self.column or self.key)
        stored_types = {Stored.DAYS_SINCE: FieldType.NUMBER, Stored.INSTANT: FieldType.DATE}
        needed = stored_types.get(self.stored, self.type)
        if self.type is not needed:
            raise ValueError(f"{self.key}: only a {needed} field is stored as {self.stored}.")
        if (self.type is FieldType.CHOICE) != bool(self.choices):
            raise ValueError(f"{self.key}: fields of type choice have choices, others none.")
        if self.stored is Stored.DAYS_SINCE and (self.minimum < -AGE_LIMIT or self.maximum > AGE_LIMIT):
            raise ValueError(f"{self.key}: days since a date stay within {AGE_LIMIT:,}.")
        if self.null_is is not None and self.can_be_empty:
            raise ValueError(f"{self.key}: what stands for another value is never empty.")

    @property
    def operators(self) -> tuple[Operator, ...]:
        """The operators that the field offers, in the order in which users read them."""
        offered = OPERATORS[self.type]
        return offered if self.can_be_empty else tuple(name for name in offered if name not in EMPTINESS)

    def column_path(self, columns: Mapping[str, str], prefix: str) -> str:
        """The ORM path: what ``columns`` says for this column, else ``prefix`` and the field's own path."""
        return columns.get(self.column) or f"{prefix}{self.path}"


class FieldRegistry(Mapping[str, FieldSpec]):
    """Fields by key, in the order in which they were declared."""

    def __init__(self, fields: Iterable[FieldSpec]) -> None:
        self._fields: dict[str, FieldSpec] = {}
        for field in fields:
            if field.key in self._fields:
                raise ValueError(f"Two condition fields are called {field.key}.")
            self._fields[field.key] = field

    def __getitem__(self, key: str) -> FieldSpec:
        return self._fields[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


@cache
def wired_fields() -> FieldRegistry:
    """The fields of all lists that the wiring names."""
    return FieldRegistry(field for fields in wired("CONDITION_FIELDS") for field in fields)
