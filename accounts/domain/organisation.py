"""The organisation: its calendar, for everything that counts days."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.domain.editing import locked, write
from accounts.models import Organisation, User
from accounts.models.organisation import check_time_zone
from core.dates import add_business_days, has_public_holidays, local_day
from core.errors import Refused

_kept: ContextVar[Organisation | None] = ContextVar("organisation", default=None)


def organisation() -> Organisation:
    """The one organisation of this installation; made with plain settings when there is none yet."""
    kept = _kept.get()
    if kept is not None:
        return kept
    row, _ = Organisation.objects.get_or_create(pk=1, defaults={"name": "Our company"})
    return row


@contextmanager
def keeping(row: Organisation) -> Iterator[None]:
    """Let :func:`organisation` give ``row`` during a block, unless it is changed.

    A request and an evaluation read it once.
    """
    token = _kept.set(row)
    try:
        yield
    finally:
        _kept.reset(token)


def today_at(instant: datetime) -> date:
    """The organisation's calendar day at ``instant``."""
    return local_day(instant, organisation().zone)


def business_day_after(day: date, count: int) -> date:
    """The ``count``-th business day after ``day`` in the organisation's calendar."""
    own = organisation()
    return add_business_days(day, count, weekdays=own.working_days, country=own.country)


@transaction.atomic
def change_organisation(
    *,
    name: str,
    time_zone: str,
    currency: str,
    country: str,
    working_days: Collection[int],
    opens_at: time,
    closes_at: time,
    by: User | None,
    now: datetime,
    version: int | None = None,
) -> Organisation:
    """Change the company's name, clock, calendar and currency; holds from the next day that is counted.

    ``working_days`` are ISO weekdays (1 = Monday), at least one; ``country`` is an ISO 3166 code whose
    public holidays are known, empty for none; ``currency`` is an ISO 4217 code.
    """
    row = locked(organisation())
    days = sorted(set(working_days))
    _check(name, time_zone, currency, country, days, opens_at, closes_at)
    values = {
        "name": name.strip(),
        "time_zone": time_zone,
        "currency": currency,
        "country": country,
        "working_days": days,
        "opens_at": opens_at,
        "closes_at": closes_at,
    }
    write(row, "organisation.changed", values, by=by, now=now, version=version)
    _kept.set(None)
    return row


def _check(
    name: str, time_zone: str, currency: str, country: str, days: list[int], opens_at: time, closes_at: time
) -> None:
    if not name.strip():
        raise Refused("Enter a name.", field="name")
    try:
        check_time_zone(time_zone)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="time_zone") from error
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        raise Refused("Enter the currency as three capital letters, such as GBP.", field="currency")
    if country and not has_public_holidays(country):
        raise Refused(
            f"No public holidays are known for {country!r}. Enter a code such as GB.", field="country"
        )
    if not days or not set(days) <= set(range(1, 8)):
        raise Refused("Choose at least one working day.", field="working_days")
    if opens_at >= closes_at:
        raise Refused("Closing time must be later than opening time.", field="closes_at")
