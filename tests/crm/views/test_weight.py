"""Pages stay light: a list of 25 rows is at most 40 KB of markup, one of 50 at most 70 KB."""

from datetime import date, timedelta

import pytest

from accounts.models import User
from tests.factories import ActionFactory, CustomerFactory
from tests.people import SignIn

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("rows", "limit"), [(25, 40_000), (50, 70_000)])
def test_a_full_page_of_customers(rows: int, limit: int, alice: User, today: date, sign_in: SignIn) -> None:
    last = today - timedelta(days=62)
    facts = {"first_order_on": last, "last_order_on": last, "order_days": 9, "orders_total": 9}
    for number in range(rows + 1):
        customer = CustomerFactory(
            owner=alice,
            name=f"Harbour Lane Gifts and Souvenirs {number}",
            city="Scarborough",
            facts={**facts, "median_gap": 24, "sales_365": 48210},
        )
        ActionFactory(customer=customer, assignee=alice, due_on=last)
    response = sign_in(alice).get(f"/customers/?rows={rows}")
    assert len(response.context["page"].rows) == rows
    assert len(response.content) <= limit
