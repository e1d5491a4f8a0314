"""Money: exact decimals, stored as whole numbers of 1/10,000 of the currency unit.

One scale serves amounts and unit prices of every ISO currency. SQLite has no decimal type (ten times
0.10 compares below 1.00 there), so the column is a big integer on every database, and the field gives
and takes ``Decimal`` everywhere: attributes, look-ups, expressions and aggregates.
"""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

SCALE = 10_000
LIMIT = Decimal(10) ** 14  # fits a signed 64-bit integer of 1/10,000 with room for sums
_STEP = Decimal("0.0001")
_CENT = Decimal("0.01")


def parse_decimal(text: str, *, places: int = 4, limit: Decimal = LIMIT) -> Decimal:
    """The finite decimal written in ``text`` with at most ``places`` decimals and below ``limit``.

    Raises ``ValueError`` with a sentence: for words, NaN, infinity, huge exponents, too many decimals.
    """
    raw = text.strip()
    if len(raw) > 40:
        raise ValueError("The number is too long.")
    try:
        value = Decimal(raw)
    except InvalidOperation as error:
        raise ValueError(f"{raw!r} is not a number.") from error
    if not value.is_finite():
        raise ValueError(f"{raw!r} is not a finite number.")
    if abs(value.adjusted()) > 15 or abs(value) >= limit:
        raise ValueError(f"{raw!r} is too large or too small.")
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        raise ValueError(f"{raw!r} has more than {places} decimals.")
    return value


def to_cents(value: Decimal) -> Decimal:
    """``value`` rounded half up to two decimals, as amounts are booked."""
    return value.quantize(_CENT, rounding=ROUND_HALF_UP)


def to_minor(value: Decimal) -> int:
    """``value`` as the stored whole number; more than four decimals are an error, not rounded."""
    scaled = value * SCALE
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{value} has more than four decimals.")
    return int(scaled)


def from_minor(minor: int | Decimal) -> Decimal:
    """The amount of a stored whole number, with four decimals; averages are cut after the fourth."""
    return (Decimal(minor) / SCALE).quantize(_STEP, rounding=ROUND_HALF_UP)


SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}


def symbol_of(currency: str) -> str:
    """What stands in front of an amount: ``£``, or the code and a space without a sign of its own."""
    return SYMBOLS.get(currency, f"{currency} ")


def money_words(amount: Decimal, currency: str) -> str:
    """The amount as people read it, rounded half up to cents: ``£2,405.42``."""
    rounded = to_cents(amount)
    return f"{'-' if rounded < 0 else ''}{symbol_of(currency)}{abs(rounded):,.2f}"


class MoneyField(models.Field):
    """An amount or unit price in the record's currency; ``Decimal`` with up to four decimals.

    Not an integer field to Django, although it is one to the database: so averages come back as money,
    and mixing it with plain numbers in an expression is an error instead of a sum that is wrong by 10,000.
    """

    description = "Money"

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else from_minor(value)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return parse_decimal(str(value))
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return to_minor(value if isinstance(value, Decimal) else Decimal(str(value)))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if prepared else self.get_prep_value(value)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(form_class=MoneyFormField, **kwargs)


class MoneyFormField(forms.DecimalField):
    """Form input for money: refuses NaN, infinity and more than four decimals."""

    def __init__(self, **kwargs: Any) -> None:
        for unused in ("min_value", "max_value"):
            kwargs.pop(unused, None)
        super().__init__(max_digits=18, decimal_places=4, **kwargs)
