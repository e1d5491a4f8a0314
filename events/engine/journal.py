"""The journal as a queue: what happened wakes the events that ask about it.

Wake rows are locked, looked at and deleted in the transaction of their consequences. There is no
cursor: rows that commit late are found like any other.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from activity.models import Wake
from core.faults import FaultInjected, point
from core.sql import is_postgresql
from events.engine.evaluate import RUNNING, Order, evaluate_locked
from events.engine.failures import note_failure
from events.engine.locks import try_event_lock
from events.models import Event, Run
from orders.models import SalesOrder

log = logging.getLogger(__name__)
BATCH = 500
ATTEMPTS = 5
TRIGGER_OF = {"customer.created": "created", "order.placed": "order"}


def drain(*, now: datetime) -> int:
    """Consume one batch of due wake rows; how many were settled, 0 when nothing more can be done now.

    Rows of an event whose lock another process holds stay for the next tick. Rows of an event that
    failed wait longer with each attempt and are dead after five; the other events are not affected.
    """
    with transaction.atomic():
        rows = _claim(now)
        if not rows:
            return 0
        point("journal.claimed")
        busy, failed = _evaluate_all(rows, now=now)
        point("journal.evaluated")
        return _finish(rows, busy=busy, failed=failed, now=now)


def _claim(now: datetime) -> list[Wake]:
    rows = Wake.objects.filter(dead_at=None, not_before__lte=now).order_by("pk").select_related("entry")
    if is_postgresql():
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return list(rows[:BATCH])


def _evaluate_all(rows: Sequence[Wake], *, now: datetime) -> tuple[set[str], dict[str, str]]:
    """Ask each event concerned about the subjects of ``rows``; trigger kinds that were busy or failed."""
    busy: set[str] = set()
    failed: dict[str, str] = {}
    for event in _concerned(rows):
        assert event.active_version is not None
        kind = event.active_version.trigger["kind"]
        ids = _subjects(event, [row for row in rows if TRIGGER_OF.get(row.verb) == kind])
        if not try_event_lock(event.pk):
            busy.add(kind)
            continue
        try:
            with transaction.atomic():  # a savepoint: this event's failure changes nothing of the others
                evaluate_locked(event.pk, Order(kind=Run.Kind.JOURNAL, now=now, subject_ids=ids))
        except FaultInjected:
            raise
        except Exception as error:  # any failure of one event stays its own
            log.exception("Event %s failed on the journal", event.code)
            note_failure(event, error, kind=Run.Kind.JOURNAL, now=now)
            failed[kind] = f"{type(error).__name__}: {error}"[:500]
    return busy, failed


def _concerned(rows: Iterable[Wake]) -> list[Event]:
    kinds = {TRIGGER_OF[row.verb] for row in rows if row.verb in TRIGGER_OF}
    running = Event.objects.filter(status__in=RUNNING, active_version__trigger__kind__in=sorted(kinds))
    return list(running.select_related("active_version").order_by("priority", "pk"))


def _subjects(event: Event, rows: Sequence[Wake]) -> tuple[int, ...]:
    """What the event asks about: the customer, or the order itself when each order counts."""
    assert event.active_version is not None
    trigger = event.active_version.trigger
    if trigger["kind"] == "order" and not trigger.get("first"):
        return tuple(sorted({row.entry.subject_id for row in rows}))
    if trigger["kind"] == "order":
        orders = SalesOrder.objects.filter(pk__in=[row.entry.subject_id for row in rows])
        return tuple(sorted(set(orders.values_list("customer_id", flat=True))))
    return tuple(sorted({row.entry.subject_id for row in rows}))


def _finish(rows: Sequence[Wake], *, busy: set[str], failed: dict[str, str], now: datetime) -> int:
    """Delete what was consumed and postpone what failed; how many rows that were."""
    done = [row.pk for row in rows if TRIGGER_OF.get(row.verb) not in busy | failed.keys()]
    Wake.objects.filter(pk__in=done).delete()
    for kind, error in failed.items():
        again = [row for row in rows if TRIGGER_OF.get(row.verb) == kind and kind not in busy]
        for attempts in {row.attempts for row in again}:
            _postpone([row.pk for row in again if row.attempts == attempts], attempts + 1, error, now)
    return sum(1 for row in rows if TRIGGER_OF.get(row.verb) not in busy)


def _postpone(ids: Sequence[int], attempts: int, error: str, now: datetime) -> None:
    rows = Wake.objects.filter(pk__in=ids)
    if attempts >= ATTEMPTS:
        rows.update(attempts=attempts, last_error=error, dead_at=now)
        return
    wait = timedelta(seconds=30 * 4**attempts)
    rows.update(attempts=F("attempts") + 1, last_error=error, not_before=now + wait)
