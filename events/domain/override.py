"""Follow-up Override: reroute somebody's follow-ups. How they come back is in ``override_return``.

Every change of hands is a compare-and-set: a row that somebody changed meanwhile is reported, never
forced. What happened is kept as facts: an item per row moved, and the journal.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.domain.absence import add_absence, change_absence
from accounts.domain.organisation import today_at
from accounts.models import Absence, User
from activity.domain import record
from core.errors import Refused
from core.once import save_once
from crm.domain.action_batch import Move, locked, reassign_many
from crm.models import Action
from events.domain.override_proposal import who_can
from events.domain.override_return import OVERTAKEN, Kept, Result, end_override, return_due, undo_override
from events.domain.override_rules import check_within, people_within
from events.engine.people import staff, until
from events.models import Override, OverrideItem

__all__ = [
    "Choice",
    "Kept",
    "NothingDone",
    "Result",
    "create_override",
    "end_override",
    "return_due",
    "undo_override",
]


GONE = "no longer there"  # said also of what is none of his business who asked


class NothingDone(Refused):
    """The override would move nothing and change nothing; ``kept`` says why, follow-up by follow-up."""

    def __init__(self, message: str, kept: Sequence[Kept]) -> None:
        super().__init__(message)
        self.kept = kept


class Choice(NamedTuple):
    """A follow-up to reroute: ``seq`` is its ``assign_seq`` as the manager saw it."""

    action_id: int
    seq: int
    to_user_id: int


@transaction.atomic
def create_override(
    *,
    from_user: User,
    choices: Sequence[Choice],
    strategy: str,
    starts_on: date,
    returns_on: date | None,
    reason: str,
    note: str,
    by: User,
    now: datetime,
    stand_in: User | None = None,
    form_token: UUID | None = None,
) -> Result:
    """Reroute the chosen follow-ups of ``from_user``, and with ``stand_in`` also what arrives meanwhile.

    ``returns_on`` is the first day back, on which untouched ones return by themselves; None: until it is
    ended by hand. Rows that are closed, in other hands or changed since they were seen are left alone
    and come back as ``kept``. The owner of each follow-up stays. The same ``form_token`` acts once.

    Raises ``Denied`` outside what ``by`` may reroute, and ``Refused`` for impossible days, a missing
    reason or note, a receiver who cannot take a follow-up, and when nothing at all could be done
    (``NothingDone``).
    """
    today = today_at(now)
    _check(from_user, choices, starts_on, returns_on, strategy, reason, note, stand_in, by=by, today=today)
    override = Override(
        from_user=from_user,
        starts_on=starts_on,
        returns_on=returns_on,
        reason=reason,
        note=note,
        strategy=strategy,
        created_at=now,
        created_by=by,
    )
    override, made = save_once(override, token=form_token, by=by)
    if not made:
        return Result(override, frozenset(override.items.values_list("action_id", flat=True)))
    covers_anew = _cover(override, stand_in, by=by, now=now)
    moved = _move(override, choices, by=by, now=now, today=today)
    kept = _left_alone(override, [choice for choice in choices if choice.action_id not in moved], by=by)
    if not moved and not covers_anew:
        raise NothingDone(_why_nothing(override, kept, stand_in), kept)
    data = {
        "from": from_user,
        "moved": len(moved),
        "kept": [[row.action_id, row.reason] for row in kept],
        "returns_on": returns_on,
        "reason": reason,
        "note": note,
        "stand_in": stand_in,
    }
    record(override, "override.created", by=by, now=now, data=data)
    return Result(override, moved, kept)


def _check(
    from_user: User,
    choices: Sequence[Choice],
    starts_on: date,
    returns_on: date | None,
    strategy: str,
    reason: str,
    note: str,
    stand_in: User | None,
    *,
    by: User,
    today: date,
) -> None:
    receivers = {choice.to_user_id for choice in choices} | ({stand_in.pk} if stand_in else set())
    check_within(by, {from_user.pk} | receivers)
    if from_user.pk in receivers:
        raise Refused(f"{from_user} cannot take over from {from_user}: choose somebody else.")
    if strategy not in Override.Strategy.values:
        raise Refused("Choose how the follow-ups are handed out.", field="strategy")
    if starts_on > today:
        raise Refused("Follow-ups are rerouted at once: the first day cannot lie ahead.", field="starts_on")
    if returns_on is not None and returns_on <= today:
        raise Refused("The first day back must lie after today.", field="returns_on")
    if reason not in Absence.Reason.values:
        raise Refused("Choose a reason.", field="reason")
    if not note.strip():
        raise Refused("Write a note: your colleagues read it on each follow-up.", field="note")
    if stand_in is not None:
        known = staff([stand_in.pk], [], first=today, last=today)
        absence = known.away(stand_in.pk, today)
        if says := known.unfit(stand_in.pk, None) or (f"is away {until(absence, today)}" if absence else ""):
            raise Refused(f"{stand_in} {says}: choose somebody else.", field="stand_in")


def _cover(override: Override, stand_in: User | None, *, by: User, now: datetime) -> bool:
    """Have new follow-ups go to ``stand_in`` by the absence that runs already, or by a new one.

    Whether that changed anything: they may go to him already.
    """
    if stand_in is None:
        return False
    away = Absence.objects.on(today_at(now)).filter(user=override.from_user).first()
    if away is None:
        away = add_absence(
            user=override.from_user,
            starts_on=override.starts_on,
            ends_on=override.returns_on - timedelta(days=1) if override.returns_on else None,
            reason=override.reason,
            substitute=stand_in,
            by=by,
            now=now,
        )
        is_new = True
    elif is_new := away.substitute_id != stand_in.pk:
        days = {"starts_on": away.starts_on, "ends_on": away.ends_on}
        away = change_absence(absence=away, **days, reason=away.reason, substitute=stand_in, by=by, now=now)
    override.absence = away
    override.save(update_fields=["absence"])
    return is_new


def _move(
    override: Override, choices: Sequence[Choice], *, by: User, now: datetime, today: date
) -> frozenset[int]:
    """Move what still is as the manager saw it; an item for each, older items of the rows overtaken."""
    wanted = {choice.action_id: choice for choice in choices}
    rows = [row for row in locked(wanted) if _as_seen(row, wanted[row.pk], override.from_user_id)]
    _check_receivers(rows, wanted, today=today)
    giver = override.from_user_id
    moves = [Move(row.pk, giver, row.assign_seq, wanted[row.pk].to_user_id) for row in rows]
    data = {"override": override, "reason": override.reason}
    note = f"Rerouted from {override.from_user.name} by {by.name}: {override.note}"
    moved = reassign_many(moves, by=by, now=now, verb="action.rerouted", data=data, note=note)
    OverrideItem.objects.filter(action__in=moved, override__status=Override.Status.ACTIVE).filter(
        returned_at=None, kept_reason=""
    ).update(kept_reason=OVERTAKEN)
    items = [
        OverrideItem(
            override=override,
            action_id=move.action_id,
            from_user_id=giver,
            to_user_id=wanted[move.action_id].to_user_id,
            seq=move.expected_seq + 1,
        )
        for move in moves
        if move.action_id in moved
    ]
    OverrideItem.objects.bulk_create(items, batch_size=500)
    return frozenset(moved)


def _as_seen(row: Action, choice: Choice, from_user_id: int) -> bool:
    return row.assignee_id == from_user_id and row.assign_seq == choice.seq


def _check_receivers(rows: Sequence[Action], wanted: dict[int, Choice], *, today: date) -> None:
    receivers = {wanted[row.pk].to_user_id for row in rows}
    obstacles = who_can(rows, receivers, day=today)
    for row in rows:
        if says := obstacles[row.pk, wanted[row.pk].to_user_id]:
            name = User.objects.get(pk=wanted[row.pk].to_user_id).name
            raise Refused(f"{name} {says}: choose somebody else.", field=f"to_{row.pk}")


def _left_alone(override: Override, choices: Sequence[Choice], *, by: User) -> list[Kept]:
    """Why each of ``choices`` did not move, as the rest of a sentence.

    Of rows that are neither among his records nor among those he may reroute ``by`` learns nothing: the
    ids come from a form, and may be any.
    """
    ids = [choice.action_id for choice in choices]
    seen = Q(pk__in=Action.objects.visible_to(by).values("pk"))
    within = Q(assignee__in=people_within(by).values("pk"))
    found = Action.objects.filter(seen | within, pk__in=ids)
    rows = found.select_related("assignee", "queue", "closed_by").in_bulk()
    return [Kept(pk, _why_left(rows.get(pk), override.from_user_id)) for pk in ids]


def _why_left(row: Action | None, from_user_id: int) -> str:
    if row is None:
        return GONE
    if not row.is_live:
        return f"closed by {row.closed_by or 'the event engine'}"
    if row.assignee_id != from_user_id:
        return f"now with {row.assignee or f'the queue of {row.queue}'}"
    return "changed since the page was opened"


def _why_nothing(override: Override, kept: Sequence[Kept], stand_in: User | None) -> str:
    reasons = {row.reason for row in kept}
    if reasons:
        why = reasons.pop() if len(reasons) == 1 else "what you chose has changed since the page was opened"
        return f"Nothing was rerouted: {why}."
    if stand_in is not None:
        return f"Nothing was rerouted: new follow-ups of {override.from_user} already go to {stand_in}."
    return "Nothing was rerouted: choose at least one follow-up."
