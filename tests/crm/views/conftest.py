"""Records for the pages: a customer of Alice with everything on it."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from accounts.domain.organisation import today_at
from accounts.models import User
from core.clock import database_now
from crm.models import Action, Communication, Contact, ContactLink, Customer
from tests.factories import NOW, ActionFactory, ContactFactory, CustomerFactory


@pytest.fixture
def today(db: None) -> date:
    """The day that pages take for today."""
    return today_at(database_now())


@dataclass
class World:
    """One of each record that pages show."""

    customer: Customer
    contact: Contact
    loose: Contact
    action: Action


@pytest.fixture
def world(alice: User, today: date) -> World:
    """A customer of ``alice`` with contact, conversation and follow-up; a contact without a customer."""
    team = alice.teams.get()
    facts = {
        "first_order_on": today - timedelta(days=300),
        "last_order_on": today - timedelta(days=62),
        "order_days": 6,
        "orders_total": 6,
        "median_gap": 24,
        "sales_365": 48210,
        "sales_365_before": 58000,
        "lapse_due_on": today - timedelta(days=26),
    }
    customer = CustomerFactory(
        owner=alice, team=team, name="Harbour Lane Gifts", facts=facts, search="harbour"
    )
    contact = ContactFactory(
        first_name="Nadia", last_name="Rees", owner=alice, team=team, search="nadia rees"
    )
    ContactLink.objects.create(contact=contact, customer=customer, is_main=True, started_on=NOW.date())
    Communication.objects.create(
        customer=customer, contact=contact, channel="call", happened_at=NOW, subject="Autumn", created_at=NOW
    )
    action = ActionFactory(
        customer=customer,
        contact=contact,
        assignee=alice,
        owner=alice,
        due_on=today,
        original_due_on=today,
        origin="event",
        origin_code="NOORDER60",
        origin_key="NOORDER60|1",
        reason={"event_name": "No orders in 60 days", "family": "process", "sentence": "62 days, usual 24"},
    )
    return World(customer, contact, ContactFactory(owner=alice), action)
