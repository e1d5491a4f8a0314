"""Failures: written down, counted, and kept from disturbing anything else."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from accounts.domain.organisation import organisation
from activity.domain import record
from activity.models import Cause
from events.engine.window import last_complete_day
from events.models import Event, Run, Schedule

FAULTED_AFTER = 3
FAULTED_PAUSE = timedelta(hours=6)
RETRY = timedelta(minutes=5)
BETWEEN = (Run.Kind.JOURNAL, Run.Kind.GOAL)  # what happens between the clock runs


@transaction.atomic
def note_failure(event: Event, error: Exception, *, kind: str, now: datetime) -> None:
    """Write the failed run, after what it did was rolled back; the third in a row marks the event as faulted.

    Clock runs and what happens between them are counted apart: a journal that goes well does not hide
    a night that fails, nor the other way round.
    """
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
    counter = "journal_failures" if kind in BETWEEN else "consecutive_failures"
    Schedule.objects.filter(event=event).update(**{counter: F(counter) + 1})
    count = getattr(Schedule.objects.get(event=event), counter)
    _plan_retry(event, kind=kind, is_faulted=count >= FAULTED_AFTER, now=now)
    if count >= FAULTED_AFTER:
        _mark_faulted(event, error, now=now)


def _plan_retry(event: Event, *, kind: str, is_faulted: bool, now: datetime) -> None:
    """A clock run is tried again after five minutes; a faulted event runs by the clock within six hours.

    Failures between the clock runs never put off the next one: they may come every minute.
    """
    row = Schedule.objects.filter(event=event)
    if kind not in BETWEEN:
        row.update(next_run_at=now + (FAULTED_PAUSE if is_faulted else RETRY))
    elif is_faulted:
        row.filter(next_run_at__gt=now + FAULTED_PAUSE).update(next_run_at=now + FAULTED_PAUSE)


def _mark_faulted(event: Event, error: Exception, *, now: datetime) -> None:
    rows = Event.objects.filter(pk=event.pk, status=Event.Status.ACTIVE)
    if rows.update(status=Event.Status.FAULTED, status_changed_at=now, version=F("version") + 1):
        record(event, "event.faulted", by=None, now=now, cause=Cause.ENGINE, data={"error": str(error)[:500]})


def note_goals_success(event: Event) -> None:
    """End the count of failures of an event that is not evaluated: nothing but its goals can fail.

    Where it is evaluated, goals that go well do not hide a journal that fails.
    """
    rows = Schedule.objects.filter(event=event, journal_failures__gt=0)
    rows.update(journal_failures=0)


def note_success(event: Event, *, by_clock: bool, now: datetime) -> None:
    """End the count of failures after an evaluation that went well; a faulted event is active again.

    A run over all subjects (``by_clock``) answers for the journal and the goals too. The journal, which
    asked about a few subjects, does not answer for clock runs that fail.
    """
    row = Schedule.objects.filter(event=event)
    row.update(journal_failures=0, **({"consecutive_failures": 0} if by_clock else {}))
    if event.status != Event.Status.FAULTED or row.get().consecutive_failures >= FAULTED_AFTER:
        return
    rows = Event.objects.filter(pk=event.pk, status=Event.Status.FAULTED)
    if rows.update(status=Event.Status.ACTIVE, status_changed_at=now, version=F("version") + 1):
        record(event, "event.recovered", by=None, now=now, cause=Cause.ENGINE)
