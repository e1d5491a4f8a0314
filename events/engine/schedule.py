"""When an event is next due: own data, computed on the organisation's clock."""

from datetime import datetime

from accounts.domain.organisation import organisation
from core.dates import next_local_time
from events.models import Schedule


def plan_next(schedule: Schedule, *, after: datetime) -> datetime:
    """The next nightly instant strictly after ``after``."""
    return next_local_time(after, schedule.at, organisation().zone)
