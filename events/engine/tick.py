"""The tick: what each heartbeat does, in a fixed order and within a time budget."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from django.db.models import F

from accounts.domain.organisation import organisation
from core.errors import Refused
from core.faults import FaultInjected
from events.domain.heartbeat import beat, night_done, nightly_day
from events.domain.override import return_due
from events.engine.evaluate import RUNNING, Order, evaluate
from events.engine.journal import drain
from events.engine.window import last_complete_day
from events.models import Event, Run, Schedule
from orders.domain.facts import roll

log = logging.getLogger(__name__)
BUDGET = 20.0  # seconds; the rest waits for the next heartbeat
FAULTED_AFTER = 3
FAULTED_PAUSE = timedelta(hours=6)


def tick(*, clock: Callable[[], datetime], budget: float = BUDGET) -> dict[str, int]:
    """One heartbeat: nightly work, journal, events that are due; what was done, by name.

    ``clock`` is asked once per step, so that a long tick does not work with an old time. Running it
    twice, late or from two processes changes nothing but the work saved.
    """
    started = monotonic()
    done = {"night": _night(now=clock()), "journal": 0, "events": 0}
    while monotonic() - started < budget:
        count = drain(now=clock())
        done["journal"] += count
        if not count:
            break
    for event_id in _due(now=clock()):
        if monotonic() - started >= budget:
            break
        done["events"] += run_due(event_id, now=clock())
    beat(now=clock(), took_ms=int((monotonic() - started) * 1000))
    return done


def _night(*, now: datetime) -> int:
    """Once per local day: roll the facts to the day that ended, give overrides back."""
    zone = organisation().zone
    day = last_complete_day(now, zone)
    if nightly_day() == day:
        return 0
    try:
        roll(day=day, now=now)
    except Refused:
        log.info("The facts already stand beyond %s", day)  # an import of today's orders rolled them
    return_due(day=day + timedelta(days=1), now=now)
    night_done(day=day)
    return 1


def _due(*, now: datetime) -> list[int]:
    rows = Schedule.objects.filter(next_run_at__lte=now, event__status__in=RUNNING)
    return list(rows.order_by("event__priority", "event_id").values_list("event_id", flat=True))


def run_due(event_id: int, *, now: datetime) -> int:
    """Evaluate one event that is due; 1 when it ran. A failure is written down and stays its own."""
    event = Event.objects.select_related("active_version").get(pk=event_id)
    assert event.active_version is not None
    clock_driven = event.active_version.trigger["kind"] == "since"
    kind = Run.Kind.SCHEDULED if clock_driven else Run.Kind.SWEEP
    try:
        result = evaluate(event_id, Order(kind=kind, now=now))
    except FaultInjected:
        raise
    except Exception as error:  # noqa: BLE001  # any failure of one event stays its own
        log.exception("Event %s failed", event.code)
        note_failure(event, error, kind=kind, now=now)
        return 0
    if event.status == Event.Status.FAULTED and result.run is not None:
        Event.objects.filter(pk=event_id, status=Event.Status.FAULTED).update(
            status=Event.Status.ACTIVE, status_changed_at=now
        )
    return 1 if result.run is not None else 0


def note_failure(event: Event, error: Exception, *, kind: str, now: datetime) -> None:
    """Write the failed run; the third in a row marks the event as faulted and slows it down."""
    assert event.active_version_id is not None
    Run.objects.create(
        event=event,
        version_id=event.active_version_id,
        kind=kind,
        as_of=last_complete_day(now, organisation().zone),
        started_at=now,
        finished_at=now,
        error_class=type(error).__name__,
        error_text=str(error)[:2000],
    )
    Schedule.objects.filter(event=event).update(
        consecutive_failures=F("consecutive_failures") + 1, next_run_at=now + timedelta(minutes=5)
    )
    schedule = Schedule.objects.get(event=event)
    if schedule.consecutive_failures >= FAULTED_AFTER:
        Event.objects.filter(pk=event.pk, status__in=RUNNING).update(
            status=Event.Status.FAULTED, status_changed_at=now
        )
        Schedule.objects.filter(event=event).update(next_run_at=now + FAULTED_PAUSE)

