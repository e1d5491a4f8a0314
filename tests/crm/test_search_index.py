"""Text search on PostgreSQL goes through trigrams: it must not read a hundred thousand customers."""

import pytest
from django.db import connection

from core.sql import is_postgresql
from crm.models import Contact, Customer

pytestmark = pytest.mark.django_db


@pytest.mark.skipif(not is_postgresql(), reason="SQLite reads its table")
@pytest.mark.parametrize("model", [Customer, Contact])
def test_a_word_is_found_by_its_trigrams(model: type[Customer] | type[Contact]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # the table is empty: reading it would be cheaper
    plan = model.objects.search("granite 4711").order_by().explain()
    assert f"Bitmap Index Scan on {model._meta.model_name}_search" in plan
