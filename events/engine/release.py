"""Release: waiting occurrences become follow-ups, best first, within the limits."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q

from accounts.domain.organisation import business_day_after, today_at
from core.faults import point
from crm.domain.action_batch import create_event_actions
from crm.models import Action, Customer
from events.engine.assign import Assignment, Candidate, plan_assignments
from events.engine.matching import Question, matches
from events.engine.reasons import reason_of
from events.models import Occurrence, Run, Version

CHUNK = 200


@dataclass
class Released:
    """What one release did."""

    fired: int = 0
    expired: int = 0
    deferred: int = 0
    actions: list[Action] = field(default_factory=list)


def release(
    question: Question, version: Version, run: Run, *, now: datetime, per_run: int, per_person_day: int | None
) -> Released:
    """Turn waiting occurrences of the event into follow-ups until a limit is reached.

    Each is checked again first: what is no longer true, or waited longer than the catch-up window,
    expires. ``per_person_day`` None means no limit per person. The rest waits for the next run.
    """
    done = Released()
    last: Occurrence | None = None
    while done.fired < per_run:
        batch = _next_batch(question, after=last, size=min(CHUNK, per_run - done.fired))
        if not batch:
            break
        last = batch[-1]
        valid = _still_true(question, batch, now=now, done=done)
        _fire(question, version, valid, now=now, per_person_day=per_person_day, done=done)
    point("engine.released")
    return done


def _next_batch(question: Question, *, after: Occurrence | None, size: int) -> list[Occurrence]:
    """The next waiting rows by score; rows passed over in this run are behind ``after``."""
    waiting = Occurrence.objects.filter(event=question.event, state=Occurrence.State.QUEUED).select_related(
        "run"
    )
    if after is not None:
        waiting = waiting.filter(_behind(after))
    return list(waiting.order_by("-score", "trigger_on", "pk")[:size])


def _behind(row: Occurrence) -> Q:
    same = Q(score=row.score)
    later = Q(trigger_on__gt=row.trigger_on) | Q(trigger_on=row.trigger_on, pk__gt=row.pk)
    return Q(score__lt=row.score) | same & later


def _still_true(
    question: Question, batch: Sequence[Occurrence], *, now: datetime, done: Released
) -> list[Occurrence]:
    subjects = tuple(row.subject_id for row in batch)
    window = question.window.unbounded(subjects)
    again = Question(question.event, question.definition, window, question.replay)
    current = set(matches(again).values_list("m_subject", "m_okey"))
    oldest = today_at(now) - timedelta(days=question.event.catchup_days)
    valid: list[Occurrence] = []
    gone: list[Occurrence] = []
    for row in batch:
        waited_too_long = today_at(row.detected_at) < oldest and row.run.kind != Run.Kind.ACTIVATION
        still = (row.subject_id, row.okey) in current and not waited_too_long
        (valid if still else gone).append(row)
    if gone:
        ids = [row.pk for row in gone]
        rows = Occurrence.objects.filter(pk__in=ids, state=Occurrence.State.QUEUED)
        done.expired += rows.update(state=Occurrence.State.EXPIRED, state_changed_at=now)
    return valid


def _fire(
    question: Question,
    version: Version,
    rows: Sequence[Occurrence],
    *,
    now: datetime,
    per_person_day: int | None,
    done: Released,
) -> None:
    rows = _without_live_guard(question, rows)
    if not rows:
        return
    customers = Customer.objects.select_related("facts").in_bulk([row.customer_id for row in rows])
    today = today_at(now)
    due_on = business_day_after(today, question.definition.action.due_days)
    plan = _assign(question, rows, customers, due_on=due_on, today=today, now=now, limit=per_person_day)
    point("engine.assigned")
    pairs = [(row, plan[row.pk]) for row in rows if not plan[row.pk].deferred]
    done.deferred += len(rows) - len(pairs)
    actions = [
        _action(question, version, row, customers[row.customer_id], given, due_on) for row, given in pairs
    ]
    create_event_actions(actions, now=now)
    point("engine.actions")
    for (row, _), action in zip(pairs, actions, strict=True):
        row.action, row.state, row.state_changed_at = action, Occurrence.State.FIRED, now
    Occurrence.objects.bulk_update(
        [row for row, _ in pairs], ["action", "state", "state_changed_at"], batch_size=200
    )
    done.fired += len(pairs)
    done.actions += actions


def guard_of(question: Question, row: Occurrence) -> str:
    """The guard key of an occurrence's follow-up, as :meth:`Question.guard` writes it in SQL."""
    return f"{question.definition.action.guard}:customer:{row.customer_id}"


def _without_live_guard(question: Question, rows: Sequence[Occurrence]) -> list[Occurrence]:
    """Rows whose customer has no live follow-up for the same reason, one per customer."""
    first = {guard_of(question, row): row for row in reversed(rows)}
    live = set(
        Action.objects.filter(guard_key__in=list(first), closed_at=None).values_list("guard_key", flat=True)
    )
    kept = {row.pk for guard, row in first.items() if guard not in live}
    return [row for row in rows if row.pk in kept]


def _assign(
    question: Question,
    rows: Sequence[Occurrence],
    customers: dict[int, Customer],
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


def _action(
    question: Question, version: Version, row: Occurrence, customer: Customer, given: Assignment, due_on: date
) -> Action:
    spec = question.definition.action
    return Action(
        kind=spec.kind,
        title=spec.title,
        body=spec.body,
        customer=customer,
        priority=question.event.priority,
        owner_id=given.owner_id,
        assignee_id=given.user_id,
        queue_id=given.role_id,
        assign_rule=given.rule,
        assign_note=given.note[:250],
        due_on=due_on,
        original_due_on=due_on,
        origin=Action.Origin.EVENT,
        origin_code=question.event.code,
        origin_key=f"{question.event.code}:{row.subject_type}:{row.subject_id}:{row.okey}",
        guard_key=guard_of(question, row),
        anchor_on=row.anchor_on,
        reason=reason_of(question, version, row, customer, routing=given.note),
    )
