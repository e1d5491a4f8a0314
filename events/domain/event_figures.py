"""What events have done: follow-ups made and how they fare, per event."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from accounts.models import User
from core.dates import local_instant
from crm.filters.action import CLOSED, OPEN, OVERDUE, status_condition
from crm.models import Action
from events.models import Event, Occurrence, Run

PERIOD_DAYS = 30
BARS = 10  # of a trend; each stands for three days


@dataclass(frozen=True)
class Figures:
    """One event's follow-ups: made in the period with their trend, open now, closed in the period."""

    created: int = 0
    trend: tuple[int, ...] = (0,) * BARS
    open: int = 0
    overdue: int = 0
    closed: int = 0
    on_time: int = 0

    @property
    def on_time_percent(self) -> int | None:
        """How many of the closed ones were on time; None when nothing was closed."""
        return round(100 * self.on_time / self.closed) if self.closed else None


def figures(user: User, *, day: date, zone: ZoneInfo) -> dict[str, Figures]:
    """The figures of every event by code, of the follow-ups that ``user`` may see; two queries."""
    rows = Action.objects.visible_to(user).filter(origin=Action.Origin.EVENT).order_by()
    first = day - timedelta(days=PERIOD_DAYS - 1)
    made = _made(rows.filter(created_at__gte=local_instant(first, time.min, zone)), zone)
    recent = status_condition(CLOSED, day) & Q(closed_on__gte=first)
    counted = (
        rows.filter(status_condition(OPEN, day) | recent)
        .values("origin_code")
        .annotate(
            open=Count("pk", filter=status_condition(OPEN, day)),
            overdue=Count("pk", filter=status_condition(OVERDUE, day)),
            closed=Count("pk", filter=recent),
            on_time=Count("pk", filter=recent & Q(closed_on__lte=F("original_due_on"))),
        )
    )
    names = ("open", "overdue", "closed", "on_time")
    states = {
        group["origin_code"]: [group[name] for name in names]
        for group in counted.values("origin_code", *names)
    }
    return {
        code: Figures(
            sum(made.get(code, {}).values()), _trend(made.get(code, {}), first), *states.get(code, [0] * 4)
        )
        for code in made.keys() | states.keys()
    }


def _made(rows: QuerySet[Action], zone: ZoneInfo) -> dict[str, dict[date, int]]:
    found: dict[str, dict[date, int]] = {}
    days = rows.annotate(made_on=TruncDate("created_at", tzinfo=zone))
    for code, made_on, count in days.values_list("origin_code", "made_on").annotate(Count("pk")):
        found.setdefault(code, {})[made_on] = count
    return found


def _trend(made: dict[date, int], first: date) -> tuple[int, ...]:
    bars = [0] * BARS
    for made_on, count in made.items():
        bars[min((made_on - first).days * BARS // PERIOD_DAYS, BARS - 1)] += count
    return tuple(bars)


def waiting(event: Event) -> dict[str, int]:
    """How many occurrences of the event are in each state."""
    rows = Occurrence.objects.filter(event=event).order_by().values_list("state")
    return dict(rows.annotate(Count("pk")))


@dataclass(frozen=True)
class Missed:
    """Matches that no run of the last 30 days saw in time, and the day of the run that noted them last."""

    count: int
    noted_at: datetime | None


def missed(event: Event, *, now: datetime) -> Missed:
    """What came true while nobody looked for longer than the event looks back (an outage)."""
    rows = Run.objects.filter(event=event, out_of_window__gt=0, started_at__gt=now - timedelta(PERIOD_DAYS))
    found = rows.aggregate(count=Sum("out_of_window", default=0), noted_at=Max("started_at"))
    return Missed(**found)


def last_runs(events: Iterable[Event]) -> dict[int, Run]:
    """The newest run of each event, by the event's id."""
    newest = Run.objects.filter(event__in=list(events)).order_by().values("event")
    runs = Run.objects.in_bulk([row["last"] for row in newest.annotate(last=Max("pk"))])
    return {run.event_id: run for run in runs.values()}
