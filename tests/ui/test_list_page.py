"""The list page: scope, filters in the address, order, fragments."""

import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from crm.models import Customer
from tests.factories import CustomerFactory
from tests.ui.site import CustomerList
from ui.tables import Column, Table, unindexed_sorts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_site")]

HTMX = {"HX-Request": "true"}


@pytest.fixture
def customers(alice: User, charlie: User) -> None:
    for number in range(30):
        CustomerFactory(name=f"Shop {number:02d}", owner=alice, tier="A" if number < 3 else "B")
    CustomerFactory(name="Shop of a stranger", owner=charlie)


def names(html: bytes) -> list[str]:
    return re.findall(r'<td class="two m-a">(.*?)</td>', html.decode())


@pytest.mark.usefixtures("customers")
def test_shows_the_users_own_rows_page_by_page(rep: Client) -> None:
    first = rep.get("/customers/")
    assert names(first.content) == [f"Shop {number:02d}" for number in range(25)]
    assert "30 customers" in first.content.decode()
    assert "1 to 25 of 30" in first.content.decode()
    following = re.search(r'href="(\?[^"]*)"[^>]*rel="next"', first.content.decode())
    assert following
    second = rep.get(f"/customers/{following.group(1)}")
    assert names(second.content) == [f"Shop {number:02d}" for number in range(25, 30)]
    assert 'rel="prev"' in second.content.decode()
    assert 'rel="next"' not in second.content.decode()


@pytest.mark.usefixtures("customers")
def test_filters_live_in_the_address_and_can_be_dropped(rep: Client) -> None:
    page = rep.get("/customers/?tier=A&q=shop+0&sort=-name&rows=50").content
    assert names(page) == ["Shop 02", "Shop 01", "Shop 00"]
    html = page.decode()
    assert 'href="?q=shop+0&amp;sort=-name&amp;rows=50" aria-label="Remove filter: Tier"' in html
    assert 'aria-sort="descending"' in html
    assert 'type="date" name="since" class="form-control"' in html


@pytest.mark.usefixtures("customers")
def test_htmx_gets_the_list_only_and_an_announcement(rep: Client) -> None:
    answer = rep.get("/customers/?tier=A", headers=HTMX)
    assert b"<html" not in answer.content
    assert answer.content.lstrip().startswith(b'<div class="stack" id="list">')
    assert json.loads(answer["HX-Trigger"])["tp:announce"] == {"text": "3 customers"}
    assert "HX-Request" in answer["Vary"]


@pytest.mark.usefixtures("customers")
def test_history_and_boosted_requests_get_the_page(rep: Client) -> None:
    for header in ("HX-History-Restore-Request", "HX-Boosted"):
        assert b"<html" in rep.get("/customers/", headers={**HTMX, header: "true"}).content


@pytest.mark.usefixtures("customers")
@pytest.mark.parametrize("query", ["tier=Z", "since=never", "since=0000-00-00", "status=active&status=no"])
def test_a_filter_that_cannot_be_read_is_422_and_shows_no_rows(rep: Client, query: str) -> None:
    answer = rep.get(f"/customers/?{query}")
    assert answer.status_code == 422
    assert names(answer.content) == []
    assert b"These filters cannot be used" in answer.content
    assert b">0 customers<" in answer.content


@pytest.mark.usefixtures("customers")
@pytest.mark.parametrize(
    "query", ["sort=owner", "sort=--name", "sort=name;drop", "rows=1000000", "page=x", "rows=-1"]
)
def test_other_parameters_that_make_no_sense_mean_the_plain_list(rep: Client, query: str) -> None:
    assert names(rep.get(f"/customers/?{query}").content) == [f"Shop {number:02d}" for number in range(25)]


def test_empty_lists_say_why(rep: Client) -> None:
    assert b"Customers appear here once they are entered." in rep.get("/customers/").content
    assert b"Nothing matches" in rep.get("/customers/?q=zzz").content


def test_names_are_escaped(rep: Client, alice: User) -> None:
    CustomerFactory(name="<script>alert(1)</script>", owner=alice)
    assert names(rep.get("/customers/").content) == ["&lt;script&gt;alert(1)&lt;/script&gt;"]


def test_the_number_of_queries_does_not_grow_with_the_rows(rep: Client, alice: User) -> None:
    rep.get("/customers/")  # what is made or cached once
    counts = []
    for batch in (1, 2):
        CustomerFactory.create_batch(batch, owner=alice)
        with CaptureQueriesContext(connection) as queries:
            rep.get("/customers/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_only_indexed_columns_may_sort() -> None:
    assert unindexed_sorts(CustomerList.table, Customer) == []
    city = Table(caption="", order="city", columns=(Column("city", "City", sort="city"),))
    assert unindexed_sorts(city, Customer) == ["city"]
