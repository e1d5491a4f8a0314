"""Facts: one by one equals set-based equals plain Python, on any history."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from catalog.models import Item
from crm.models import Customer, CustomerFacts, FactsDay
from orders.domain.facts import facts_as_of, rebuild, refresh, roll
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
