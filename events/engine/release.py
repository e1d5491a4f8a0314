"""Release: waiting occurrences become follow-ups, best first, within the limits."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import OuterRef, Q, Subquery

from accounts.domain.organisation import business_day_after, today_at
from core.dates import local_day
from core.faults import point
from crm.domain.action_batch import FollowUp, create_event_actions
from crm.models import Action, Customer
from events.engine.assign import Assignment, Candidate, plan_assignments
from events.engine.matching import Question, is_suppressed, matches
from events.engine.reasons import Background, backgrounds, reason_of
from events.models import Occurrence, Run, Version

CHUNK = 200
# Beside those that a run may release: a long line of which nothing can be released must not hold up the
# other events.
MOST_BATCHES = 25


class Waiting(NamedTuple):
    """An occurrence in line, as far as its release needs it.

    ``run_kind`` is of the run that found it; ``state_changed_at`` is when it took its place in line: when
    it was found, or later when a person released it or let the event run again.
    """

    pk: int
    subject_type: str
    subject_id: int
    customer_id: int
    okey: str
    score: int
    trigger_on: date
    anchor_on: date
    state_changed_at: datetime
    run_id: int
    run_kind: str


WAITING_COLUMNS = [name.replace("run_kind", "run__kind") for name in Waiting._fields]


@dataclass
class Released:
    """What one release did; ``full_owners`` have got all that they may get on this day."""

    fired: int = 0
    expired: int = 0
    full_owners: set[int] = field(default_factory=set)


def release(
    question: Question, version: Version, run: Run, *, now: datetime, per_run: int, per_person_day: int | None
) -> Released:
    """Turn waiting occurrences of the event into follow-ups until a limit is reached.

    What waited is checked again first: what is no longer true, or waited longer than the catch-up window,
    expires; what is suppressed by now waits on. What this run has just found needs no second look, until
    it made follow-ups itself. ``per_person_day`` None means no limit per person; once
    an account owner is at it, the other customers of the same owner are passed over. The rest waits for
    the next run.
    """
    done = Released()
    last: Waiting | None = None
    for _ in range(MOST_BATCHES + per_run // CHUNK):
        room = per_run - done.fired
        batch = _next_batch(question, after=last, without_owners=done.full_owners) if room > 0 else []
        if not batch:
            break
        is_fresh = last is None and all(row.run_id == run.pk for row in batch)
        valid = _one_each(batch) if is_fresh else _still_true(question, batch, now=now, done=done)
        last = valid[room - 1] if len(valid) > room else batch[-1]
        _fire(question, version, valid[:room], now=now, per_person_day=per_person_day, done=done)
    point("engine.released")
    return done


def _next_batch(
    question: Question, *, after: Waiting | None, without_owners: Collection[int]
) -> list[Waiting]:
    """The next waiting rows by score, behind ``after`` and beside customers of ``without_owners``."""
    waiting = Occurrence.objects.filter(event=question.event, state=Occurrence.State.QUEUED)
    if question.window.subject_ids is not None:  # what the journal named; the line itself moves at night
        waiting = waiting.filter(subject_id__in=question.window.subject_ids)
    if after is not None:
        waiting = waiting.filter(_behind(after))
    if without_owners:
        waiting = waiting.exclude(
            customer_id__in=Customer.objects.filter(owner__in=without_owners).values("pk")
        )
    rows = waiting.order_by("-score", "trigger_on", "pk").values_list(*WAITING_COLUMNS)
    return [Waiting._make(row) for row in rows[:CHUNK]]


def _behind(row: Waiting) -> Q:
    same = Q(score=row.score)
    later = Q(trigger_on__gt=row.trigger_on) | Q(trigger_on=row.trigger_on, pk__gt=row.pk)
    return Q(score__lt=row.score) | same & later


def _still_true(
    question: Question, batch: Sequence[Waiting], *, now: datetime, done: Released
) -> list[Waiting]:
    """The rows of ``batch`` that may be released now, one per customer; what is no longer true expires."""
    subjects = tuple(row.subject_id for row in batch)
    window = question.window.unbounded(subjects)
    again = Question(question.event, question.definition, window, question.replay)
    rows = matches(again).annotate(kept_back=is_suppressed(again))
    current = {
        (subject, okey): (kept, anchor, score)
        for subject, okey, kept, anchor, score in rows.values_list(
            "m_subject", "m_okey", "kept_back", "m_anchor_on", "m_score"
        )
    }
    zone = question.window.zone
    oldest = local_day(now, zone) - timedelta(days=question.event.catchup_days)
    gone: list[int] = []
    valid: list[Waiting] = []
    for row in batch:
        waited_too_long = (
            local_day(row.state_changed_at, zone) < oldest and row.run_kind != Run.Kind.ACTIVATION
        )
        found = current.get((row.subject_id, row.okey))
        if waited_too_long or found is None:
            gone.append(row.pk)
            continue
        kept_back, anchor_on, score = found
        if not kept_back:  # what it is about may have changed: the first order of a customer was cancelled
            valid.append(row._replace(anchor_on=anchor_on, score=score))
    if gone:
        rows = Occurrence.objects.filter(pk__in=gone, state=Occurrence.State.QUEUED)
        done.expired += rows.update(state=Occurrence.State.EXPIRED, state_changed_at=now)
    return _one_each(valid)


def _one_each(rows: Iterable[Waiting]) -> list[Waiting]:
    """The first row of each customer: more than one at a time would be as many calls to the same."""
    first: dict[int, Waiting] = {}
    for row in rows:
        first.setdefault(row.customer_id, row)
    return list(first.values())


def _fire(
    question: Question,
    version: Version,
    rows: Sequence[Waiting],
    *,
    now: datetime,
    per_person_day: int | None,
    done: Released,
) -> None:
    if not rows:
        return
    customers = backgrounds(question, [row.customer_id for row in rows])
    today = today_at(now)
    due_on = business_day_after(today, question.definition.action.due_days)
    plan = _assign(question, rows, customers, due_on=due_on, today=today, now=now, limit=per_person_day)
    point("engine.assigned")
    pairs = [(row, plan[row.pk]) for row in rows if not plan[row.pk].deferred]
    done.full_owners |= {owner for given in plan.values() if (owner := _full_owner(given)) is not None}
    made = [_follow_up(question, version, row, customers[row.customer_id], given) for row, given in pairs]
    create_event_actions(_pattern(question, due_on), made, now=now)
    point("engine.actions")
    _mark_fired(question, [row.pk for row, _ in pairs], now=now)
    done.fired += len(pairs)


def _mark_fired(question: Question, ids: Sequence[int], *, now: datetime) -> None:
    """Tie each occurrence to the follow-up just made: the only live one with its guard key."""
    made = Action.objects.filter(guard_key=question.guard(OuterRef("customer_id")), closed_at=None)
    Occurrence.objects.filter(pk__in=ids).update(
        action=Subquery(made.values("pk")), state=Occurrence.State.FIRED, state_changed_at=now
    )


def _full_owner(given: Assignment) -> int | None:
    """The account owner who, or whose stand-in, is at the limit of the day."""
    return given.owner_id if given.deferred and given.rule == "owner" else None


def guard_of(question: Question, row: Waiting) -> str:
    """The guard key of an occurrence's follow-up, as :meth:`Question.guard` writes it in SQL."""
    return f"{question.definition.action.guard}:customer:{row.customer_id}"


def _assign(
    question: Question,
    rows: Sequence[Waiting],
    customers: Mapping[int, Background],
    *,
    due_on: date,
    today: date,
    now: datetime,
    limit: int | None,
) -> dict[int, Assignment]:
    candidates = [
        Candidate(
            key=row.pk,
            customer_id=row.customer_id,
            owner_id=customers[row.customer_id].owner_id,
            due_on=due_on,
        )
        for row in rows
    ]
    chain = {"rules": list(question.definition.rules), "queue": question.definition.queue}
    plan = plan_assignments(candidates, chain=chain, per_person_day=limit, day=today, now=now)
    return {given.key: given for given in plan}


def _pattern(question: Question, due_on: date) -> Action:
    """What all follow-ups of the event share."""
    spec = question.definition.action
    return Action(
        kind=spec.kind,
        title=spec.title,
        body=spec.body,
        priority=question.event.priority,
        due_on=due_on,
        origin=Action.Origin.EVENT,
        origin_code=question.event.code,
    )


def _follow_up(
    question: Question, version: Version, row: Waiting, customer: Background, given: Assignment
) -> FollowUp:
    reason = reason_of(question, version, customer, anchor=row.anchor_on, score=row.score, routing=given.note)
    return FollowUp(
        customer=row.customer_id,
        owner=given.owner_id,
        assignee=given.user_id,
        queue=given.role_id,
        assign_rule=given.rule,
        assign_note=given.note[:250],
        anchor_on=row.anchor_on,
        origin_key=f"{question.event.code}:{row.subject_type}:{row.subject_id}:{row.okey}",
        guard_key=guard_of(question, row),
        reason=reason,
    )
