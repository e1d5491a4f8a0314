"""Evaluation: one event asked once, in one transaction."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from accounts.domain.organisation import keeping, organisation
from accounts.models import User
from activity.domain import record
from activity.models import Cause
from core.conditions import used_fields
from core.dates import local_day
from core.errors import Refused
from core.faults import point
from core.sql import expect_quick_pages, lock_for_share, set_statement_timeout
from events.definition import Definition, definition_of
from events.engine import breaker, detect
from events.engine.failures import note_success
from events.engine.goals import goal_pass
from events.engine.locks import event_lease, try_event_lock
from events.engine.matching import Question, facts_day, matches
from events.engine.release import Released, release
from events.engine.schedule import plan_next
from events.engine.window import Window, end_of, last_complete_day, lower_bound
from events.models import Event, Occurrence, Run, Schedule, Version
from orders.domain.fact_source import stands_at

RUNNING = Event.RUNNING
WATCHED = (Run.Kind.SCHEDULED, Run.Kind.SWEEP, Run.Kind.MANUAL)  # what the breaker may hold


@dataclass(frozen=True)
class Order:
    """What to evaluate and how.

    ``judged_day`` None means the last complete local day. ``catch_up`` is a number of days, ``"all"``
    (no window and no floor), or None for the event's own. ``replay`` marks evaluations of past days and
    catch-ups, which the breaker ignores. ``subject_ids`` restricts to what the journal named.
    ``only_if_due`` leaves an event alone that another process evaluated since it was found due.
    """

    kind: str
    now: datetime
    judged_day: date | None = None
    catch_up: int | str | None = None
    replay: bool = False
    subject_ids: tuple[int, ...] | None = None
    by: User | None = None
    per_run: int | None = None
    unlimited_per_person: bool = False
    only_if_due: bool = False


@dataclass
class Result:
    """What an evaluation did; ``skipped`` says why it did nothing."""

    run: Run | None = None
    released: Released = field(default_factory=Released)
    skipped: str = ""
    held: bool = False


@dataclass(frozen=True)
class DryRun:
    """What an evaluation would find; ``customers`` are the customer numbers, sorted as text."""

    judged_day: date
    counts: detect.Counts
    customers: tuple[str, ...]
    approximate: bool

    @property
    def sha256(self) -> str:
        """The hash of the numbers joined by line feeds."""
        return hashlib.sha256("\n".join(self.customers).encode()).hexdigest()


def evaluate(event_id: int, order: Order) -> Result:
    """Evaluate one event and commit what follows from it.

    A lock that another process holds, or an event that does not run, is no error: ``skipped`` says so.
    Raises ``Refused`` for a day that may not be judged; any other exception leaves nothing behind.
    """
    with event_lease(event_id, now=order.now) as obtained:
        if not obtained:
            return Result(skipped="Another process evaluates this event.")
        with transaction.atomic():
            if not try_event_lock(event_id):
                return Result(skipped="Another process evaluates this event.")
            return evaluate_locked(event_id, order)


def evaluate_locked(event_id: int, order: Order) -> Result:
    """The evaluation itself, inside the caller's transaction and under the event's lock."""
    with keeping(organisation()):  # one calendar for all of it
        return _evaluate(event_id, order)


def _evaluate(event_id: int, order: Order) -> Result:
    started = monotonic()
    event = lock_for_share(Event.objects.filter(pk=event_id))[0]
    point("engine.locked")
    if event.status not in RUNNING or event.active_version_id is None:
        return Result(skipped=f"The event is {event.get_status_display().lower()}.")
    set_statement_timeout(60)
    expect_quick_pages()
    version = Version.objects.select_related("event").get(pk=event.active_version_id)
    schedule = Schedule.objects.get(event=event)
    if order.only_if_due and (schedule.next_run_at is None or schedule.next_run_at > order.now):
        return Result(skipped="Another process has just evaluated this event.")
    question = question_for(event, definition_of(version), order)
    if refusal := _outside_dates(event, question.window.judged_day):
        Schedule.objects.filter(pk=schedule.pk).update(next_run_at=plan_next(schedule, after=order.now))
        return Result(skipped=refusal)
    check_day(question.window.judged_day, schedule, order)
    return _carry_out(question, version, schedule, order, started)


def _carry_out(
    question: Question, version: Version, schedule: Schedule, order: Order, started: float
) -> Result:
    event, now = question.event, order.now
    superseded = goal_pass(event, question.definition.goal, now=now)
    run = _open_run(question, version, schedule, order)
    run.superseded = superseded
    point("engine.run")
    run.matched, counts = detect.detect(question, run=run, now=now)
    run.already_known, run.suppressed = counts.already_known, counts.suppressed
    point("engine.detected")
    result = Result(run=run)
    if _breaks(question, run, order):
        _hold(event, run, now=now)
        result.held = True
    else:
        limits = question.definition.limits
        result.released = release(
            question,
            version,
            run,
            now=now,
            per_run=order.per_run or limits.per_run,
            per_person_day=None if order.unlimited_per_person else limits.per_person_day,
        )
    done = result.released
    if order.subject_ids is not None and not (run.matched or done.fired or done.expired or superseded):
        run.delete()  # what happened concerns nobody here; the nightly runs tell that the event is alive
        result.run = None
        result.skipped = "Nothing new."
    else:
        _close_run(run, result.released, now=now, started=started)
    _advance(schedule, question.window.judged_day, order)
    note_success(event, by_clock=order.subject_ids is None, now=now)
    point("engine.finished")
    return result


def question_for(event: Event, definition: Definition, order: Order) -> Question:
    """The event's question with the window that ``order`` asks for."""
    zone = organisation().zone
    day = order.judged_day or natural_day(order.now, zone)
    window = Window(judged_day=day, now=order.now, zone=zone, subject_ids=order.subject_ids)
    if order.judged_day is None and not definition.trigger.is_clock:
        # What happened is true at once: instants are compared with now, not with the end of a day.
        window = Window(day, order.now, zone, until_instant=order.now, subject_ids=order.subject_ids)
    return Question(event, definition, _bounded(window, event, order), replay=False)


def natural_day(now: datetime, zone: ZoneInfo) -> date:
    """The day an evaluation at ``now`` judges: the last complete one.

    An import of today's orders may have rolled the facts to today; then today is judged, because the
    columns no longer tell how yesterday ended.
    """
    day, rolled = last_complete_day(now, zone), facts_day()
    return rolled if rolled is not None and day < rolled <= local_day(now, zone) else day


def _bounded(window: Window, event: Event, order: Order) -> Window:
    if order.catch_up == "all":
        return window
    days = event.catchup_days if order.catch_up is None else int(order.catch_up)
    after = lower_bound(window.judged_day, days, event.floor_on)
    edge = end_of(window.judged_day - timedelta(days=days), window.zone)
    instant = max(edge, event.floor_at) if event.floor_at else edge
    return Window(
        window.judged_day,
        window.now,
        window.zone,
        after=after,
        after_instant=instant,
        until_instant=window.until_instant,
        subject_ids=window.subject_ids,
    )


def dry_run(event: Event, version: Version, order: Order) -> DryRun:
    """What the event would match on the judged day; writes nothing.

    A day other than the one the facts were rolled to is derived from the orders up to it.
    """
    definition = definition_of(version)
    base = question_for(event, definition, order)
    day = base.window.judged_day
    is_past = definition.trigger.is_clock and day != facts_day()
    # A day that is named means its end, whatever was ordered since; without one it is asked as tonight.
    replay = is_past or (definition.trigger.is_clock and order.judged_day is not None and not stands_at(day))
    question = Question(event, definition, base.window, replay=replay)
    numbers = matches(question).order_by().values_list(_number_path(definition), flat=True)
    counts = detect.count(question)
    approximate = is_past and _asks_of_today(definition)
    return DryRun(day, counts, tuple(sorted(set(numbers))), approximate)


def _number_path(definition: Definition) -> str:
    return "customer__number" if definition.trigger.kind == "order" else "number"


def _asks_of_today(definition: Definition) -> bool:
    """Whether the condition asks about a field whose past is not kept."""
    return any(not field.has_history for field in used_fields(definition.condition))


def _outside_dates(event: Event, day: date) -> str:
    if event.starts_on and day < event.starts_on:
        return f"The event starts on {event.starts_on:%d %b %Y}."
    if event.stops_on and day > event.stops_on:
        return f"The event stopped on {event.stops_on:%d %b %Y}."
    return ""


def check_day(day: date, schedule: Schedule, order: Order) -> None:
    """Refuse a day that goes back in time, or runs ahead of the facts or of the clock."""
    rolled = facts_day()
    if order.subject_ids is not None:
        return  # what the journal named is judged by instants, whatever day the facts have reached
    if rolled is None or rolled < day:
        raise Refused(f"The facts have not been rolled to {day:%d %b %Y} yet.")
    if day < rolled:
        raise Refused(
            f"The facts already stand at {rolled:%d %b %Y}: a real run cannot judge {day:%d %b %Y}."
        )
    if schedule.last_as_of and day < schedule.last_as_of:
        raise Refused(
            f"The event was already judged for {schedule.last_as_of:%d %b %Y}: time does not go back."
        )
    if day > order.now.astimezone(organisation().zone).date():
        raise Refused(f"{day:%d %b %Y} has not come yet.")


def _open_run(question: Question, version: Version, schedule: Schedule, order: Order) -> Run:
    day = question.window.judged_day
    gap = (day - schedule.last_as_of).days if schedule.last_as_of else 0
    return Run.objects.create(
        event=question.event,
        version=version,
        kind=order.kind,
        as_of=day,
        catch_up_all=order.catch_up == "all",
        started_at=order.now,
        started_by=order.by,
        gap_days=max(gap, 0),
        out_of_window=_out_of_window(question, schedule, order),
    )


def _out_of_window(question: Question, schedule: Schedule, order: Order) -> int:
    """How many matches fell out of the catch-up window unseen, after an outage longer than it."""
    window, seen = question.window, schedule.last_as_of
    if order.subject_ids is not None or window.after is None or seen is None or seen >= window.after:
        return 0
    missed = Window(
        window.after, window.now, window.zone, after=seen, after_instant=end_of(seen, window.zone)
    )
    lost = Question(question.event, question.definition, missed, question.replay)
    return detect.count(lost).new


def _breaks(question: Question, run: Run, order: Order) -> bool:
    if order.kind not in WATCHED or order.replay or order.catch_up is not None:
        return False
    return breaker.trips(
        question.event, new=run.matched, gap_days=run.gap_days, unseen_days=_unseen_days(question, run)
    )


def _unseen_days(question: Question, run: Run) -> int:
    """The days since the event was last judged, or since a person or the engine last switched its status."""
    changed_at = question.event.status_changed_at
    if changed_at is None:
        return run.gap_days
    return min(run.gap_days, max((run.as_of - local_day(changed_at, question.window.zone)).days, 0))


def _hold(event: Event, run: Run, *, now: datetime) -> None:
    """Stop before anything is made: the matches wait for a person, and so does the event."""
    found = Occurrence.objects.filter(run=run, state=Occurrence.State.QUEUED)
    run.held = found.update(state=Occurrence.State.HELD, state_changed_at=now)
    Event.objects.filter(pk=event.pk).update(
        status=Event.Status.HELD, status_changed_at=now, version=F("version") + 1
    )
    usual = round(breaker.usual(event))
    record(
        event, "event.held", by=None, now=now, cause=Cause.ENGINE, data={"matches": run.held, "usual": usual}
    )


def _close_run(run: Run, done: Released, *, now: datetime, started: float) -> None:
    waiting = Occurrence.objects.filter(event=run.event, state=Occurrence.State.QUEUED).count()
    run.fired, run.expired, run.queued = done.fired, done.expired, waiting
    run.finished_at = now
    run.ms_total = int((monotonic() - started) * 1000)
    run.save()


def _advance(schedule: Schedule, day: date, order: Order) -> None:
    if order.subject_ids is None:
        rows = Schedule.objects.filter(pk=schedule.pk)
        rows.update(last_as_of=day, next_run_at=plan_next(schedule, after=order.now))
