"""Records for the management screens, on the day that pages take for today."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.domain.organisation import today_at
from accounts.models import User
from core.clock import database_now
from crm.models import Action, Customer
from events.domain.heartbeat import beat
from events.models import Event
from orders.domain.facts import rebuild
from tests.events.world import customer, organise, shipped
from tests.factories import ActionFactory


@pytest.fixture
def moment(db: None) -> datetime:
    """The present instant; the engine has just ran, and the facts are of yesterday."""
    organise()
    instant = database_now()
    beat(now=instant, took_ms=1)
    return instant


@pytest.fixture
def today(moment: datetime) -> date:
    """The day that pages take for today."""
    return today_at(moment)


@pytest.fixture
def silent(today: date, bo: User, moment: datetime) -> list[Customer]:
    """Three customers of Bo whose last order is 71 days old: what No orders in 60 days asks for."""
    last = (today - timedelta(days=71)).isoformat()
    found = [customer(bo, last, name=f"Silent {place}") for place in range(3)]
    rebuild(day=today - timedelta(days=1), now=moment)
    return found


@pytest.fixture
def lapse(moment: datetime) -> Event:
    """No orders in 60 days, still off."""
    return shipped("NOORDER60")


def follow_up(holder: User, today: date, late: int = 0, **fields: Any) -> Action:
    """A follow-up of No orders in 60 days, ``late`` days overdue."""
    place = Action.objects.count()
    values: dict[str, Any] = {
        "assignee": holder,
        "owner": holder,
        "origin": "event",
        "origin_code": "NOORDER60",
        "origin_key": f"NOORDER60:{place}",
        "due_on": today - timedelta(days=late),
        "original_due_on": today - timedelta(days=late),
        "reason": {
            "event_name": "No orders in 60 days",
            "family": "process",
            "sentence": "62 days, usual 24",
        },
    }
    return ActionFactory(**(values | fields))
