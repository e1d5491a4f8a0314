"""Many actions at once: what the event engine, an override and a change of owner do.

Each function locks the rows it is about to change, in the order of their ids, looks at them as they are
now, writes them with one statement per outcome and journals what it wrote. Rows that no longer fit
are left alone and missing from the result; nothing is forced.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from accounts.domain.organisation import today_at
from activity.domain import Line, record_many, record_rows
from activity.models import Cause
from core.sql import insert_alike
from crm.models import Action

CHUNK = 500

# What the journal tells about a follow-up that the engine made: expressions on the action.
MADE = {
    "title": F("title"),
    "assignee": F("assignee_id"),
    "queue": F("queue_id"),
    "rule": F("assign_rule"),
    "event": F("origin_code"),
    "event_name": Coalesce(KT("reason__event_name"), Value("")),
    "why": Coalesce(KT("reason__sentence"), Value("")),
}


class Move(NamedTuple):
    """A change of hands that was decided from ``expected_assignee_id`` and ``expected_seq``.

    Without ``to_user_id`` the action goes to the queue of the role ``to_queue_id``.
    """

    action_id: int
    expected_assignee_id: int | None
    expected_seq: int
    to_user_id: int | None
    to_queue_id: int | None = None


def chunks(items: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """``items`` in lists of at most ``size``."""
    walker = iter(items)
    while part := list(islice(walker, size)):
        yield part


def locked(ids: Collection[int]) -> list[Action]:
    """The live actions among ``ids``, locked until the transaction ends, by id."""
    return list(Action.objects.select_for_update().filter(pk__in=ids, closed_at=None).order_by("pk"))


def line(action: Action, data: Mapping[str, Any]) -> Line:
    """The journal line of an action, on its customer's timeline, with the title it had."""
    return Line(action, {"title": action.title, **data}, action.customer_id)


class FollowUp(NamedTuple):
    """What is its own of one among many follow-ups of a CRM event; the field names of :class:`Action`."""

    customer: int
    owner: int | None
    assignee: int | None
    queue: int | None
    assign_rule: str
    assign_note: str
    anchor_on: date | None
    origin_key: str
    guard_key: str
    reason: Mapping[str, Any]


@transaction.atomic
def create_event_actions(pattern: Action, rows: Sequence[FollowUp], *, now: datetime) -> int:
    """Insert the follow-ups of a CRM event, with a journal entry each by the engine; how many.

    ``pattern`` is an unsaved action that holds what all of them share. A guard key that is already live
    raises ``IntegrityError``: a surprise has to fail loudly.
    """
    pattern.created_at = now
    pattern.original_due_on = pattern.due_on
    insert_alike(pattern, FollowUp._fields, rows)
    made = Action.objects.filter(origin_key__in=[row.origin_key for row in rows])
    return record_rows(made, "action.created", now=now, cause=Cause.ENGINE, data=MADE)


@transaction.atomic
def supersede_actions(
    ids: Iterable[int], *, now: datetime, data: Mapping[str, Any] | None = None
) -> set[int]:
    """Close those among ``ids`` that nobody has touched: their goal came true. The ids closed."""
    closed = {"status": Action.Status.SUPERSEDED, "outcome": Action.Outcome.GOAL_MET}
    return _close(
        ids,
        closed,
        verb="action.superseded",
        only_untouched=True,
        by=None,
        now=now,
        data=data,
        cause=Cause.ENGINE,
    )


@transaction.atomic
def mark_goal_met(ids: Iterable[int], *, now: datetime, data: Mapping[str, Any] | None = None) -> set[int]:
    """Note on started actions that their goal came true, so that the page asks; the ids marked."""
    marked: set[int] = set()
    for part in chunks(sorted(set(ids))):
        rows = [row for row in locked(part) if row.first_touched_at is not None and row.goal_met_at is None]
        Action.objects.filter(pk__in=[row.pk for row in rows]).update(
            goal_met_at=now, version=F("version") + 1
        )
        record_many(
            [line(row, data or {}) for row in rows], "action.goal_met", by=None, now=now, cause=Cause.ENGINE
        )
        marked.update(row.pk for row in rows)
    return marked


@transaction.atomic
def cancel_actions(
    ids: Iterable[int],
    *,
    reason: str,
    by: Any,
    now: datetime,
    outcome: str = Action.Outcome.STOPPED,
    only_untouched: bool = False,
    data: Mapping[str, Any] | None = None,
) -> set[int]:
    """Cancel live actions with one reason for all; the ids cancelled."""
    closed = {"status": Action.Status.CANCELLED, "outcome": outcome, "outcome_note": reason}
    data = {"reason": reason, **(data or {})}
    return _close(ids, closed, verb="action.closed", only_untouched=only_untouched, by=by, now=now, data=data)


def _close(
    ids: Iterable[int],
    values: Mapping[str, Any],
    *,
    verb: str,
    only_untouched: bool,
    by: Any,
    now: datetime,
    data: Mapping[str, Any] | None,
    cause: str = Cause.USER,
) -> set[int]:
    today = today_at(now)
    closed: set[int] = set()
    for part in chunks(sorted(set(ids))):
        rows = [row for row in locked(part) if not (only_untouched and row.first_touched_at)]
        Action.objects.filter(pk__in=[row.pk for row in rows]).update(
            closed_at=now,
            closed_on=today,
            closed_by=by,
            snoozed_until=None,
            version=F("version") + 1,
            **values,
        )
        lines = [line(row, {"status": [row.status, values["status"]], **(data or {})}) for row in rows]
        record_many(lines, verb, by=by, now=now, cause=cause)
        closed.update(row.pk for row in rows)
    return closed


@transaction.atomic
def reassign_many(
    moves: Iterable[Move | tuple[int, int | None, int, int | None]],
    *,
    by: Any,
    now: datetime,
    verb: str,
    data: Mapping[str, Any] | None = None,
    note: str = "",
    only_untouched: bool = False,
    change_owner: bool = False,
) -> set[int]:
    """Give actions into other hands by compare-and-set; the ids moved.

    A row moves when it is live, its assignee and ``assign_seq`` are the expected ones and, with
    ``only_untouched``, nobody has touched it since. Afterwards its ``assign_seq`` is one higher.
    ``change_owner`` also makes the receiver the one whom the rule means (a change for good). ``note``
    says to the receiver why. Whether the receiver may do the work is the caller's question.
    """
    moved: set[int] = set()
    cause = Cause.USER if by else Cause.SYSTEM
    for part in chunks(sorted((Move(*move) for move in moves), key=lambda move: move.action_id)):
        wanted = {move.action_id: move for move in part}
        rows = [row for row in locked(list(wanted)) if _fits(row, wanted[row.pk], only_untouched)]
        _hand_out(rows, wanted, note=note, change_owner=change_owner)
        lines = [line(row, {**_hands(row, wanted[row.pk]), **(data or {})}) for row in rows]
        record_many(lines, verb, by=by, now=now, cause=cause)
        moved.update(row.pk for row in rows)
    return moved


def _fits(row: Action, move: Move, only_untouched: bool) -> bool:
    same = row.assignee_id == move.expected_assignee_id and row.assign_seq == move.expected_seq
    return same and not (only_untouched and row.first_touched_at)


def _hand_out(rows: list[Action], wanted: Mapping[int, Move], *, note: str, change_owner: bool) -> None:
    """One UPDATE per receiver."""
    groups: dict[tuple[int | None, int | None], list[int]] = {}
    for row in rows:
        move = wanted[row.pk]
        groups.setdefault((move.to_user_id, move.to_queue_id), []).append(row.pk)
    for (user_id, queue_id), ids in groups.items():
        values: dict[str, Any] = {"assignee_id": user_id, "queue_id": queue_id if user_id is None else None}
        if note:
            values["assign_note"] = note[:250]
        if change_owner:
            values["owner_id"] = user_id
        Action.objects.filter(pk__in=ids).update(
            assign_seq=F("assign_seq") + 1, version=F("version") + 1, **values
        )


def _hands(row: Action, move: Move) -> dict[str, Any]:
    hands: dict[str, Any] = {"assignee": [row.assignee_id, move.to_user_id]}
    if row.queue_id or move.to_queue_id:
        hands["queue"] = [row.queue_id, move.to_queue_id if move.to_user_id is None else None]
    return hands


def follow_owner(
    *, customer_id: int, old_id: int | None, new_id: int | None, by: Any, now: datetime
) -> set[int]:
    """Move the open follow-ups that the rule gave to the old account owner to the new one; the ids moved.

    What somebody handed over or added by hand stays where it is.
    """
    if old_id is None or new_id is None:
        return set()
    rows = Action.objects.live().filter(customer_id=customer_id, assign_rule="owner", assignee_id=old_id)
    moves = [Move(pk, old_id, seq, new_id) for pk, seq in rows.values_list("pk", "assign_seq")]
    return reassign_many(
        moves,
        by=by,
        now=now,
        verb="action.assigned",
        note="New account owner of the customer.",
        change_owner=True,
    )
