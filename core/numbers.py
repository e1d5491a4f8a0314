"""Gap-free numbers from a counter row.

The row's lock lasts until the transaction ends: take the number as the last statement before commit.
"""

from django.db import transaction
from django.db.models import F

from core.models import Counter


def next_number(series: str, *, first: int = 1) -> int:
    """The next number of ``series``, which starts at ``first``; given back if the transaction fails."""
    return next_numbers(series, 1, first=first)


def next_numbers(series: str, count: int, *, first: int = 1) -> int:
    """Take ``count`` numbers at once; the first of them."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("A number needs the transaction of its record.")
    Counter.objects.bulk_create([Counter(series=series, value=first - 1)], ignore_conflicts=True)
    Counter.objects.filter(series=series).update(value=F("value") + count)
    return Counter.objects.get(series=series).value - count + 1
