"""What stands on the override page before anything is rerouted: rows, ticks, proposal and workloads."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, SmallIntegerField, When

from accounts.models import Absence, User
from crm.filters.action import OVERDUE, status_condition
from crm.models import Action
from crm.tables.action import RELATED, follow_up_rows
from events.domain.override import GONE
from events.domain.override_proposal import Proposal, Workload, propose
from events.domain.override_rules import colleagues
from events.forms.override import DUE
from events.models import Override
from ui.blocks import FollowUpRow

MAX_ROWS = 100
SOON_DAYS = 7  # without a day of return, what is due within a week is what cannot wait

# From so many days late on, a follow-up is so much more urgent than its event's priority says.
RISES = ((8, 2), (4, 1))

# Urgency -> tone, icon and word of its chip.
URGENCY = {
    1: ("danger", "chevron-double-up", "Critical"),
    2: ("warn", "chevron-up", "High"),
    3: ("", "dash", "Normal"),
    4: ("", "chevron-down", "Low"),
    5: ("", "chevron-down", "Low"),
}


@dataclass(frozen=True)
class DraftRow:
    """One follow-up of the page: whether it is ticked, who is proposed, and who else could take it."""

    row: FollowUpRow
    seq: int
    urgency: tuple[str, str, str]
    is_started: bool
    is_late: bool
    is_ticked: bool
    to_user_id: int | None
    reason: str
    options: list[User]
    error: str = ""


@dataclass(frozen=True)
class Draft:
    """The rows with their proposal; ``hidden`` rows are beyond what one page shows."""

    rows: list[DraftRow]
    workload: list[Workload]
    due_count: int
    all_count: int
    hidden: int

    @property
    def ticked(self) -> int:
        """How many are to be rerouted."""
        return sum(row.is_ticked for row in self.rows)

    @property
    def is_all_ticked(self) -> bool:
        """Whether every row is to be rerouted."""
        return self.ticked == len(self.rows)

    @property
    def overdue(self) -> int:
        """How many of those are overdue."""
        return sum(row.is_ticked and row.is_late for row in self.rows)

    @property
    def receivers(self) -> list[Workload]:
        """Who would get something."""
        return [line for line in self.workload if line.added]

    @property
    def least_loaded(self) -> int | None:
        """Who could stand in for what arrives: of those present, who has the least to do afterwards."""
        present = [line for line in self.workload if not line.says]
        return min(present, key=lambda line: line.then).user.pk if present else None

    @property
    def top(self) -> int:
        """The end of the workload scale."""
        return max((line.then for line in self.workload), default=1)

    @property
    def average(self) -> int:
        """What each of those present would have afterwards if it were the same for all."""
        present = [line.then for line in self.workload if not line.says]
        return round(sum(present) / len(present)) if present else 0


@dataclass(frozen=True)
class Ticks:
    """What was ticked and picked on the page as it was; ``seen`` None means that it is opened first."""

    seen: frozenset[int] | None = None
    ticked: frozenset[int] = frozenset()
    picked: Mapping[int, int] | None = None

    def is_ticked(self, action: Action) -> bool:
        """New rows are ticked unless somebody has started them."""
        if self.seen is None and self.ticked:
            return action.pk in self.ticked
        if self.seen is not None and action.pk in self.seen:
            return action.pk in self.ticked
        return action.status == Action.Status.OPEN


def givers(
    people: QuerySet[User], *, day: date, also: User | None = None
) -> list[tuple[str, list[tuple[int, str]]]]:
    """Whose work can be rerouted, in groups: who is away first, then who cannot sign in, then the others.

    ``also`` is somebody who was chosen already, though he may have nothing to do.
    """
    live = Action.objects.live().filter(assignee__in=people.order_by().values("pk")).order_by()
    late = Count("pk", filter=status_condition(OVERDUE, day))
    counted = live.values("assignee").annotate(open=Count("pk"), late=late)
    work = {group["assignee"]: (group["open"], group["late"]) for group in counted}
    away = set(Absence.objects.on(day).values_list("user", flat=True))
    groups: dict[str, list[tuple[int, str]]] = {"Away today": [], "Cannot sign in": [], "Others": []}
    if also is not None:
        work.setdefault(also.pk, (0, 0))
    users = User.objects.filter(pk__in=work)
    for user in sorted(users, key=lambda user: (-work[user.pk][1], user.name)):
        group = "Away today" if user.pk in away else "Others" if user.can_sign_in else "Cannot sign in"
        count, late = work[user.pk]
        said = f"{count} open{f', {late} overdue' if late else ''}" if count else "nothing open"
        groups[group].append((user.pk, f"{user.name} ({said})"))
    return [(label, found) for label, found in groups.items() if found]


def default_values(user: User, *, day: date) -> dict[str, Any]:
    """What the form says at first for somebody: the days and the reason of his absence, when he has one."""
    absence = Absence.objects.on(day).filter(user=user).first()
    if absence is None:
        return {"from_user": user.pk, "starts_on": day, "which": DUE, "reason": Absence.Reason.SICK}
    returns_on = absence.ends_on + timedelta(days=1) if absence.ends_on else None
    return {
        "from_user": user.pk,
        "starts_on": absence.starts_on,
        "returns_on": returns_on,
        "reason": absence.reason,
        "which": DUE,
        "also_new": True,
        "stand_in": absence.substitute_id,
    }


def due_condition(returns_on: date | None, day: date) -> Q:
    """What falls due before the person is back."""
    until = returns_on or day + timedelta(days=SOON_DAYS + 1)
    return Q(due_on__lt=until)


def urgency(action: Action, day: date) -> int:
    """The priority of a follow-up, made more urgent by the days that it is late on ``day``; 1 is the most."""
    late = (day - action.due_on).days
    return max(action.priority - next((rise for days, rise in RISES if late >= days), 0), 1)


def by_urgency(day: date) -> Case:
    """What orders follow-ups by their :func:`urgency`."""
    late = (When(due_on__lte=day - timedelta(days=days), then=F("priority") - rise) for days, rise in RISES)
    return Case(*late, default=F("priority"), output_field=SmallIntegerField())


def draft_of(
    from_user: User,
    *,
    by: User,
    day: date,
    returns_on: date | None,
    which: str,
    strategy: str,
    person: User | None,
    ticks: Ticks,
    errors: Mapping[int, str],
) -> Draft:
    """The page's rows and proposal for ``from_user`` as ``by`` may see them, most urgent first."""
    live = Action.objects.live().filter(assignee=from_user)
    due = due_condition(returns_on, day)
    wanted = live.filter(due) if which == DUE else live
    counts = live.aggregate(all=Count("pk"), due=Count("pk", filter=due))
    ordered = wanted.order_by(by_urgency(day), "due_on", "priority", "pk").select_related(
        *RELATED, "customer__owner"
    )
    actions = list(ordered[:MAX_ROWS])
    among = colleagues(from_user, by)
    if person is not None and person not in among:
        among.append(person)
    ticked = {action.pk for action in actions if ticks.is_ticked(action)}
    proposal = propose(
        actions,
        among=among,
        day=day,
        only=person.pk if strategy == Override.Strategy.ONE and person else None,
        chosen=ticks.picked,
        aside=[action.pk for action in actions if action.pk not in ticked],
    )
    rows = _rows(actions, proposal, among, ticked, by=by, day=day, errors=errors)
    shown_of = counts["due"] if which == DUE else counts["all"]
    return Draft(rows, proposal.workload, counts["due"], counts["all"], max(shown_of - len(rows), 0))


def _rows(
    actions: Sequence[Action],
    proposal: Proposal,
    among: Iterable[User],
    ticked: Collection[int],
    *,
    by: User,
    day: date,
    errors: Mapping[int, str],
) -> list[DraftRow]:
    users = {user.pk: user for user in among}
    drawn = follow_up_rows(actions, by, today=day, may_be_hidden=True)
    return [
        DraftRow(
            row=row,
            seq=action.assign_seq,
            urgency=URGENCY[urgency(action, day)],
            is_started=action.status == Action.Status.IN_PROGRESS,
            is_late=action.due_on < day,
            is_ticked=action.pk in ticked and (proposed.to_user_id is not None or action.pk in errors),
            to_user_id=proposed.to_user_id,
            reason=proposed.reason,
            options=[users[pk] for pk in proposed.options],
            error=errors.get(action.pk, ""),
        )
        for action, row, proposed in zip(actions, drawn, proposal.rows, strict=True)
    ]


def left_alone(kept: Sequence[tuple[int, str]], by: User, *, day: date) -> list[tuple[FollowUpRow, str]]:
    """Follow-ups that an override could not move, as ``by`` may see them, each with why.

    Not those that are gone: a row for them would tell which ids exist.
    """
    kept = [(pk, reason) for pk, reason in kept if reason != GONE]
    if not kept:
        return []
    found = Action.objects.select_related(*RELATED).in_bulk([pk for pk, _ in kept[:MAX_ROWS]])
    pairs = [(found[pk], reason) for pk, reason in kept if pk in found]
    rows = follow_up_rows([action for action, _ in pairs], by, today=day, may_be_hidden=True)
    return list(zip(rows, [reason for _, reason in pairs], strict=True))
