"""How much each person has to do, as routing and rerouting weigh it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q

from accounts.domain.organisation import organisation
from core.dates import local_day, local_instant
from crm.models import Action
from events.models import Event


@dataclass(frozen=True)
class Load:
    """Live actions of a person: all of them, and those due by the end of the week, overdue included."""

    open: int = 0
    due_this_week: int = 0

    @property
    def weight(self) -> int:
        """What balancing compares: what is due this week counts twice."""
        return self.open + self.due_this_week


def end_of_week(day: date) -> date:
    """The Sunday of ``day``'s week."""
    return day + timedelta(days=7 - day.isoweekday())


def weight_of(due_on: date, day: date) -> int:
    """What one more action due on ``due_on`` adds to a person's weight on ``day``."""
    return 2 if due_on <= end_of_week(day) else 1


def loads(user_ids: Collection[int], *, day: date) -> dict[int, Load]:
    """The load of each of ``user_ids`` on ``day``, in one query."""
    rows = Action.objects.live().filter(assignee__in=user_ids).order_by().values("assignee")
    due = Count("pk", filter=Q(due_on__lte=end_of_week(day)))
    counted = rows.annotate(total=Count("pk"), due=due).values_list("assignee", "total", "due")
    found = {user_id: Load(total, due_count) for user_id, total, due_count in counted}
    return {user_id: found.get(user_id, Load()) for user_id in user_ids}


def made_on_day(user_ids: Collection[int], *, now: datetime) -> dict[int, int]:
    """How many follow-ups of events made on the local day of ``now`` each of ``user_ids`` holds."""
    zone = organisation().zone
    day = local_day(now, zone)
    bounds = Q(
        created_at__gte=local_instant(day, time.min, zone),
        created_at__lt=local_instant(day + timedelta(days=1), time.min, zone),
    )
    # Named by code, so that the index on code and time of creation finds the day without reading the rest.
    # The codes are written out: SQLite would look through everybody's actions beside a subquery.
    codes = list(Event.objects.values_list("code", flat=True))
    made = Action.objects.filter(bounds, origin_code__in=codes)
    rows = made.filter(origin=Action.Origin.EVENT, assignee__in=user_ids).order_by()
    return dict(rows.values("assignee").annotate(made=Count("pk")).values_list("assignee", "made"))
