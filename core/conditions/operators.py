"""The operators of conditions, and which type of field offers which."""

from enum import StrEnum


class FieldType(StrEnum):
    """What kind of value a field has."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    CHOICE = "choice"
    FLAG = "flag"
    REFERENCE = "reference"


class Unit(StrEnum):
    """The unit of a span of time; months are calendar months, cut at the month's end."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


class Operator(StrEnum):
    """How a leaf compares its field with its value.

    An empty value is false for every comparison and true for ``is_not``, ``none_of`` and ``empty``, so
    each operator is either true or false of each row. Text is compared exactly by ``is`` and its like;
    ``contains`` and ``starts_with`` ignore upper and lower case, letter by letter, but not accents.
    """

    IS = "is"
    IS_NOT = "is_not"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    EMPTY = "empty"
    NOT_EMPTY = "not_empty"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    BETWEEN = "between"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    OLDER_THAN = "older_than"
    WITHIN_LAST = "within_last"
    WITHIN_NEXT = "within_next"
    IS_TRUE = "is_true"
    IS_FALSE = "is_false"


_EQUALITY = (Operator.IS, Operator.IS_NOT)
_MEMBERSHIP = (Operator.ONE_OF, Operator.NONE_OF)
_ORDER = (Operator.LT, Operator.LTE, Operator.GT, Operator.GTE, Operator.BETWEEN)
EMPTINESS = (Operator.EMPTY, Operator.NOT_EMPTY)

# Operators that take a span of time (a whole number and a unit), a list, or nothing.
RELATIVE = frozenset({Operator.OLDER_THAN, Operator.WITHIN_LAST, Operator.WITHIN_NEXT})
LISTS = frozenset(_MEMBERSHIP)
WITHOUT_VALUE = frozenset({*EMPTINESS, Operator.IS_TRUE, Operator.IS_FALSE})

# Operators that are the exact contrary of another one.
CONTRARY = {
    Operator.IS_NOT: Operator.IS,
    Operator.NONE_OF: Operator.ONE_OF,
    Operator.NOT_EMPTY: Operator.EMPTY,
}

OPERATORS: dict[FieldType, tuple[Operator, ...]] = {
    FieldType.TEXT: (*_EQUALITY, *_MEMBERSHIP, Operator.CONTAINS, Operator.STARTS_WITH, *EMPTINESS),
    FieldType.NUMBER: (*_EQUALITY, *_ORDER, *EMPTINESS),
    FieldType.MONEY: (*_EQUALITY, *_ORDER, *EMPTINESS),
    FieldType.DATE: (
        *_EQUALITY,
        *_ORDER,
        Operator.OLDER_THAN,
        Operator.WITHIN_LAST,
        Operator.WITHIN_NEXT,
        *EMPTINESS,
    ),
    FieldType.CHOICE: (*_EQUALITY, *_MEMBERSHIP, *EMPTINESS),
    FieldType.FLAG: (Operator.IS_TRUE, Operator.IS_FALSE, *EMPTINESS),
    FieldType.REFERENCE: (*_EQUALITY, *_MEMBERSHIP, *EMPTINESS),
}
