"""Who is away during the replay, and how the sales manager reroutes his follow-ups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.domain.absence import add_absence
from accounts.models import Absence, User
from crm.models import Action
from demo.people import Staff
from events.domain.override import Choice, create_override
from events.domain.override_proposal import propose
from events.models import Override

THURSDAY, MONDAY = 4, 1


@dataclass(frozen=True)
class Leave:
    """One person away from ``starts_on`` to ``ends_on``.

    On ``rerouted_on`` the manager reroutes the ``most`` urgent of what is due until ``due_by``.
    """

    who: str
    stand_in: str
    reason: str
    starts_on: date
    ends_on: date
    rerouted_on: date
    due_by: date
    most: int
    note: str


def leaves(began: date, today: date) -> list[Leave]:
    """A holiday that is over, and somebody who fell ill lately and has not come back.

    Of the work of the person who is ill only what was urgent is rerouted; the rest is left to do.
    """
    monday = _weekday_after(began + timedelta(days=35), MONDAY)
    ill = _weekday_after(today - timedelta(days=10), THURSDAY)
    return [
        Leave("sofia", "priya", Absence.Reason.HOLIDAY, monday, monday + timedelta(days=4), monday,
              monday + timedelta(days=4), 50, "Sofia is on holiday; call hers who waited longest first."),
        Leave("jonas", "daniel", Absence.Reason.SICK, ill, ill + timedelta(days=20), ill + timedelta(days=1),
              ill, 3, "Jonas is ill. These cannot wait for him."),
    ]  # fmt: skip


def _weekday_after(day: date, weekday: int) -> date:
    """The first ISO ``weekday`` on or after ``day``."""
    return day + timedelta(days=(weekday - day.isoweekday()) % 7)


def enter(leave: Leave, staff: Staff, *, now: datetime) -> Absence:
    """The manager enters the absence on its first morning."""
    return add_absence(
        user=staff[leave.who],
        starts_on=leave.starts_on,
        ends_on=leave.ends_on,
        reason=leave.reason,
        substitute=staff[leave.stand_in],
        by=staff["ruth"],
        now=now,
    )


def reroute(leave: Leave, staff: Staff, *, day: date, now: datetime) -> Override | None:
    """The manager reroutes what is urgent, balanced among the reps; None when nothing is."""
    absent = staff[leave.who]
    rows = Action.objects.live().filter(assignee=absent, due_on__lte=leave.due_by).select_related("customer")
    actions = list(rows.order_by("due_on", "pk")[: leave.most])
    colleagues = [staff[key] for key in ("mara", "daniel", "theo", "priya") if key != leave.who]
    choices = _choices(actions, colleagues, day=day)
    if not choices:
        return None
    return create_override(
        from_user=absent,
        choices=choices,
        strategy=Override.Strategy.BALANCE,
        starts_on=day,
        returns_on=leave.ends_on + timedelta(days=1),
        reason=leave.reason,
        note=leave.note,
        by=staff["ruth"],
        now=now,
    ).override


def _choices(actions: Sequence[Action], among: Sequence[User], *, day: date) -> list[Choice]:
    seq = {action.pk: action.assign_seq for action in actions}
    rows = propose(actions, among=among, day=day).rows
    return [
        Choice(row.action_id, seq[row.action_id], row.to_user_id)
        for row in rows
        if row.to_user_id is not None
    ]
