"""Filters of order templates."""

from decimal import Decimal

from django import template

from core.money import symbol_of

register = template.Library()


@register.filter
def unit_price(amount: Decimal, currency: str) -> str:
    """A price per unit with two to four decimals: £2.55, £0.0013."""
    text = f"{amount:,.4f}"
    whole, decimals = text.split(".")
    decimals = decimals.rstrip("0").ljust(2, "0")
    return f"{symbol_of(currency)}{whole}.{decimals}"
