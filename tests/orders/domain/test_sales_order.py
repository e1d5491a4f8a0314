"""Placing, cancelling and returning orders: what is written together, and what is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation, User
from activity.models import Entry, Wake
from catalog.models import Item
from core.errors import Refused
from core.models import Counter
from crm.models import Customer, CustomerFacts
from orders.domain import facts, sales_order
from orders.domain.facts import roll
from orders.domain.sales_order import NewLine, ReturnedLine, cancel_order, place_order, return_order
from orders.models import OrderLine, SalesOrder
from tests.factories import CustomerFactory, ItemFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def rep() -> User:
    return UserFactory(roles=["sales_rep"])


@pytest.fixture
def customer() -> Customer:
    return CustomerFactory()


@pytest.fixture
def item() -> Item:
    return ItemFactory(name="A candle")


@pytest.fixture
def line(item: Item) -> NewLine:
    return NewLine(item, 3, Decimal("1.1150"))


def place(customer: Customer, line: NewLine, by: User | None = None, **more: Any) -> SalesOrder:
    return place_order(
        **{"customer": customer, "lines": [line], "placed_at": NOW, "by": by, "now": NOW, **more}
    )


def facts_of(customer: Customer) -> CustomerFacts:
    return CustomerFacts.objects.get(customer=customer)


def test_order_lines_facts_journal_and_wake_go_together(customer: Customer, line: NewLine, rep: User) -> None:
    order = place(customer, line, rep, customer_reference=" PO  7 ", note="two\r\nlines")
    assert (order.number, order.total, order.currency) == ("SO-10001", Decimal("3.35"), "GBP")
    assert (order.customer_reference, order.note) == ("PO 7", "two\nlines")
    assert (order.created_by, order.created_at, order.events_from) == (rep, NOW, NOW)
    (row,) = order.lines.all()
    assert (row.position, row.text, row.quantity, row.total) == (1, "A candle", 3, Decimal("3.35"))
    found = facts_of(customer)
    assert (found.first_order_on, found.last_order_on, found.last_order_number) == (
        NOW.date(),
        NOW.date(),
        "SO-10001",
    )
    assert (found.order_days, found.orders_total, found.sales_total) == (1, 1, Decimal("3.35"))
    entry = Entry.objects.get(verb="order.placed")
    assert (entry.by, entry.cause, entry.customer_id, entry.subject_id) == (
        rep,
        "user",
        customer.pk,
        order.pk,
    )
    assert entry.data == {"number": "SO-10001", "total": "3.35", "currency": "GBP", "placed_on": "2026-11-20"}
    assert Wake.objects.get().entry == entry


def test_nothing_is_written_when_the_journal_fails(
    customer: Customer, line: NewLine, rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Order, lines, facts, journal and number stand or fall together."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(sales_order, "record", fail)
    with pytest.raises(RuntimeError):
        place(customer, line, rep)
    assert not SalesOrder.objects.exists()
    assert not OrderLine.objects.exists()
    assert not Counter.objects.exists()
    assert facts_of(customer).orders_total == 0


def test_numbers_have_no_gap_and_a_series_for_each_kind(customer: Customer, line: NewLine, rep: User) -> None:
    numbers = [place(customer, line, rep).number, place(customer, line, rep, kind="return").number]
    with pytest.raises(Refused):
        place(customer, replace(line, quantity=0), rep)
    numbers += [place(customer, line, rep).number, place(customer, line, rep, kind="return").number]
    assert numbers == ["SO-10001", "SR-10001", "SO-10002", "SR-10002"]


def test_the_day_is_that_of_the_organisation(customer: Customer, line: NewLine, rep: User) -> None:
    Organisation.objects.create(pk=1, name="Far east", time_zone="Asia/Tokyo")
    order = place(customer, line, rep, placed_at=datetime(2026, 11, 19, 15, 0, tzinfo=UTC))
    assert order.placed_on == date(2026, 11, 20)


def test_an_order_of_yesterday_is_seen_by_events(customer: Customer, line: NewLine, rep: User) -> None:
    yesterday = NOW - timedelta(days=1)
    assert place(customer, line, rep, placed_at=yesterday).events_from == yesterday


def test_an_import_wakes_nobody(customer: Customer, line: NewLine) -> None:
    order = place(customer, line, source="import")
    assert order.events_from is None
    assert Entry.objects.get(verb="order.placed").cause == "import"
    assert not Wake.objects.exists()


def test_a_prospect_who_buys_becomes_active(line: NewLine, rep: User) -> None:
    prospect = CustomerFactory(status="prospect")
    place(prospect, line, rep, kind="return")
    prospect.refresh_from_db()
    assert prospect.status == "prospect"
    place(prospect, line, rep)
    prospect.refresh_from_db()
    assert (prospect.status, prospect.version) == ("active", 2)
    assert Entry.objects.get(verb="customer.changed").data == {"status": ["prospect", "active"]}


def test_the_same_form_twice_makes_one_order(customer: Customer, line: NewLine, rep: User) -> None:
    token = uuid4()
    first = place(customer, line, rep, form_token=token)
    assert place(customer, line, rep, form_token=token) == first
    assert facts_of(customer).orders_total == 1
    assert Counter.objects.get(series="order:sale").value == 10_001


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("on_hold", "the customer is on hold"),
        ("inactive", "no trade is wanted with the customer for now"),
        ("closed", "the customer is closed"),
    ],
)
def test_some_customers_take_no_orders(line: NewLine, rep: User, status: str, why: str) -> None:
    customer = CustomerFactory(status="active", name="Heart & Home")
    Customer.objects.filter(pk=customer.pk).update(status=status)  # after the page was opened
    with pytest.raises(Refused, match=f"You cannot place an order for Heart & Home because {why}"):
        place(customer, line, rep)
    assert place(customer, line, rep, kind="return")  # what they send back is taken


def test_an_archived_customer_takes_no_orders(line: NewLine, rep: User) -> None:
    with pytest.raises(Refused, match="because the customer is archived"):
        place(CustomerFactory(archived_at=NOW), line, rep)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"quantity": 0}, "must be a whole number above zero"),
        ({"quantity": -1}, "must be a whole number above zero"),
        ({"quantity": 10**10}, "must be a whole number above zero"),
        ({"quantity": 1.5}, "must be a whole number above zero"),
        ({"quantity": True}, "must be a whole number above zero"),
        ({"unit_price": Decimal("-0.01")}, "is below zero"),
        ({"unit_price": Decimal("NaN")}, "not a finite number"),
        ({"unit_price": Decimal("Infinity")}, "not a finite number"),
        ({"unit_price": Decimal("0.00001")}, "more than 4 decimals"),
        ({"unit_price": Decimal("1e20")}, "too large"),
        ({"unit_price": Decimal(10) ** 13, "quantity": 10}, "total is too large"),
    ],
)
def test_senseless_lines_are_refused(
    customer: Customer, line: NewLine, rep: User, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(Refused, match=message) as caught:
        place(customer, replace(line, **change), rep)
    assert caught.value.field == "lines"
    assert not SalesOrder.objects.exists()


def test_an_order_needs_a_line(customer: Customer, line: NewLine, rep: User) -> None:
    with pytest.raises(Refused, match="An order needs at least one line"):
        place(customer, line, rep, lines=[])


def test_an_archived_item_is_not_sold_but_comes_back(customer: Customer, rep: User) -> None:
    item = ItemFactory(archived_at=NOW)
    line = NewLine(item, 1, Decimal(1))
    with pytest.raises(Refused, match=f"{item.code} is archived and no longer sold."):
        place(customer, line, rep)
    assert place(customer, line, rep, kind="return")


def test_an_order_of_tomorrow_is_refused(customer: Customer, line: NewLine, rep: User) -> None:
    with pytest.raises(Refused, match="in the future") as caught:
        place(customer, line, rep, placed_at=NOW + timedelta(seconds=1))
    assert caught.value.field == "placed_at"


def test_a_number_is_given_once(customer: Customer, line: NewLine, rep: User) -> None:
    assert place(customer, line, rep, number=" 536365 ").number == "536365"
    with pytest.raises(Refused, match="The number 536365 is taken: choose another"):
        place(customer, line, rep, number="536365")


def test_a_cancelled_order_counts_nowhere(customer: Customer, line: NewLine, rep: User) -> None:
    roll(day=NOW.date(), now=NOW)
    earlier = place(customer, line, rep, placed_at=NOW - timedelta(days=40))
    order = place(customer, line, rep)
    assert facts_of(customer).orders_30 == 1
    cancel_order(order, by=rep, now=NOW, reason=" ordered  twice ")
    assert (order.status, order.cancelled_by, order.cancelled_at, order.version) == ("cancelled", rep, NOW, 2)
    found = facts_of(customer)
    assert (found.last_order_on, found.last_order_number) == (earlier.placed_on, earlier.number)
    assert (found.orders_total, found.orders_30, found.orders_90, found.order_days) == (1, 0, 1, 1)
    assert (found.sales_total, found.sales_30) == (Decimal("3.35"), Decimal(0))
    entry = Entry.objects.get(verb="order.cancelled")
    assert (entry.data["reason"], entry.customer_id) == ("ordered twice", customer.pk)
    cancel_order(earlier, by=rep, now=NOW, reason="wrong")
    assert (facts_of(customer).last_order_on, facts_of(customer).last_order_number) == (None, "")


def test_cancelling_twice_is_refused(customer: Customer, line: NewLine, rep: User) -> None:
    order = place(customer, line, rep)
    same = SalesOrder.objects.get(pk=order.pk)
    cancel_order(order, by=rep, now=NOW, reason="wrong")
    with pytest.raises(Refused, match="Order SO-10001 is cancelled already"):
        cancel_order(same, by=rep, now=NOW, reason="wrong")
    assert facts_of(customer).orders_total == 0
    assert Entry.objects.filter(verb="order.cancelled").count() == 1


def test_cancelling_needs_a_reason(customer: Customer, line: NewLine, rep: User) -> None:
    order = place(customer, line, rep)
    with pytest.raises(Refused, match="Say why") as caught:
        cancel_order(order, by=rep, now=NOW, reason=" \t ")
    assert caught.value.field == "reason"


def test_goods_come_back_at_the_price_they_were_sold(customer: Customer, line: NewLine, rep: User) -> None:
    roll(day=NOW.date(), now=NOW)
    order = place(customer, line, rep, currency="EUR")
    returned = return_order(order, lines=[ReturnedLine(order.lines.get(), 2)], by=rep, now=NOW)
    assert (returned.kind, returned.number, returned.returned_order) == ("return", "SR-10001", order)
    assert (returned.currency, returned.total) == ("EUR", Decimal("2.23"))
    found = facts_of(customer)
    assert (found.returns_365, found.orders_total, found.sales_total) == (1, 1, Decimal("3.35"))
    assert Entry.objects.get(verb="order.returned").subject_id == returned.pk
    assert Wake.objects.count() == 1  # of the sale
    with pytest.raises(Refused, match="because goods of it have come back: cancel the return first"):
        cancel_order(order, by=rep, now=NOW, reason="wrong")
    cancel_order(returned, by=rep, now=NOW, reason="wrong")
    assert facts_of(customer).returns_365 == 0
    cancel_order(order, by=rep, now=NOW, reason="wrong")


def test_no_more_comes_back_than_was_sold(customer: Customer, line: NewLine, rep: User) -> None:
    order = place(customer, line, rep)
    row = order.lines.get()
    return_order(order, lines=[ReturnedLine(row, 2)], by=rep, now=NOW)
    for lines in ([ReturnedLine(row, 2)], [ReturnedLine(row, 1), ReturnedLine(row, 1)]):
        with pytest.raises(Refused, match="come back than were sold"):
            return_order(order, lines=lines, by=rep, now=NOW)
    return_order(order, lines=[ReturnedLine(row, 1)], by=rep, now=NOW)


def test_what_cannot_come_back(customer: Customer, line: NewLine, rep: User) -> None:
    order, other = place(customer, line, rep), place(customer, line, rep)
    with pytest.raises(Refused, match="belongs to another order than SO-10001"):
        return_order(order, lines=[ReturnedLine(other.lines.get(), 1)], by=rep, now=NOW)
    with pytest.raises(Refused, match="above zero"):
        return_order(order, lines=[ReturnedLine(order.lines.get(), -1)], by=rep, now=NOW)
    with pytest.raises(Refused, match="at least one line"):
        return_order(order, lines=[], by=rep, now=NOW)
    cancel_order(other, by=rep, now=NOW, reason="wrong")
    returned = return_order(order, lines=[ReturnedLine(order.lines.get(), 1)], by=rep, now=NOW)
    for document in (other, returned):
        with pytest.raises(Refused, match="from a placed sale"):
            return_order(document, lines=[ReturnedLine(document.lines.get(), 1)], by=rep, now=NOW)


def test_facts_are_made_for_a_customer_without_a_row(line: NewLine, rep: User) -> None:
    customer = CustomerFactory()
    CustomerFacts.objects.all().delete()
    place(customer, line, rep)
    assert facts_of(customer).orders_total == 1


def test_the_cost_of_an_order_does_not_grow_with_its_lines(
    customer: Customer, line: NewLine, rep: User, django_assert_num_queries: Any
) -> None:
    place(customer, line, rep)

    with CaptureQueriesContext(connection) as one:
        place(customer, line, rep)
    with django_assert_num_queries(len(one)):
        place(customer, line, rep, lines=[line] * 100)


def test_the_domain_keeps_facts_through_one_door(customer: Customer, line: NewLine, rep: User) -> None:
    """Orders after the rolled day move the last order at once and enter the windows with the roll."""
    roll(day=NOW.date() - timedelta(days=1), now=NOW)
    place(customer, line, rep)
    found = facts_of(customer)
    assert (found.last_order_on, found.orders_total, found.orders_30) == (NOW.date(), 1, 0)
    assert facts.roll(day=NOW.date(), now=NOW) == 1
    assert facts_of(customer).orders_30 == 1
