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


@transaction.atomic
def note_failure(event: Event, error: Exception, *, kind: str, now: datetime) -> None:
    """Write the failed run, after what it did was rolled back; the third in a row marks the event as faulted.

    A clock run is tried again after five minutes, a faulted event every six hours. Failures of the
    journal and of goals do not move the clock: they would put off the nightly run for ever.
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
    row = Schedule.objects.filter(event=event)
    row.update(consecutive_failures=F("consecutive_failures") + 1)
    if kind not in (Run.Kind.JOURNAL, Run.Kind.GOAL):
        row.update(next_run_at=now + RETRY)
    if row.get().consecutive_failures >= FAULTED_AFTER:
        _mark_faulted(event, error, now=now)


def _mark_faulted(event: Event, error: Exception, *, now: datetime) -> None:
    Schedule.objects.filter(event=event).update(next_run_at=now + FAULTED_PAUSE)
    rows = Event.objects.filter(pk=event.pk, status=Event.Status.ACTIVE)
    if rows.update(status=Event.Status.FAULTED, status_changed_at=now):
        record(event, "event.faulted", by=None, now=now, cause=Cause.ENGINE, data={"error": str(error)[:500]})
