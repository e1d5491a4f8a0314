"""Calendar arithmetic on local dates.

Days are calendar days of the organisation's zone, never multiples of 24 hours, so that nothing moves
when the clocks change.
"""

from calendar import monthrange
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

EARLIEST = date(1900, 1, 1)
LATEST = date(2199, 12, 31)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(day: date) -> str:
    """``12 Sep 2026``: English and the same on every machine, for texts that are kept."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day of ``instant`` on clocks in ``zone``."""
    return instant.astimezone(zone).date()


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant at which clocks in ``zone`` show ``at`` on ``day``.

    A time that the spring change skips moves on by the length of the gap (02:30 is 03:30 that day); a
    time that the autumn change repeats means its first occurrence.
    """
    # fold=0 reads a repeated time as its first occurrence, and a skipped one with the offset from before
    # the change: as long after the gap as the wall time lies inside it.
    return datetime.combine(day, at, tzinfo=zone).replace(fold=0).astimezone(UTC)


def next_local_time(after: datetime, at: time, zone: ZoneInfo) -> datetime:
    """The first instant strictly after ``after`` at which clocks in ``zone`` show ``at``."""
    day = local_day(after, zone)
    for offset in range(3):
        candidate = local_instant(day + timedelta(days=offset), at, zone)
        if candidate > after and local_day(candidate, zone) == day + timedelta(days=offset):
            return candidate
    raise ValueError(f"No local time {at} found after {after}.")


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year)) if country else frozenset()


def has_public_holidays(country: str) -> bool:
    """Whether the public holidays of ``country`` (ISO 3166 code) are known."""
    return country in holidays.list_supported_countries()


def is_business_day(day: date, *, weekdays: Collection[int], country: str) -> bool:
    """Whether ``day`` is worked: its ISO weekday (1 = Monday) is listed and it is no public holiday."""
    return day.isoweekday() in weekdays and day not in _holidays(country, day.year)


def add_business_days(day: date, count: int, *, weekdays: Collection[int], country: str) -> date:
    """The ``count``-th business day after ``day``; 0 gives ``day`` or the next business day.

    ``country`` is an ISO 3166 code, empty for no public holidays.
    """
    if not weekdays:
        raise ValueError("A working week needs at least one day.")
    current = day
    while not is_business_day(current, weekdays=weekdays, country=country):
        current += timedelta(days=1)
    if current > day and count > 0:
        count -= 1
    while count > 0:
        current += timedelta(days=1)
        if is_business_day(current, weekdays=weekdays, country=country):
            count -= 1
    return current


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def parse_day(text: str) -> date:
    """A date written ``YYYY-MM-DD`` within 1900 to 2199.

    Raises ``ValueError`` with a sentence for the user.
    """
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"{text!r} is not a date: write it as 2026-11-21.") from error
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"{text!r} lies outside the years 1900 to 2199.")
    return day


def add_months(day: date, count: int) -> date:
    """``day`` moved by calendar months, cut at the month's end: one month before 31 March is 28 February."""
    months = day.year * 12 + day.month - 1 + count
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
