"""A small world for engine tests: customers, order days, events switched on, nights that pass."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Organisation, User
from core.dates import local_instant
from crm.models import Customer
from events.domain import activation
from events.domain.event import latest_version
from events.engine.evaluate import Order, Result, evaluate
from events.engine.preview import preview
from events.library import install
from events.models import Event, Run, Schedule, Version
from orders.domain.facts import rebuild, roll
from orders.models import SalesOrder
from tests.factories import CustomerFactory, OrderFactory

ZONE = ZoneInfo("Europe/London")
START = date(2026, 1, 1)


def night(day: date) -> datetime:
    """02:00 on the morning after ``day``: when ``day`` is judged."""
    return local_instant(day + timedelta(days=1), time(2), ZONE)


def noon(day: date) -> datetime:
    """Noon in London on ``day``, in UTC."""
    return local_instant(day, time(12), ZONE).astimezone(UTC)


def day(text: str) -> date:
    """A date from ISO text."""
    return date.fromisoformat(text)


def organise() -> Organisation:
    """London, pounds, Monday to Friday, no public holidays."""
    row, _ = Organisation.objects.update_or_create(
        pk=1, defaults={"name": "Test", "time_zone": "Europe/London", "country": "", "currency": "GBP"}
    )
    return row


def shipped(code: str) -> Event:
    """A shipped event, also after a test emptied the tables."""
    install(event_model=Event, version_model=Version, schedule_model=Schedule, now=noon(START))
    return Event.objects.get(code=code)


def customer(owner: User | None = None, *ordered: str, **fields: Any) -> Customer:
    """A customer, with a placed sale at noon of each day in ``ordered``."""
    made: Customer = CustomerFactory(owner=owner, **fields)
    for text in ordered:
        sale(made, day(text))
    return made


def sale(of: Customer, on: date, **fields: Any) -> SalesOrder:
    """A placed sale at noon; facts follow with :func:`settle`."""
    made: SalesOrder = OrderFactory(customer=of, placed_at=noon(on), placed_on=on, **fields)
    return made


def settle(on: date) -> None:
    """All facts as of ``on``, from the orders."""
    rebuild(day=on, now=night(on))


def switch_on(code: str, *, on: date, choice: str = "now") -> Event:
    """Activate an event on the morning after ``on`` with a fresh preview."""
    event = shipped(code)
    roll(day=on, now=night(on))
    seen = preview(event, latest_version(event), now=night(on), by=None)
    activation.activate(event, choice=choice, token=seen.token, by=None, now=night(on))
    return Event.objects.get(pk=event.pk)


def pass_night(event: Event, on: date, **changes: Any) -> Result:
    """Roll the facts to ``on`` and judge it the following night."""
    roll(day=on, now=night(on))
    kind = changes.pop("kind", Run.Kind.SCHEDULED)
    return evaluate(event.pk, Order(kind=kind, now=night(on), **changes))
