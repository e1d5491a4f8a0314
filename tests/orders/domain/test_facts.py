"""Facts: one by one equals set-based equals plain Python, on any history."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from catalog.models import Item
from core.errors import Refused
from crm.domain.customer_facts import note_contact
from crm.models import Customer, CustomerFacts, FactsDay
from orders.domain.facts import fact_source, facts_as_of, rebuild, refresh, roll
from orders.domain.sales_order import NewLine, cancel_order, place_order
from orders.models import KindRhythm, OrderRhythm, SalesOrder
from tests.factories import CustomerFactory, ItemFactory, OrderFactory, UserFactory
from tests.orders.oracle import expected_facts, stored_facts, trades

pytestmark = pytest.mark.django_db

BASE = date(2024, 1, 1)
SPAN = 900
NOW = datetime(2030, 1, 1, tzinfo=UTC)
KINDS = ("retail", "retail", "other")

# A step: customer 0..2, day after BASE, pence, is a return, cancel it later, roll to this day before.
STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.one_of(st.integers(0, SPAN), st.integers(400, 440)),
        st.integers(0, 100_000),
        st.booleans() | st.just(False),
        st.booleans(),
        st.none() | st.integers(0, SPAN),
    ),
    max_size=16,
)


def noon(offset: int) -> datetime:
    return datetime(2024, 1, 1, 12, tzinfo=UTC) + timedelta(days=offset)


def kinds() -> dict[int, str]:
    return dict(Customer.objects.values_list("pk", "kind"))


@pytest.fixture
def item() -> Item:
    return ItemFactory()


@pytest.fixture
def canceller() -> User:
    return UserFactory()


def clear() -> None:
    for model in (SalesOrder, OrderRhythm, KindRhythm, FactsDay, CustomerFacts, Customer):
        model.objects.all().delete()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, day=st.integers(0, SPAN + 800))
@example(steps=[(0, d, 100, False, False, None) for d in (0, 10, 20, 30)], day=30)
@example(steps=[(0, d, 100, False, d == 30, 5) for d in (0, 10, 20, 30)], day=395)
def test_one_by_one_equals_bulk_equals_plain_python(item, steps, day, canceller):
    """Orders, returns, cancellations and back-dated orders between rolls, then one roll to ``day``."""
    clear()
    customers = [CustomerFactory(kind=kind) for kind in KINDS]
    rolled = max([step[5] for step in steps if step[5] is not None], default=0)
    day = max(day, rolled)
    made = []
    for who, offset, pence, returned, _, roll_to in steps:
        if roll_to is not None and roll_to >= (made_rolled := _rolled_offset()):
            assert made_rolled <= roll_to
            roll(day=BASE + timedelta(days=roll_to), now=NOW)
        line = NewLine(item, 1, Decimal(pence) / 100)
        made.append(
            place_order(
                customer=customers[who],
                lines=[line],
                placed_at=noon(offset),
                by=None,
                now=NOW,
                kind="return" if returned else "sale",
            )
        )
    for order, step in zip(made, steps, strict=True):
        if step[4]:
            cancel_order(order, by=canceller, now=NOW, reason="test")
    target = BASE + timedelta(days=day)
    roll(day=target, now=NOW)
    one_by_one = stored_facts()
    assert one_by_one == expected_facts(kinds(), trades(), target)
    rebuild(day=target, now=NOW)
    assert stored_facts() == one_by_one
    CustomerFacts.objects.all().delete()
    OrderRhythm.objects.all().delete()
    refresh(customer_ids=[customer.pk for customer in customers])
    roll(day=target, now=NOW)
    assert stored_facts() == one_by_one


def _rolled_offset() -> int:
    rolled = FactsDay.objects.filter(pk=1).values_list("rolled_on", flat=True).first()
    return (rolled - BASE).days if rolled else 0


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, day=st.integers(0, SPAN))
def test_a_past_day_is_derived_from_the_orders_up_to_it(steps, day):
    clear()
    customers = [CustomerFactory(kind=kind) for kind in KINDS]
    for who, offset, pence, returned, cancelled, _ in steps:
        OrderFactory(
            customer=customers[who],
            total=Decimal(pence) / 100,
            kind="return" if returned else "sale",
            placed_at=noon(offset),
            placed_on=noon(offset).date(),
            **({"status": "cancelled", "cancelled_at": NOW} if cancelled else {}),
        )
    target = BASE + timedelta(days=day)
    wanted = expected_facts(kinds(), trades(), target, until=target)
    names = list(next(iter(wanted.values())))
    derived = {
        row["pk"]: {name: row[f"f_{name}"] for name in names}
        for row in facts_as_of(target).values("pk", *(f"f_{name}" for name in names))
    }
    assert derived == wanted


def orders(customer: Customer, *days: str, **details: object) -> None:
    """Rows of sales on these days, not in the facts."""
    for text in days:
        day = date.fromisoformat(text)
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        OrderFactory(customer=customer, placed_at=at, placed_on=day, **details)


def facts_of(customer: Customer) -> CustomerFacts:
    return CustomerFacts.objects.get(customer=customer)


WEEKLY = ("2026-01-01", "2026-01-08", "2026-01-15", "2026-01-22")


def test_the_rhythm_by_hand() -> None:
    """Two customers of a kind: own medians 7 and 20 days, so 14 (13.5) is usual; three gaps weigh half."""
    weekly, slow = CustomerFactory(kind="retail"), CustomerFactory(kind="retail")
    orders(weekly, *WEEKLY)
    orders(slow, "2026-01-01", "2026-01-21", "2026-02-10", "2026-03-02")
    rebuild(day=date(2026, 3, 2), now=NOW)
    assert KindRhythm.objects.get().gap == 14
    found = facts_of(weekly)
    assert found.median_gap == Decimal("10.5")  # (3 * 7 + 3 * 14) / 6
    assert found.expected_next_on == date(2026, 2, 2)  # 11 days
    assert found.lapse_due_on == date(2026, 2, 7)  # 15.75, so 16 days
    assert facts_of(slow).median_gap == Decimal("17.0")


@pytest.mark.parametrize(("gap", "wait"), [(1, 10), (300, 400)])
def test_lapse_is_due_within_ten_to_four_hundred_days(gap: int, wait: int) -> None:
    customer = CustomerFactory()
    days = [date(2020, 1, 1) + timedelta(days=gap * count) for count in range(4)]
    orders(customer, *(day.isoformat() for day in days))
    rebuild(day=date(2026, 1, 1), now=NOW)
    assert facts_of(customer).lapse_due_on == days[-1] + timedelta(days=wait)


def test_below_four_order_days_there_is_no_rhythm(item: Item, canceller: User) -> None:
    customer = CustomerFactory()
    orders(customer, *WEEKLY[:3], WEEKLY[2])  # two orders on one day
    roll(day=date(2026, 1, 31), now=NOW)
    assert facts_of(customer).median_gap is None
    fourth = place_order(
        customer=customer,
        lines=[NewLine(item, 1, Decimal(1))],
        placed_at=datetime(2026, 1, 22, tzinfo=UTC),
        by=None,
        now=NOW,
    )
    assert facts_of(customer).median_gap == Decimal("7.0")
    cancel_order(fourth, by=canceller, now=NOW, reason="test")
    assert facts_of(customer).median_gap is None
    assert not OrderRhythm.objects.exists()


def test_an_order_between_rolls_uses_the_usual_gap_of_the_last_roll(item: Item) -> None:
    customer, other = CustomerFactory(kind="retail"), CustomerFactory(kind="retail")
    orders(other, *WEEKLY)
    roll(day=date(2026, 1, 31), now=NOW)
    for day in range(4):
        place_order(
            customer=customer,
            lines=[NewLine(item, 1, Decimal(1))],
            placed_at=datetime(2026, 1, 1 + day, tzinfo=UTC),
            by=None,
            now=NOW,
        )
    assert facts_of(customer).median_gap == Decimal("4.0")  # (3 * 1 + 3 * 7) / 6
    assert facts_of(other).median_gap == Decimal("7.0")
    roll(day=date(2026, 2, 1), now=NOW)  # now 4 days are usual
    assert facts_of(customer).median_gap == Decimal("2.5")
    assert facts_of(other).median_gap == Decimal("5.5")


def test_a_customer_who_changes_his_kind_is_shrunk_anew_by_the_next_roll() -> None:
    customer = CustomerFactory(kind="retail")
    orders(customer, *WEEKLY)
    orders(CustomerFactory(kind="industry"), "2026-01-01", "2026-01-31", "2026-03-02", "2026-04-01")
    roll(day=date(2026, 4, 1), now=NOW)
    Customer.objects.filter(pk=customer.pk).update(kind="industry")
    assert roll(day=date(2026, 4, 1), now=NOW) == 2
    assert facts_of(customer).median_gap == Decimal("13.0")  # (3 * 7 + 3 * 19) / 6, usual are 18.5
    assert roll(day=date(2026, 4, 1), now=NOW) == 0


def test_rolling_writes_only_customers_of_whom_an_order_crosses_a_border() -> None:
    day = date(2026, 6, 1)
    for age in (0, 1, 29, 30, 31, 89, 90, 364, 365, 729, 730, 800):
        orders(CustomerFactory(), (day - timedelta(days=age)).isoformat())
    rebuild(day=day - timedelta(days=1), now=NOW)
    # Into the windows: age 0. Out of them: 30, 90, 365, 730 days.
    assert roll(day=day, now=NOW) == 5
    assert stored_facts() == expected_facts(kinds(), trades(), day)


@pytest.mark.parametrize("distance", [1, 29, 30, 31, 365, 1000])
def test_rolling_far_equals_rebuilding(distance: int) -> None:
    first = date(2023, 1, 1)
    for offset in range(0, 1200, 17):
        customer = CustomerFactory()
        orders(customer, *((first + timedelta(days=offset + more)).isoformat() for more in (0, 3, 40, 41)))
    rebuild(day=first + timedelta(days=200), now=NOW)
    target = first + timedelta(days=200 + distance)
    roll(day=target, now=NOW)
    assert stored_facts() == expected_facts(kinds(), trades(), target)


def test_rolling_costs_the_same_statements_for_one_customer_and_for_many(
    django_assert_num_queries: Any,
) -> None:
    orders(CustomerFactory(), *WEEKLY)
    rebuild(day=date(2026, 1, 1), now=NOW)
    with CaptureQueriesContext(connection) as one:
        roll(day=date(2026, 1, 15), now=NOW)
    for _ in range(20):
        orders(CustomerFactory(), *WEEKLY)
    rebuild(day=date(2026, 1, 1), now=NOW)
    with django_assert_num_queries(len(one)):
        roll(day=date(2026, 1, 15), now=NOW)


def test_facts_are_never_rolled_back_nor_ahead_of_the_clock() -> None:
    roll(day=date(2026, 5, 1), now=NOW)
    with pytest.raises(Refused, match="You cannot roll the facts back from 01 May 2026 to 30 Apr 2026"):
        roll(day=date(2026, 4, 30), now=NOW)
    now = datetime(2026, 5, 2, 12, tzinfo=UTC)
    roll(day=date(2026, 5, 2), now=now)
    for move in (roll, rebuild):
        with pytest.raises(Refused, match="that day has not come"):
            move(day=date(2026, 5, 3), now=now)
    rebuild(day=date(2026, 4, 30), now=now)
    assert FactsDay.objects.get().rolled_on == date(2026, 4, 30)


def test_rebuilding_repairs_and_keeps_the_last_contact() -> None:
    customer = CustomerFactory()
    orders(customer, *WEEKLY)
    note_contact(customer_id=customer.pk, day=date(2026, 2, 3))
    CustomerFacts.objects.update(orders_total=99, first_order_on=WEEKLY[0], last_order_on=WEEKLY[0])
    rebuild(day=date(2026, 2, 1), now=NOW)
    assert stored_facts() == expected_facts(kinds(), trades(), date(2026, 2, 1))
    assert facts_of(customer).last_contact_on == date(2026, 2, 3)


def test_the_last_contact_only_moves_forward() -> None:
    customer = CustomerFactory()
    for text in ("2026-02-03", "2026-02-01"):
        note_contact(customer_id=customer.pk, day=date.fromisoformat(text))
    assert facts_of(customer).last_contact_on == date(2026, 2, 3)
    CustomerFacts.objects.all().delete()
    note_contact(customer_id=customer.pk, day=date(2026, 1, 1))
    assert facts_of(customer).last_contact_on == date(2026, 1, 1)


def test_the_latest_of_two_orders_at_one_instant_is_told_by_its_characters() -> None:
    customer = CustomerFactory()
    for number in ("b10", "B9", "b9"):
        orders(customer, "2026-01-01", number=number)
    rebuild(day=date(2026, 1, 1), now=NOW)
    assert facts_of(customer).last_order_number == "b9"


def test_the_source_of_the_rolled_day_is_the_columns() -> None:
    orders(CustomerFactory(), *WEEKLY)
    roll(day=date(2026, 1, 22), now=NOW)
    source = fact_source(date(2026, 1, 22))
    assert source.exact
    assert source.columns["orders_365"] == "facts__orders_365"
    assert source.queryset.filter(**{f"{source.columns['orders_total']}__gte": 4}).count() == 1


def test_the_source_of_another_day_is_derived(django_assert_num_queries: Any) -> None:
    customer = CustomerFactory()
    orders(customer, *WEEKLY)
    roll(day=date(2026, 1, 22), now=NOW)
    for day in (date(2026, 1, 21), date(2026, 1, 23)):
        source = fact_source(day, fields=["last_order_on", "orders_total"])
        assert source.columns == {"last_order_on": "f_last_order_on", "orders_total": "f_orders_total"}
        assert source.exact
    with django_assert_num_queries(2):
        source = fact_source(date(2026, 1, 15), fields=["last_order_on"])
        assert source.queryset.get(f_last_order_on="2026-01-15") == customer


def test_later_orders_make_the_columns_unfit_for_the_rolled_day() -> None:
    customer = CustomerFactory()
    orders(customer, *WEEKLY)
    roll(day=date(2026, 1, 15), now=NOW)
    source = fact_source(date(2026, 1, 15))
    assert source.queryset.get(**{source.columns["last_order_on"]: date(2026, 1, 15)}) == customer
    assert facts_of(customer).last_order_on == date(2026, 1, 22)


def test_what_has_no_history_is_called_approximate() -> None:
    customer = CustomerFactory()
    note_contact(customer_id=customer.pk, day=date(2026, 1, 9))
    source = fact_source(date(2026, 1, 1))
    assert not source.exact
    assert source.approximate == {"last_contact_on"}
    assert source.queryset.get(f_last_contact_on=date(2026, 1, 9)) == customer


BORDERS = (0, 1, 29, 30, 31, 89, 90, 91, 364, 365, 366, 729, 730, 731)


@pytest.mark.parametrize("kind", ["sale", "return"])
def test_an_order_enters_the_windows_its_age_belongs_to(item: Item, canceller: User, kind: str) -> None:
    """At once, without a roll, and out of them when it is cancelled; also an order of tomorrow."""
    day = date(2026, 6, 1)
    roll(day=day, now=NOW)
    made = [
        place_order(
            customer=CustomerFactory(),
            lines=[NewLine(item, 1, Decimal(2))],
            placed_at=datetime(2026, 6, 1, 12, tzinfo=UTC) - timedelta(days=age),
            by=None,
            now=NOW,
            kind=kind,
        )
        for age in (-1, *BORDERS)
    ]
    assert stored_facts() == expected_facts(kinds(), trades(), day)
    for order in made:
        cancel_order(order, by=canceller, now=NOW, reason="test")
    assert stored_facts() == expected_facts(kinds(), [], day)
