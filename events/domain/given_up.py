"""What the journal gave up: happenings that an event failed to evaluate five times (events.md 3.12).

The nightly run finds most of them again by itself; they wait here for whoever mends the cause.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max, QuerySet

from accounts.models import User
from activity.domain import record
from activity.models import Wake
from core.errors import Refused
from events.engine.journal import TRIGGER_OF
from events.models import Event


@dataclass(frozen=True)
class GivenUp:
    """How many happenings wait for a person, when the last was given up, and what went wrong with it."""

    count: int = 0
    latest: datetime | None = None
    error: str = ""


def given_up(event: Event) -> GivenUp:
    """What ``event`` gave up, in two queries at most."""
    rows = _dead(event)
    found = rows.aggregate(count=Count("pk"), latest=Max("dead_at"))
    if not found["count"]:
        return GivenUp()
    error = rows.order_by("-dead_at", "-pk").values_list("last_error", flat=True)[0]
    return GivenUp(found["count"], found["latest"], error)


def kinds_given_up() -> set[str]:
    """The trigger kinds of events that gave something up, in one query."""
    verbs = Wake.objects.exclude(dead_at=None).order_by().values_list("verb", flat=True).distinct()
    return {TRIGGER_OF[verb] for verb in verbs if verb in TRIGGER_OF}


@transaction.atomic
def try_again(event: Event, *, by: User | None, now: datetime) -> int:
    """Let the engine look at the event's given-up happenings again, five times more; how many.

    Events of the same kind share them: their keys keep them from making anything twice. Raises
    ``Refused`` when nothing was given up.
    """
    count = _dead(event).update(dead_at=None, attempts=0, not_before=now)
    if not count:
        raise Refused("Nothing waits to be tried again.")
    record(event, "event.retried", by=by, now=now, data={"happenings": count})
    return count


def _dead(event: Event) -> QuerySet[Wake]:
    kind = event.active_version.trigger["kind"] if event.active_version else ""
    verbs = [verb for verb, asked in TRIGGER_OF.items() if asked == kind]
    return Wake.objects.filter(verb__in=verbs).exclude(dead_at=None)
