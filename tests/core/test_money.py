"""Money: exact in Python, in SQL and in aggregates, on every database."""

from decimal import Decimal

import pytest
from django.core.exceptions import FieldError
from django.db.models import Avg, F, Sum, Value
from hypothesis import given
from hypothesis import strategies as st

from core.money import MoneyField, from_minor, money_words, parse_decimal, to_cents, to_minor
from orders.models import SalesOrder
from tests.factories import OrderFactory

amounts = st.decimals(Decimal("-99999999.9999"), Decimal("99999999.9999"), places=4)


@given(amounts)
def test_stored_number_is_the_amount(amount: Decimal) -> None:
    assert from_minor(to_minor(amount)) == amount


@pytest.mark.django_db
def test_ten_times_ten_pence_is_a_pound_for_the_database_too() -> None:
    for _ in range(10):
        OrderFactory(total=Decimal("0.10"))
    assert SalesOrder.objects.aggregate(sum=Sum("total"))["sum"] == Decimal("1.0000")
    grouped = SalesOrder.objects.values("currency").annotate(sum=Sum("total"))
    assert grouped.filter(sum__gte=Decimal("1.00")).count() == 1
    assert grouped.filter(sum__lt=Decimal("1.00")).count() == 0


@pytest.mark.django_db
def test_decimals_in_look_ups_expressions_and_averages() -> None:
    order = OrderFactory(total=Decimal("12.3456"))
    OrderFactory(total=Decimal("0.0002"))
    assert SalesOrder.objects.get(total=Decimal("12.3456")) == order
    assert SalesOrder.objects.aggregate(mean=Avg("total"))["mean"] == Decimal("6.1729")
    more = Value(Decimal("0.0044"), output_field=MoneyField())
    SalesOrder.objects.filter(pk=order.pk).update(total=F("total") + more)
    order.refresh_from_db()
    assert order.total == Decimal("12.35")


def test_more_than_four_decimals_are_an_error_not_a_rounding() -> None:
    with pytest.raises(ValueError, match="more than four decimals"):
        to_minor(Decimal("0.00001"))


@pytest.mark.parametrize(
    "text", ["", "abc", "NaN", "Infinity", "-inf", "1e999999", "1e-999999", "9" * 41, "1.00001", "12x"]
)
def test_bad_numbers_are_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"\."):
        parse_decimal(text)


def test_amounts_in_words() -> None:
    assert money_words(Decimal("2405.415"), "GBP") == "£2,405.42"
    assert money_words(Decimal("-1"), "CHF") == "-CHF 1.00"
    assert to_cents(Decimal("0.005")) == Decimal("0.01")


@pytest.mark.django_db
def test_plain_numbers_do_not_mix_with_money() -> None:
    OrderFactory()
    with pytest.raises(FieldError):
        list(SalesOrder.objects.annotate(more=F("total") + 5))
