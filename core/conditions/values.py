"""Values of leaves: from JSON to the type that the field compares with."""

import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from core.conditions.ast import Value
from core.conditions.errors import WrongValue
from core.conditions.fields import FieldSpec
from core.conditions.operators import FieldType, Unit
from core.dates import parse_day
from core.money import parse_decimal
from core.text import has_control_characters

MAX_TEXT = 200
MAX_LIST = 100
MAX_SPAN = {Unit.DAYS: 36_500, Unit.WEEKS: 5_200, Unit.MONTHS: 1_200}  # a hundred years
_LAST_ID = 2**63 - 1


def shown(value: object) -> str:
    """A short, printable form of anything, for sentences about it."""
    if not isinstance(value, str):
        return {bool: "true or false", list: "a list", dict: "an object", type(None): "nothing"}.get(
            type(value), "a number"
        )
    text = "".join(char if char.isprintable() else "?" for char in value[:41])
    return f'"{text}"' if len(text) <= 40 else f'"{text[:40]}…"'


def read_value(field: FieldSpec, value: object) -> Value:
    """One value of ``field``; ``ValueError`` with a sentence when it is none."""
    return _READERS[field.type](field, value)


def read_span(value: object, unit: Unit) -> int:
    """The number of ``unit`` in a span of time; ``ValueError`` with a sentence when it is none."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_SPAN[unit]:
        raise WrongValue(f"Give a whole number of {unit} from 1 to {MAX_SPAN[unit]:,}.")
    return value


def _read_text(field: FieldSpec, value: object) -> str:
    if not isinstance(value, str):
        raise WrongValue(f"{field.label} takes text, not {shown(value)}.")
    if len(value) > MAX_TEXT:
        raise WrongValue(f"The text for {field.label} has more than {MAX_TEXT} characters.")
    if any(0xD800 <= ord(char) < 0xE000 for char in value) or has_control_characters(value):
        raise WrongValue(f"The text for {field.label} holds characters that no record can hold.")
    text = unicodedata.normalize("NFC", value)  # as all stored text is
    if not text.strip() or len(text) > MAX_TEXT:
        raise WrongValue(f"Give a text of 1 to {MAX_TEXT} characters for {field.label}.")
    return text


def _read_choice(field: FieldSpec, value: object) -> str:
    if isinstance(value, str) and value in dict(field.choices):
        return value
    raise WrongValue(f"{field.label} has no choice {shown(value)}.")


def _read_reference(field: FieldSpec, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _LAST_ID:
        raise WrongValue(f"{field.label} takes the id of a record, not {shown(value)}.")
    return value


def _read_number(field: FieldSpec, value: object) -> Value:
    number = _decimal(field, value, field.decimals)
    if not field.minimum <= number <= field.maximum:
        raise WrongValue(f"{field.label} takes numbers from {field.minimum:,} to {field.maximum:,}.")
    return number if field.decimals else int(number)


def _read_money(field: FieldSpec, value: object) -> Decimal:
    return _decimal(field, value, 4)


def _decimal(field: FieldSpec, value: object, places: int) -> Decimal:
    """An exact decimal; a JSON fraction counts as it is written, not as the binary number near it."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise WrongValue(f"{field.label} takes a number, not {shown(value)}.")
    if isinstance(value, int) and abs(value) >= 10**15:
        raise WrongValue(f"The number for {field.label} is too large.")
    return parse_decimal(str(value), places=places) + 0  # no minus zero


def _read_date(field: FieldSpec, value: object) -> date:
    if not isinstance(value, str) or len(value) > 40:
        raise WrongValue(f"{field.label} takes a date written as 2026-11-21, not {shown(value)}.")
    return parse_day(value)


def _read_flag(field: FieldSpec, value: object) -> Value:
    raise WrongValue(f"{field.label} takes no value: it is yes or no.")


_READERS: dict[FieldType, Callable[[FieldSpec, object], Value]] = {
    FieldType.TEXT: _read_text,
    FieldType.CHOICE: _read_choice,
    FieldType.REFERENCE: _read_reference,
    FieldType.NUMBER: _read_number,
    FieldType.MONEY: _read_money,
    FieldType.DATE: _read_date,
    FieldType.FLAG: _read_flag,
}
