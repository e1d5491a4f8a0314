"""Keyset paging: every row once, in order, forwards and backwards, whatever the values."""

from datetime import timedelta

import pytest
from django.db.models import QuerySet

from accounts.models import User
from crm.models import Customer
from tests.factories import NOW, CustomerFactory
from ui import paging
from ui.paging import Sort, paginate

pytestmark = pytest.mark.django_db


@pytest.fixture
def customers(alice: User, bob: User) -> QuerySet[Customer]:
    """23 customers with equal names, equal instants to the microsecond, and some without an owner."""
    for number in range(23):
        CustomerFactory(
            name=f"Shop {number % 4}",
            owner=[alice, bob, None][number % 3],
            created_at=NOW - timedelta(microseconds=number // 3),
        )
    return Customer.objects.all()


SORTS = [
    Sort("name"),
    Sort("name", descending=True),
    Sort("created_at"),
    Sort("created_at", descending=True),
    Sort("owner__name"),
    Sort("owner__name", descending=True),
    Sort("pk"),
]


def expected(rows: QuerySet[Customer], sort: Sort) -> list[int]:
    """The whole order, by Python: rows without a value last, equals by id in the same direction."""
    steps = sort.path.split("__")

    def value(row: Customer) -> object:
        found: object = row
        for step in steps:
            found = getattr(found, step, None)
        return found

    filled = [row for row in rows if value(row) is not None]
    empty = [row for row in rows if value(row) is None]
    filled.sort(key=lambda row: (value(row), row.pk), reverse=sort.descending)
    empty.sort(key=lambda row: row.pk, reverse=sort.descending)
    return [row.pk for row in filled + empty]


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_walking_there_and_back_shows_every_row_once(customers: QuerySet[Customer], sort: Sort) -> None:
    order = expected(customers, sort)
    page = paginate(customers, sort, cursor="", size=5)
    there = [page]
    while page.next and len(there) < 9:  # a walk in circles ends, too
        page = paginate(customers, sort, cursor=page.next, size=5)
        there.append(page)
    assert [row.pk for each in there for row in each.rows] == order
    assert [(each.start, each.end) for each in there] == [(1, 5), (6, 10), (11, 15), (16, 20), (21, 23)]
    back = [page]
    while page.previous and len(back) < 9:
        page = paginate(customers, sort, cursor=page.previous, size=5)
        back.append(page)
    assert [[row.pk for row in each.rows] for each in reversed(back)] == [
        [row.pk for row in each.rows] for each in there
    ]
    assert back[-1].start == 1


def test_the_count_stops_above_the_cap(
    customers: QuerySet[Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "COUNT_CAP", 20)
    page = paginate(customers, Sort("name"), cursor="", size=5)
    assert (page.count, page.count_is_capped) == (21, True)
    monkeypatch.setattr(paging, "COUNT_CAP", 23)
    page = paginate(customers, Sort("name"), cursor="", size=5)
    assert (page.count, page.count_is_capped) == (23, False)


@pytest.mark.parametrize(
    "cursor", ["x", "a:b", "\u20ac", "WzEsMiwzLHRydWVd", "WzEsMiwzLHRydWVd:signed", ":" * 500]
)
def test_a_cursor_that_was_not_made_here_means_the_first_page(
    customers: QuerySet[Customer], cursor: str
) -> None:
    assert paginate(customers, Sort("name"), cursor=cursor, size=5).start == 1


def test_a_cursor_of_another_order_means_the_first_page(customers: QuerySet[Customer]) -> None:
    by_name = paginate(customers, Sort("name"), cursor="", size=5).next
    assert paginate(customers, Sort("created_at"), cursor=by_name, size=5).start == 1
    assert paginate(customers, Sort("name", descending=True), cursor=by_name, size=5).start == 1
    assert paginate(customers, Sort("name"), cursor=by_name, size=5).start == 6


def test_when_the_rows_beyond_have_gone_the_first_page_is_shown(customers: QuerySet[Customer]) -> None:
    page = paginate(customers, Sort("pk"), cursor="", size=20)
    shown = customers.filter(pk__lte=page.rows[-1].pk)
    assert paginate(shown, Sort("pk"), cursor=page.next, size=20).start == 1


def test_no_rows() -> None:
    page = paginate(Customer.objects.none(), Sort("name"), cursor="", size=5)
    assert (page.rows, page.count, page.previous, page.next) == ([], 0, "", "")
