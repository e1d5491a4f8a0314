"""How rerouted follow-ups come back: undone at once, ended by hand, or by themselves on the day of return."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.domain.absence import cancel_absence, end_absence
from accounts.domain.organisation import today_at
from accounts.models import User
from activity.domain import record
from activity.models import Entry
from core.errors import Denied, Refused
from crm.domain.action_batch import Move, locked, reassign_many
from crm.models import Action
from events.domain.override_rules import check_within, may_reroute
from events.engine.people import Staff, staff, until
from events.models import Override, OverrideItem

OVERTAKEN = "rerouted again"
HANDS = ("action.rerouted", "action.returned")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """A follow-up that was left where it is, and why, as the rest of a sentence."""

    action_id: int
    reason: str


@dataclass(frozen=True)
class Result:
    """What an override, its undoing or its end did: ids moved, and what was left alone."""

    override: Override
    moved: frozenset[int] = frozenset()
    kept: list[Kept] = field(default_factory=list)


@transaction.atomic
def undo_override(*, override: Override, by: User, now: datetime) -> Result:
    """Take the override back: every row that nobody has changed since goes to whom it was taken from.

    The rest stays and is listed. The absence that the override entered is cancelled.
    """
    override = _open(override, by=by)
    giver = override.from_user
    if not giver.can_sign_in:
        raise Refused(f"{giver} cannot sign in: the follow-ups cannot go back.")
    items = _unresolved(override)
    rows = {row.pk: row for row in locked([item.action_id for item in items])}
    changed = _changed_since(override, items, rows, only_receiver=False)
    reasons = {item.action_id: _why_kept(item, rows, changed) for item in items}
    back = [item for item in items if not reasons[item.action_id]]
    data = {"override": override, "undo": True}
    moved = _return(
        back, dict.fromkeys(reasons, giver.pk), data=data, note="The reroute was undone.", by=by, now=now
    )
    _restore_overtaken([item for item in back if item.action_id in moved])
    if override.absence and _made_absence(override) and override.absence.cancelled_at is None:
        cancel_absence(absence=override.absence, by=by, now=now)
    return _close(override, Override.Status.UNDONE, items, moved, reasons, by=by, now=now)


@transaction.atomic
def end_override(*, override: Override, by: User, now: datetime) -> Result:
    """End the override today: what the receivers have not touched goes back, the rest stays with them.

    An absence that the override entered ends with it; one that was entered before goes on.
    """
    override = _open(override, by=by)
    _end_absence(override, by=by, now=now)
    return _give_back(override, by=by, now=now, day=today_at(now), mind_absence=False)


def return_due(*, day: date, now: datetime) -> int:
    """Give back what returns on ``day`` or should have returned before; how many follow-ups went back.

    Each override in a transaction of its own; running it again finds nothing left to do.
    """
    due = Override.objects.filter(status=Override.Status.ACTIVE, returns_on__lte=day).order_by(
        "returns_on", "pk"
    )
    count = 0
    for pk in list(due.values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                override = Override.objects.select_for_update().get(pk=pk)
                if override.status == Override.Status.ACTIVE:
                    count += len(_give_back(override, by=None, now=now, day=day, mind_absence=True).moved)
        except Exception:  # one override that fails must not keep the others, or the night, from going on
            log.exception("Override %s could not be returned", pk)
    return count


def _open(override: Override, *, by: User) -> Override:
    """The override as it is now, locked; refused when it is over or not ``by``'s to change."""
    if not may_reroute(by):
        raise Denied("You cannot change this override because you may not reroute follow-ups.")
    check_within(by, {override.from_user_id})
    override = Override.objects.select_for_update().get(pk=override.pk)
    if override.status != Override.Status.ACTIVE:
        raise Refused(f"This override was already {override.get_status_display().lower()}.")
    return override


def _give_back(
    override: Override, *, by: User | None, now: datetime, day: date, mind_absence: bool
) -> Result:
    """Return what is untouched to whom it was first taken from, and close the override."""
    items = _unresolved(override)
    rows = {row.pk: row for row in locked([item.action_id for item in items])}
    worked = _changed_since(override, items, rows, only_receiver=True)
    first = _first_holders(items)
    known = staff(
        first.values(),
        [row.customer_id for row in rows.values() if row.customer_id],
        first=day,
        last=day,
        lock=True,
    )
    reasons: dict[int, str] = {}
    for item in items:
        reasons[item.action_id] = _why_kept(item, rows, worked) or _why_not_back(
            known, first[item.action_id], rows[item.action_id], day=day, mind_absence=mind_absence
        )
    back = [item for item in items if not reasons[item.action_id]]
    note = f"Back after the reroute from {override.from_user.name}."
    moved = _return(back, first, data={"override": override}, note=note, by=by, now=now)
    return _close(override, Override.Status.ENDED, items, moved, reasons, by=by, now=now)


def _unresolved(override: Override) -> list[OverrideItem]:
    items = override.items.filter(returned_at=None, kept_reason="").select_related("to_user")
    return list(items.order_by("action_id"))


def _why_kept(item: OverrideItem, rows: Mapping[int, Action], changed: Mapping[int, str]) -> str:
    row = rows.get(item.action_id)
    if row is None:
        return "closed"
    if row.assignee_id != item.to_user_id or row.assign_seq != item.seq:
        return "in other hands since"
    return changed.get(item.action_id, "")


def _why_not_back(known: Staff, user_id: int, row: Action, *, day: date, mind_absence: bool) -> str:
    if unfit := known.unfit(user_id, row.customer_id):
        return f"{known.name(user_id)} {unfit}"
    absence = known.away(user_id, day) if mind_absence else None
    return f"{known.name(user_id)} is away {until(absence, day)}" if absence else ""


def _changed_since(
    override: Override, items: Sequence[OverrideItem], rows: Mapping[int, Action], *, only_receiver: bool
) -> dict[int, str]:
    """Who worked on each row after the override moved it, in words; ``only_receiver``: just he counts.

    The journal of a row is in the order of its changes, because each of them locks the row. Reroutes and
    returns are not work: what they change is told by ``seq``.
    """
    found: dict[int, str] = {}
    receivers = {item.action_id: item.to_user_id for item in items}
    entries = Entry.objects.filter(subject_type="crm.action", subject_id__in=list(rows)).exclude(by=None)
    for entry in entries.select_related("by").order_by("id"):
        if entry.verb == "action.rerouted" and entry.data.get("override") == override.pk:
            found.pop(entry.subject_id, None)
        elif entry.verb in HANDS:
            continue
        elif not only_receiver or entry.by_id == receivers[entry.subject_id]:
            found[entry.subject_id] = f"changed by {entry.by}"[:120]
    for item in items:
        row = rows.get(item.action_id)
        if row and row.first_touched_at and row.first_touched_at > override.created_at:
            found.setdefault(item.action_id, f"started by {item.to_user}"[:120])
    return found


def _first_holders(items: Sequence[OverrideItem]) -> dict[int, int]:
    """From whom each row was first taken, along reroutes that followed one another directly.

    A reroute whose row went back is no step on that way: after an undoing, the older item has a ``seq`` that
    would follow the undone one.
    """
    there = OverrideItem.objects.filter(action__in=[item.action_id for item in items], returned_at=None)
    earlier = {(row.action_id, row.to_user_id, row.seq): row for row in there}
    first = {}
    for item in items:
        holder, step = item.from_user_id, item
        while before := earlier.get((item.action_id, step.from_user_id, step.seq - 1)):
            holder, step = before.from_user_id, before
        first[item.action_id] = holder
    return first


def _return(
    items: Sequence[OverrideItem],
    receivers: Mapping[int, int],
    *,
    data: Mapping[str, Any],
    note: str,
    by: User | None,
    now: datetime,
) -> set[int]:
    moves = [Move(item.action_id, item.to_user_id, item.seq, receivers[item.action_id]) for item in items]
    return reassign_many(moves, by=by, now=now, verb="action.returned", data=data, note=note)


def _restore_overtaken(items: Sequence[OverrideItem]) -> None:
    """The item of an older override speaks for its row again, with the number of hands it has now.

    That of an override which is over speaks no more, but stays the step before a reroute that follows.
    """
    undone = {(item.action_id, item.from_user_id, item.seq - 1): item for item in items}
    overtaken = OverrideItem.objects.filter(
        action__in=[item.action_id for item in items], kept_reason=OVERTAKEN
    ).select_related("override")
    older = [row for row in overtaken if (row.action_id, row.to_user_id, row.seq) in undone]
    for row in older:
        row.seq += 2
        if row.override.status == Override.Status.ACTIVE:
            row.kept_reason = ""
    OverrideItem.objects.bulk_update(older, ["seq", "kept_reason"], batch_size=500)


def _close(
    override: Override,
    status: str,
    items: Sequence[OverrideItem],
    moved: set[int],
    reasons: Mapping[int, str],
    *,
    by: User | None,
    now: datetime,
) -> Result:
    for item in items:
        item.returned_at = now if item.action_id in moved else None
        item.kept_reason = "" if item.action_id in moved else (reasons[item.action_id] or "changed meanwhile")
    OverrideItem.objects.bulk_update(items, ["returned_at", "kept_reason"], batch_size=500)
    Override.objects.filter(pk=override.pk).update(status=status, ended_at=now, ended_by=by)
    override.status, override.ended_at, override.ended_by = status, now, by
    kept = [Kept(item.action_id, item.kept_reason) for item in items if item.action_id not in moved]
    verb = "override.undone" if status == Override.Status.UNDONE else "override.ended"
    data = {"returned": len(moved), "kept": [[row.action_id, row.reason] for row in kept]}
    record(override, verb, by=by, now=now, data=data)
    return Result(override, frozenset(moved), kept)


def _made_absence(override: Override) -> bool:
    """Whether the override entered its absence itself, rather than finding one."""
    return override.absence is not None and override.absence.created_at == override.created_at


def _end_absence(override: Override, *, by: User, now: datetime) -> None:
    """End or cancel the absence that the override entered, so that today counts as a day back."""
    absence = override.absence
    yesterday = today_at(now) - timedelta(days=1)
    if absence is None or not _made_absence(override) or absence.cancelled_at is not None:
        return
    if absence.ends_on is not None and absence.ends_on <= yesterday:
        return
    if absence.starts_on > yesterday:
        cancel_absence(absence=absence, by=by, now=now)
    else:
        end_absence(absence=absence, last_day=yesterday, by=by, now=now)
