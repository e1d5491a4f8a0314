"""Conversations: logged once, moving the last contact, touching or closing a follow-up."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from activity.models import Entry
from core.errors import Refused
from crm.domain.communication import log_communication
from crm.domain.contact import link_contact
from crm.models import Action, Communication, Customer, CustomerFacts
from tests.factories import NOW, ActionFactory, ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def customer(alice: User) -> Customer:
    """A customer of ``alice``."""
    return CustomerFactory(owner=alice)


def log(customer: Customer, by: User, **values: Any) -> Communication:
    return log_communication(
        customer=customer, channel="call", subject="Autumn order", by=by, now=NOW, **values
    )


def test_a_conversation_moves_the_last_contact_and_stands_on_the_timeline(
    alice: User, customer: Customer
) -> None:
    made = log(customer, alice, happened_at=NOW - timedelta(days=2))
    assert CustomerFacts.objects.get(customer=customer).last_contact_on == TODAY - timedelta(days=2)
    entry = Entry.objects.get(verb="communication.logged")
    assert (entry.subject_id, entry.customer_id, entry.by) == (made.pk, customer.pk, alice)
    log(customer, alice, happened_at=NOW - timedelta(days=9))
    assert CustomerFacts.objects.get(customer=customer).last_contact_on == TODAY - timedelta(days=2)


def test_the_same_form_sent_twice_logs_once(alice: User, customer: Customer) -> None:
    token = uuid4()
    first, again = log(customer, alice, form_token=token), log(customer, alice, form_token=token)
    assert first.pk == again.pk
    assert Entry.objects.filter(verb="communication.logged").count() == 1


def test_without_an_outcome_the_follow_up_is_touched_with_one_it_closes(
    alice: User, customer: Customer
) -> None:
    action = ActionFactory(customer=customer, assignee=alice)
    log(customer, alice, action=action)
    row = Action.objects.get()
    assert row.is_live
    assert row.first_touched_at == NOW
    log(customer, alice, action=row, outcome="order", body="144 candles")
    row = Action.objects.get()
    assert (row.status, row.outcome, row.outcome_note) == ("done", "order", "144 candles")


def test_a_refused_closing_logs_nothing(alice: User, customer: Customer) -> None:
    action = ActionFactory(customer=customer, assignee=alice)
    with pytest.raises(Refused, match="Choose what came of it"):
        log(customer, alice, action=action, outcome="stopped")
    assert not Communication.objects.exists()
    assert CustomerFacts.objects.get(customer=customer).last_contact_on is None


def test_what_does_not_belong_together_is_refused(alice: User, customer: Customer) -> None:
    def field(**values: Any) -> str:
        with pytest.raises(Refused) as caught:
            log(customer, alice, **values)
        return caught.value.field

    assert field(happened_at=NOW + timedelta(minutes=1)) == "happened_at"
    stranger = ContactFactory()
    assert field(contact=stranger) == "contact"
    assert field(action=ActionFactory(assignee=alice)) == "action"
    closed = ActionFactory(
        customer=customer, assignee=alice, status="done", outcome="reached", closed_at=NOW, closed_on=TODAY
    )
    assert field(action=closed) == "action"
    link_contact(stranger, customer=customer, by=alice, now=NOW)
    assert log(customer, alice, contact=stranger).contact == stranger


def test_an_archived_customer_is_not_spoken_with(alice: User) -> None:
    with pytest.raises(Refused, match="archived"):
        log(CustomerFactory(owner=alice, archived_at=NOW), alice)
