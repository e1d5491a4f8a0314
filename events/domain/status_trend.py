"""How many follow-ups were made and closed in each of the last weeks."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.db.models.functions import TruncWeek

from accounts.models import User
from core.dates import local_instant
from events.domain.status import status_rows

WEEKS = 12


@dataclass(frozen=True)
class Week:
    """Follow-ups made and closed from ``monday`` to the Sunday after."""

    monday: date
    created: int
    closed: int


def weeks(user: User, *, day: date, zone: ZoneInfo) -> list[Week]:
    """The last weeks up to the present one, of the follow-ups on the board of ``user``; two queries."""
    rows = status_rows(user)
    this = day - timedelta(days=day.isoweekday() - 1)
    first = this - timedelta(weeks=WEEKS - 1)
    created = rows.filter(created_at__gte=local_instant(first, time.min, zone))
    by_creation = created.annotate(week=TruncWeek("created_at", tzinfo=zone))
    by_closing = rows.filter(closed_on__gte=first).annotate(week=TruncWeek("closed_on"))
    made = {_day(week): count for week, count in by_creation.values_list("week").annotate(Count("pk"))}
    closed = {_day(week): count for week, count in by_closing.values_list("week").annotate(Count("pk"))}
    mondays = [first + timedelta(weeks=place) for place in range(WEEKS)]
    return [Week(monday, made.get(monday, 0), closed.get(monday, 0)) for monday in mondays]


def _day(week: date | datetime) -> date:
    return week.date() if isinstance(week, datetime) else week
