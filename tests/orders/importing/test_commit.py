"""Committing a checked file: what is written, what is left alone, and what may be repeated."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from activity.models import Entry, Wake
from catalog.models import Item
from core.errors import Refused
from crm.models import Customer, CustomerFacts, FactsDay
from orders.domain.facts import roll
from orders.domain.sales_order import NewLine, place_order
from orders.importing import BrokenFile, Plan, Report, commit_retail, import_retail, read_retail
from orders.models import OrderLine, SalesOrder
from tests.factories import CustomerFactory, ItemFactory, OrderFactory
from tests.orders.importing.files import row, slice_of_subset, write
from tests.orders.importing.state import state
from tests.orders.oracle import stored_facts

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DAY_ONE, DAY_TWO = "2011-06-01 23:30:00", "2011-06-02 08:00:00"
ROWS = [
    row("1", InvoiceDate=DAY_ONE, Country="Spain"),
    row("1", InvoiceDate=DAY_ONE, StockCode="post", Description="POSTAGE", Quantity="1", UnitPrice="18"),
    row("C2", InvoiceDate=DAY_TWO, Quantity="-2", Country="Italy"),
    row("3", InvoiceDate=DAY_TWO, CustomerID=""),
    row("4", InvoiceDate=DAY_TWO, CustomerID="12346"),
]


def load(path: Path, rows: list[list[str]] | None = None, **plan: Any) -> Report:
    return import_retail(write(path / "file.csv", rows or ROWS), Plan(**{"now": NOW, **plan}))


def sums(report: Report) -> tuple[int, int]:
    return report.rows.total(), report.content.total()


def test_orders_customers_items_and_lines(tmp_path: Path) -> None:
    report = load(tmp_path)
    order = SalesOrder.objects.get(number="1")
    assert (order.kind, order.status, order.source, order.currency) == ("sale", "placed", "import", "GBP")
    assert order.total == Decimal("33.30")
    # Half past eleven in a British summer evening: still the day before in UTC's reckoning, not here.
    assert order.placed_at == datetime(2011, 6, 1, 22, 30, tzinfo=UTC)
    assert order.placed_on == date(2011, 6, 1)
    lines = order.lines.values_list("position", "item__code", "text", "quantity", "unit_price", "total")
    assert list(lines) == [
        (1, "85123A", "WHITE HANGING HEART", 6, Decimal("2.55"), Decimal("15.30")),
        (2, "POST", "POSTAGE", 1, Decimal("18"), Decimal("18")),
    ]
    returned = SalesOrder.objects.get(number="C2")
    assert (returned.kind, returned.total, returned.returned_order) == ("return", Decimal("5.10"), None)
    customer = Customer.objects.get(number="17850")
    assert (customer.name, customer.kind, customer.status) == ("Customer 17850", "retail", "active")
    assert (customer.country, customer.source, customer.created_at) == ("Spain", "import", NOW)
    assert "17850" in customer.search
    assert set(Item.objects.values_list("code", "name", "kind")) == {
        ("85123A", "WHITE HANGING HEART", "goods"),
        ("POST", "POSTAGE", "charge"),
    }
    assert report.two_countries == ["17850"]
    assert sums(report) == (5, 5)
    assert report.rows["imported"] == 4
    assert (report.new_customers, report.new_items) == (2, 2)
    assert FactsDay.objects.get().rolled_on == date(2011, 6, 2) == report.rolled_on


def test_the_journal_tells_and_wakes_nobody(tmp_path: Path) -> None:
    load(tmp_path)
    entries = Entry.objects.values_list("verb", "cause", "by").order_by("id")
    assert sorted(entries) == [
        ("customer.created", "import", None),
        ("customer.created", "import", None),
        ("item.created", "import", None),
        ("item.created", "import", None),
        ("order.placed", "import", None),
        ("order.placed", "import", None),
        ("order.returned", "import", None),
    ]
    order = SalesOrder.objects.get(number="1")
    entry = Entry.objects.get(subject_type="orders.salesorder", subject_id=order.pk)
    assert entry.customer_id == order.customer_id
    assert (entry.at, entry.happened_at) == (NOW, order.placed_at)
    assert entry.data == {"number": "1", "total": "33.3000", "currency": "GBP", "placed_on": "2011-06-01"}
    assert not Wake.objects.exists()
    assert set(SalesOrder.objects.values_list("events_from", flat=True)) == {None}
    assert set(Customer.objects.values_list("events_from", flat=True)) == {None}


def test_a_replay_lets_events_see_records_from_their_own_first_instant(tmp_path: Path) -> None:
    load(tmp_path, fire_events=True)
    first = SalesOrder.objects.get(number="1")
    assert first.events_from == first.placed_at
    assert Customer.objects.get(number="17850").events_from == first.placed_at
    assert sorted(Wake.objects.values_list("verb", flat=True)) == [
        "customer.created",
        "customer.created",
        "order.placed",
        "order.placed",
    ]


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    load(tmp_path)
    before = state()
    report = load(tmp_path)
    assert state() == before
    assert report.rows["unchanged"] == 4
    assert report.rows["imported"] == report.new_customers == report.new_items == 0
    assert sums(report) == (5, 5)


def test_an_order_with_another_content_is_reported_and_stays(tmp_path: Path) -> None:
    load(tmp_path)
    OrderFactory(number="5")  # entered by hand
    before = state()
    changed = [ROWS[0], *ROWS[2:], row("5"), row("6", CustomerID="99999")]
    report = load(tmp_path, changed)
    assert report.conflicts == ["5", "1"]
    assert report.rows["conflicting"] == 2
    assert sums(report) == (6, 6)
    after = state()
    assert [line for line in before if line not in after] == []
    assert SalesOrder.objects.filter(number="6").exists()


def test_customers_and_items_that_exist_are_used_as_they_are(tmp_path: Path) -> None:
    customer = CustomerFactory(number="17850", name="Heart & Home", country="France", status="prospect")
    item = ItemFactory(code="85123A", name="A heart")
    report = load(tmp_path)
    assert (report.new_customers, report.new_items) == (1, 1)
    customer.refresh_from_db()
    assert (customer.name, customer.country) == ("Heart & Home", "France")
    assert customer.status == "active"
    assert OrderLine.objects.filter(item=item, order__customer=customer).count() == 2


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    before = state()
    dry = load(tmp_path, dry_run=True)
    assert state() == before
    assert dry.rolled_on is None
    real = load(tmp_path)
    assert dry.rows == real.rows
    assert dry.orders == real.orders
    assert (dry.new_customers, dry.new_items) == (real.new_customers, real.new_items)


def test_until_a_day_and_then_the_rest(tmp_path: Path) -> None:
    report = load(tmp_path, until=date(2011, 6, 1))
    assert list(SalesOrder.objects.values_list("number", flat=True)) == ["1"]
    assert report.rows["outside"] == 2
    assert sums(report) == (5, 5)
    assert FactsDay.objects.get().rolled_on == date(2011, 6, 1)
    report = load(tmp_path)
    assert report.rows["unchanged"] == report.rows["imported"] == 2
    assert SalesOrder.objects.count() == 3


def test_until_a_day_that_has_not_come_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="that day has not come"):
        load(tmp_path, until=date(2026, 11, 21))


def test_a_file_with_rows_in_the_future_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="lies in the future"):
        load(tmp_path, [*ROWS, row("9", InvoiceDate="2026-11-21 00:00:01")])
    assert not SalesOrder.objects.exists()


def test_an_import_of_old_orders_never_rolls_the_facts_back(tmp_path: Path) -> None:
    roll(day=date(2026, 11, 19), now=NOW)
    report = load(tmp_path)
    assert report.rolled_on == FactsDay.objects.get().rolled_on == date(2026, 11, 19)
    facts = CustomerFacts.objects.get(customer__number="17850")
    assert (facts.last_order_on, facts.orders_total, facts.orders_365) == (date(2011, 6, 1), 1, 0)


def test_a_broken_file_leaves_nothing(tmp_path: Path) -> None:
    before = state()
    with pytest.raises(BrokenFile, match="Line 7, column Quantity"):
        load(tmp_path, [*ROWS, row("9", Quantity="x")])
    assert state() == before


def test_day_by_day_ends_as_the_whole_file_does(tmp_path: Path) -> None:
    file = read_retail(slice_of_subset(tmp_path / "slice.csv", 3000))
    with transaction.atomic():
        commit_retail(file, Plan(now=NOW))
        whole = state()
        transaction.set_rollback(True)
    assert not SalesOrder.objects.exists()
    day = file.days[0]
    while day <= file.days[-1]:
        commit_retail(file, Plan(now=NOW, after=day - timedelta(days=1), until=day))
        day += timedelta(days=1)
    assert state() == whole


def stored_by_number() -> dict[str, Any]:
    numbers = dict(Customer.objects.values_list("pk", "number"))
    return {numbers[customer]: facts for customer, facts in stored_facts().items()}


def test_bulk_equals_placing_the_orders_one_by_one(tmp_path: Path) -> None:
    file = read_retail(slice_of_subset(tmp_path / "slice.csv", 1500))
    commit_retail(file, Plan(now=NOW))
    last_day = FactsDay.objects.get().rolled_on
    bulk, orders = (
        stored_by_number(),
        list(SalesOrder.objects.order_by("-placed_at").prefetch_related("lines__item")),
    )
    content = [
        (
            order.customer.number,
            order.kind,
            order.number,
            order.placed_at,
            [NewLine(line.item, line.quantity, line.unit_price) for line in order.lines.all()],
            order.total,
        )
        for order in orders
    ]
    for model in (OrderLine, SalesOrder, CustomerFacts, Customer, FactsDay):
        model.objects.all().delete()
    customers = {number: CustomerFactory(number=number, kind="retail") for number in bulk}
    for number, kind, order_number, placed_at, lines, total in content:
        order = place_order(
            customer=customers[number],
            kind=kind,
            number=order_number,
            placed_at=placed_at,
            lines=lines,
            by=None,
            now=NOW,
        )
        assert order.total == total
    assert last_day is not None
    roll(day=last_day, now=NOW)
    assert stored_by_number() == bulk
