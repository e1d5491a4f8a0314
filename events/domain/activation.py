"""Activation, deactivation and pause: the three switches of an event."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import OperationalError, transaction
from django.db.models import F

from accounts.models import User
from activity.domain import record
from core.errors import Refused
from crm.domain.action_batch import cancel_actions
from crm.models import Action
from events.definition import Limits, definition_of
from events.domain.event import active_version, latest_version
from events.domain.event_figures import waiting
from events.engine import detect
from events.engine.evaluate import Order, Result, check_day, evaluate_locked
from events.engine.locks import event_lease, try_event_lock
from events.engine.preview import all_matches, check_token
from events.engine.schedule import plan_next
from events.models import Event, Occurrence, Run, Schedule, Version

NOW, SPREAD, ALL = "now", "spread", "all"
KEEP, CANCEL_UNTOUCHED, CANCEL_ALL = "keep", "cancel_untouched", "cancel_all"
MAX_REASON = 250
BUSY = "The event is being evaluated at this moment: try again in a few seconds."


def activate(
    event: Event,
    *,
    choice: str,
    token: str,
    by: User | None,
    now: datetime,
    judged_day: date | None = None,
) -> Result:
    """Switch the event on, with its newest version, and decide what becomes of the present matches.

    ``now``: only what becomes true from here on. ``spread``: the present matches enter the queue and
    are released under the limits, best first. ``all``: all at once, refused above the limit per run.
    ``token`` comes from the preview the user saw; a stale one is refused. ``judged_day`` is for replays
    from the command line. Raises ``Refused``; then nothing is changed.
    """
    start = _Start("event.activated", choice, token, by, now, judged_day)
    return _start(event, start, _version_to_activate)


def resume(event: Event, *, choice: str, token: str, by: User | None, now: datetime) -> Result:
    """Let a paused event run again, with the version that was paused: the question of activation again.

    What came true during the pause must not arrive as an avalanche. What waited in the queue before it
    goes on waiting for its release, whatever is chosen.
    """
    return _start(event, _Start("event.resumed", choice, token, by, now), _version_to_resume)


@dataclass(frozen=True)
class _Start:
    """How an event is switched on: the journal's verb, and what the user chose after which preview."""

    verb: str
    choice: str
    token: str
    by: User | None
    now: datetime
    judged_day: date | None = None


def _start(event: Event, start: _Start, version_of: Callable[[Event], Version]) -> Result:
    now = start.now
    if start.choice not in (NOW, SPREAD, ALL):
        raise Refused("Choose what happens to the present matches.", field="choice")
    with event_lease(event.pk, now=now) as obtained, transaction.atomic():
        if not obtained or not try_event_lock(event.pk):
            raise Refused(BUSY)
        event = Event.objects.select_for_update(no_key=True).get(pk=event.pk)
        version = version_of(event)
        definition = definition_of(version)
        question = all_matches(event, definition, now=now, judged_day=start.judged_day)
        day = question.window.judged_day
        check_day(day, _schedule(event), Order(Run.Kind.ACTIVATION, now))
        count = detect.count(question).new
        check_token(start.token, version, count=count, judged_day=day, now=now)
        _check_size(start.choice, count, waiting(event).get("queued", 0), definition.limits)
        _switch_on(event, version, start, day=day, until=question.window.until)
        # What waited takes its place in line anew: the time of the pause does not make it too old.
        Occurrence.objects.filter(event=event, state=Occurrence.State.QUEUED).update(state_changed_at=now)
        data = {"choice": start.choice, "matches": count, "version": version.number, "judged_day": day}
        record(event, start.verb, by=start.by, now=now, data=data)
        return _first_run(event, start)


def _version_to_activate(event: Event) -> Version:
    if event.status in (Event.Status.ACTIVE, Event.Status.HELD, Event.Status.FAULTED):
        raise Refused(f"The event {event.name} is already on.")
    if event.status == Event.Status.ARCHIVED:
        raise Refused("You cannot activate an event that was archived.")
    return latest_version(event)


def _version_to_resume(event: Event) -> Version:
    if event.status != Event.Status.PAUSED:
        raise Refused("You can only resume an event that is paused.")
    return active_version(event)


def _check_size(choice: str, count: int, queued: int, limits: Limits) -> None:
    """Refuse more at once than a run may make; what waits from before a pause is released with the rest."""
    if choice == ALL and count + queued > limits.per_run:
        waits = f", {queued} of them in line from before the pause," if queued else ""
        raise Refused(
            f"{count + queued} follow-ups at once{waits} are more than the limit of {limits.per_run}"
            " per run: spread them, or start from now on.",
            field="choice",
        )


def _switch_on(event: Event, version: Version, start: _Start, *, day: date, until: datetime) -> None:
    now = start.now
    if version.published_at is None:
        Version.objects.filter(pk=version.pk, published_at=None).update(published_at=now)
    # The present matches are in the ledger or left alone on purpose; with them taken in, the floor
    # stays open for the catch-up window, so that what is suppressed today may still fire.
    floor_on = day if start.choice == NOW else day - timedelta(days=event.catchup_days)
    floor_at = min(until, now) if start.choice == NOW else until - timedelta(days=event.catchup_days)
    Event.objects.filter(pk=event.pk).update(
        status=Event.Status.ACTIVE,
        active_version=version,
        floor_on=floor_on,
        floor_at=floor_at,
        status_changed_at=now,
        version=F("version") + 1,
    )
    schedule = _schedule(event)
    Schedule.objects.filter(pk=event.pk).update(
        next_run_at=plan_next(schedule, after=now),
        last_as_of=max(day, schedule.last_as_of or day),
        consecutive_failures=0,
        journal_failures=0,
    )


def _schedule(event: Event) -> Schedule:
    return Schedule.objects.get_or_create(event=event)[0]


def _first_run(event: Event, start: _Start) -> Result:
    """Ask exactly what the preview asked: without a ``judged_day``, instants up to now."""
    if start.choice == NOW:
        return Result(skipped="From now on: the present matches are left alone.")
    order = Order(
        kind=Run.Kind.ACTIVATION,
        now=start.now,
        judged_day=start.judged_day,
        catch_up="all",
        by=start.by,
        unlimited_per_person=start.choice == ALL,
    )
    return evaluate_locked(event.pk, order)


def deactivate(event: Event, *, open_follow_ups: str, reason: str, by: User | None, now: datetime) -> int:
    """Switch the event off; how many open follow-ups were cancelled.

    ``open_follow_ups``: ``keep`` them, ``cancel_untouched`` those nobody started, or ``cancel_all``.
    What waits in the queue is cancelled. After this returns no follow-up of the event is made: the
    update waits for a running evaluation, and a later one finds the event off.
    """
    if open_follow_ups not in (KEEP, CANCEL_UNTOUCHED, CANCEL_ALL):
        raise Refused("Choose what happens to the open follow-ups.", field="open_follow_ups")
    _check_reason(reason, "Say why the event is switched off.")
    try:
        with transaction.atomic():
            return _deactivate(event, open_follow_ups, reason=reason, by=by, now=now)
    except OperationalError as error:  # a long evaluation held the event longer than a request may wait
        raise Refused(BUSY) from error


def _deactivate(event: Event, open_follow_ups: str, *, reason: str, by: User | None, now: datetime) -> int:
    _switch_off(event, Event.Status.DRAFT, now=now)
    waiting = Occurrence.objects.filter(event=event, state__in=["queued", "held"])
    dropped = waiting.update(state=Occurrence.State.CANCELLED, state_changed_at=now)
    cancelled = _cancel_follow_ups(event, open_follow_ups, reason=reason, by=by, now=now)
    data = {
        "reason": reason,
        "open_follow_ups": open_follow_ups,
        "queued": dropped,
        "cancelled": cancelled,
    }
    record(event, "event.deactivated", by=by, now=now, data=data)
    return cancelled


def _check_reason(reason: str, missing: str) -> None:
    """Refuse a reason that is missing, or too long to be read on the event's page."""
    if not reason.strip():
        raise Refused(missing, field="reason")
    if len(reason) > MAX_REASON:
        raise Refused(f"Use at most {MAX_REASON} characters for the reason.", field="reason")


def _switch_off(event: Event, status: str, *, now: datetime) -> None:
    if event.is_system:
        raise Refused("You cannot switch off a system event; an administrator can pause it.")
    running = [Event.Status.ACTIVE, Event.Status.PAUSED, Event.Status.HELD, Event.Status.FAULTED]
    rows = Event.objects.filter(pk=event.pk, status__in=running)
    if rows.update(status=status, status_changed_at=now, version=F("version") + 1) != 1:
        raise Refused(f"The event {event.name} is already off.")
    Schedule.objects.filter(event=event).update(next_run_at=None)


def _cancel_follow_ups(event: Event, choice: str, *, reason: str, by: User | None, now: datetime) -> int:
    if choice == KEEP:
        return 0
    ids = Action.objects.filter(origin_code=event.code, closed_at=None).values_list("pk", flat=True)
    untouched = choice == CANCEL_UNTOUCHED
    return len(cancel_actions(list(ids), reason=reason, by=by, now=now, only_untouched=untouched))


def pause(event: Event, *, reason: str, by: User | None, now: datetime) -> None:
    """Stop evaluating for a while; the queue stays. System events need their own right to pause."""
    _check_reason(reason, "Say why the event is paused.")
    if event.is_system and by is not None and not by.has_perm("events.pause_system"):
        raise Refused("You cannot pause a system event: an administrator can.")
    try:
        with transaction.atomic():
            _pause(event, reason=reason, by=by, now=now)
    except OperationalError as error:  # as in deactivation
        raise Refused(BUSY) from error


def _pause(event: Event, *, reason: str, by: User | None, now: datetime) -> None:
    rows = Event.objects.filter(pk=event.pk, status__in=[Event.Status.ACTIVE, Event.Status.FAULTED])
    if rows.update(status=Event.Status.PAUSED, status_changed_at=now, version=F("version") + 1) != 1:
        raise Refused("You can only pause an event that is active.")
    record(event, "event.paused", by=by, now=now, data={"reason": reason})


@transaction.atomic
def decide_held(event: Event, *, release: bool, reason: str, by: User | None, now: datetime) -> int:
    """Let held matches into the queue, or drop them; the event runs again. How many were decided."""
    _check_reason(reason, "Say why the held matches are released or dropped.")
    rows = Event.objects.filter(pk=event.pk, status=Event.Status.HELD)
    if rows.update(status=Event.Status.ACTIVE, status_changed_at=now, version=F("version") + 1) != 1:
        raise Refused("Nothing is held for this event.")
    state = Occurrence.State.QUEUED if release else Occurrence.State.CANCELLED
    held = Occurrence.objects.filter(event=event, state=Occurrence.State.HELD)
    count = held.update(state=state, state_changed_at=now)
    data = {"count": count, "decision": "release" if release else "cancel", "reason": reason}
    record(event, "event.released", by=by, now=now, data=data)
    return count
