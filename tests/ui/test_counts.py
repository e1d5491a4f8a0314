"""The numbers of the sidebar: rows of any models are counted in one query, numbers are taken as they are."""

from typing import Any

import pytest

from accounts.models import User
from crm.models import Action, Customer
from tests.factories import ActionFactory, CustomerFactory
from ui.navigation import counted

pytestmark = pytest.mark.django_db


def test_all_rows_are_counted_in_one_query(alice: User, django_assert_num_queries: Any) -> None:
    for _ in range(3):
        ActionFactory(customer=CustomerFactory(owner=alice), assignee=alice)
    asked = {
        "actions": Action.objects.filter(assignee=alice),
        "customers": Customer.objects.visible_to(alice),
        "nothing": Action.objects.none(),
        "none of them": Action.objects.filter(assignee=None),
        "known": 7,
    }
    counts = {"actions": 3, "customers": 3, "none of them": 0, "known": 7}
    with django_assert_num_queries(1):
        assert counted(asked) == counts


@pytest.mark.parametrize("asked", [{}, {"known": 7}])
def test_without_rows_nothing_is_asked(asked: dict[str, int], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert counted(asked) == asked  # type: ignore[arg-type]
