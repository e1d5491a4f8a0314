"""What the journal gave up, on the pages of events."""

from datetime import date, datetime, timedelta

import pytest

from accounts.models import User
from activity.domain import record
from activity.models import Wake
from events.models import Event
from tests.events.world import shipped, switch_on
from tests.factories import CustomerFactory
from tests.people import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed(moment: datetime, today: date) -> Event:
    """WELCOME is on, and a new customer could not be evaluated."""
    event = switch_on("WELCOME", on=today - timedelta(days=1))
    record(CustomerFactory(), "customer.created", by=None, now=moment)
    Wake.objects.update(dead_at=moment, attempts=5, last_error="RuntimeError: the list is gone")
    return event


def test_the_event_says_what_failed_and_tries_again(failed: Event, manager: User, sign_in: SignIn) -> None:
    client = sign_in(manager)
    text = client.get(failed.get_absolute_url()).content.decode()
    assert "1 happening could not be evaluated" in text
    assert "the list is gone" in text
    assert f"/events/{failed.pk}/again/" in text
    assert "could not look at everything" in client.get("/events/").content.decode()
    answer = client.post(f"/events/{failed.pk}/again/")
    assert answer.status_code == 302
    assert Wake.objects.get().dead_at is None
    assert "could not be evaluated" not in client.get(failed.get_absolute_url()).content.decode()


def test_other_events_say_nothing_of_it(failed: Event, manager: User, sign_in: SignIn) -> None:
    other = shipped("NOORDER60")
    client = sign_in(manager)
    assert "could not be evaluated" not in client.get(other.get_absolute_url()).content.decode()
    assert client.post(f"/events/{other.pk}/again/").status_code == 422


def test_who_may_not_activate_only_reads_it(failed: Event, executive: User, sign_in: SignIn) -> None:
    client = sign_in(executive)
    text = client.get(failed.get_absolute_url()).content.decode()
    assert "could not be evaluated" in text
    assert "/again/" not in text
    assert client.post(f"/events/{failed.pk}/again/").status_code == 403
    assert Wake.objects.get().dead_at is not None
