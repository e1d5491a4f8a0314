"""Numbers without gaps: given back when the transaction fails."""

import pytest
from django.db import transaction

from core.numbers import next_number, next_numbers


@pytest.mark.django_db(transaction=True)
def test_numbers_follow_each_other_without_gaps() -> None:
    with transaction.atomic():
        assert [next_number("order", first=100) for _ in range(3)] == [100, 101, 102]
    with transaction.atomic():
        assert next_number("order") == 103
        transaction.set_rollback(True)  # the order was not placed
    with transaction.atomic():
        assert next_numbers("order", 5) == 103
        assert next_number("order") == 108
        assert next_number("another series") == 1


@pytest.mark.django_db(transaction=True)
def test_number_needs_the_transaction_of_its_record() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        next_number("order")
