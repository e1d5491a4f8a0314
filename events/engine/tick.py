"""The tick: what each heartbeat does, in a fixed order and within a time budget."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.domain.organisation import organisation
from core.errors import Refused
from core.faults import FaultInjected
from core.sql import is_postgresql, try_advisory_lock
from events.domain.heartbeat import beat, night_done, nightly_day
from events.domain.override import return_due
from events.engine.evaluate import RUNNING, Order, evaluate
from events.engine.failures import FAULTED_AFTER, FAULTED_PAUSE, note_failure, note_goals_success
from events.engine.goals import goal_pass
from events.engine.journal import drain
from events.engine.window import last_complete_day
from events.models import Event, Run, Schedule
from orders.domain.facts import roll

log = logging.getLogger(__name__)
BUDGET = 20.0  # seconds; the rest waits for the next heartbeat
NIGHT_SPACE = 7002
JOURNAL_SHARE = 0.5  # of the budget, so that a full journal never keeps events that are due waiting


def tick(*, clock: Callable[[], datetime], budget: float = BUDGET) -> dict[str, int]:
    """One heartbeat: nightly work, journal, events that are due; what was done, by name.

    ``clock`` is asked once per step, so that a long tick does not work with an old time. Running it
    twice, late or from two processes changes nothing but the work saved.
    """
    started = monotonic()
    done = {"night": 0, "journal": 0, "superseded": 0, "events": 0}
    failure: Exception | None = None
    over = False
    try:
        done["night"], over = _night(now=clock())
    except FaultInjected:
        raise
    except Exception as error:  # raised again below: what needs no night goes on, but the heart stops
        log.exception("The nightly work failed")
        failure = error
    done["journal"] = _journal(clock, until=started + budget * JOURNAL_SHARE)
    done["superseded"] = _goals(now=clock())
    for event_id in _due(now=clock()) if over else []:
        if monotonic() - started >= budget:
            break
        done["events"] += run_due(event_id, now=clock())
    if failure is not None:
        raise failure
    beat(now=clock(), took_ms=int((monotonic() - started) * 1000))
    return done


def _journal(clock: Callable[[], datetime], *, until: float) -> int:
    """Drain the journal until nothing more can be done or its share of the time is used up."""
    total = 0
    while count := drain(now=clock()):
        total += count
        if monotonic() >= until:
            break
    return total


def _night(*, now: datetime) -> tuple[int, bool]:
    """Once per local day: roll the facts to the day that ended, give overrides back.

    How often it was done here, and whether it is over: while another process is at it, what is due waits.
    """
    day = last_complete_day(now, organisation().zone)
    if nightly_day() == day:
        return 0, True
    with transaction.atomic():
        if is_postgresql() and not try_advisory_lock(NIGHT_SPACE, 0):
            return 0, False
        try:
            roll(day=day, now=now)
        except Refused:
            log.info("The facts already stand beyond %s", day)  # an import of today's orders rolled them
    return_due(day=day + timedelta(days=1), now=now)
    night_done(day=day)
    return 1, True


def _goals(*, now: datetime) -> int:
    """Close what an order of today made pointless, without waiting for the night.

    Follow-ups outlive the switching off of their event, and so does what closes them. Events that
    failed too often rest until an evaluation went well; those that are not evaluated, for some hours.
    """
    count = 0
    for event in _with_goals(now=now):
        try:
            with transaction.atomic():
                count += goal_pass(event, "order", now=now)
                if event.status not in RUNNING:
                    note_goals_success(event)
        except FaultInjected:
            raise
        except Exception as error:  # any failure of one event stays its own
            log.exception("The goals of event %s failed", event.code)
            note_failure(event, error, kind=Run.Kind.GOAL, now=now)
    return count


def _with_goals(*, now: datetime) -> QuerySet[Event]:
    failing = Q(schedule__consecutive_failures__gte=FAULTED_AFTER) | Q(
        schedule__journal_failures__gte=FAULTED_AFTER
    )
    lately = Run.objects.filter(
        event=OuterRef("pk"), kind=Run.Kind.GOAL, started_at__gt=now - FAULTED_PAUSE
    ).exclude(error_class="")
    resting = failing & (Q(status__in=RUNNING) | Exists(lately))
    return Event.objects.filter(active_version__goal__kind="order").exclude(resting)


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
        result = evaluate(event_id, Order(kind=kind, now=now, only_if_due=True))
    except FaultInjected:
        raise
    except Exception as error:  # any failure of one event stays its own
        log.exception("Event %s failed", event.code)
        note_failure(event, error, kind=kind, now=now)
        return 0
    return 1 if result.run is not None else 0
