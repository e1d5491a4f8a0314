"""Window: which trigger times one evaluation looks at."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.dates import local_day, local_instant

NIGHT = time(0)


@dataclass(frozen=True)
class Window:
    """The judged day and the bounds of trigger times, both as days and as instants.

    ``judged_day`` is the last complete local day that is judged: a nightly run on day X judges the end
    of X-1. Trigger days count when ``after < trigger day <= judged_day``; ``after`` None means without
    bound. Instants count when ``after_instant < instant <= until_instant``.
    """

    judged_day: date
    now: datetime
    zone: ZoneInfo
    after: date | None = None
    after_instant: datetime | None = None
    until_instant: datetime | None = None
    subject_ids: tuple[int, ...] | None = None

    @property
    def until(self) -> datetime:
        """The last instant that counts: the end of the judged day, or earlier when it is not over."""
        end = self.until_instant or end_of(self.judged_day, self.zone)
        return min(end, self.now)

    def unbounded(self, subject_ids: tuple[int, ...] | None = None) -> "Window":
        """The same day without lower bound, for checking again what waits."""
        return replace(self, after=None, after_instant=None, subject_ids=subject_ids)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The last microsecond of ``day`` on clocks in ``zone``."""
    return local_instant(day + timedelta(days=1), NIGHT, zone) - timedelta(microseconds=1)


def last_complete_day(now: datetime, zone: ZoneInfo) -> date:
    """The local day before the one that ``now`` falls on."""
    return local_day(now, zone) - timedelta(days=1)


def lower_bound(judged_day: date, catchup_days: int, floor_on: date | None) -> date:
    """The later of the catch-up window's edge and the floor."""
    edge = judged_day - timedelta(days=catchup_days)
    return max(edge, floor_on) if floor_on else edge
