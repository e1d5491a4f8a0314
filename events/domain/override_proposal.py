"""Who could take which of somebody's follow-ups: the proposal that a manager sees and changes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from accounts.models import User
from crm.models import Action
from events.engine.people import Staff, staff, until
from events.engine.workload import Load, loads, weight_of


@dataclass(frozen=True)
class Proposed:
    """One follow-up with who could take it: ``to_user_id`` is None when nobody can.

    ``options`` are the ids of all who can, ``reason`` says in short words why this one.
    """

    action_id: int
    to_user_id: int | None
    reason: str
    options: tuple[int, ...]


@dataclass(frozen=True)
class Workload:
    """Live actions of one colleague, now and after the proposal; ``says`` why he is left out, if he is."""

    user: User
    now: int
    added: int
    says: str = ""

    @property
    def then(self) -> int:
        """Live actions after the proposal."""
        return self.now + self.added


@dataclass(frozen=True)
class Proposal:
    """A receiver for each follow-up, and what that does to everybody's workload."""

    rows: list[Proposed]
    workload: list[Workload] = field(default_factory=list)


def propose(
    actions: Sequence[Action],
    *,
    among: Sequence[User],
    day: date,
    only: int | None = None,
    chosen: Mapping[int, int] | None = None,
    aside: Collection[int] = (),
) -> Proposal:
    """Hand ``actions`` out ``among`` colleagues, in the order given, so that their workloads come out even.

    Each goes to whoever of those that can take it has the least to do; between equals to one who has
    worked for the customer. ``only`` proposes one person for everything he can take. ``chosen`` are
    receivers that somebody picked by hand, by action id; they are kept and counted. Actions whose ids are
    ``aside`` get a proposal too, but weigh nothing: they are not to be moved. The number of queries does
    not depend on the number of actions and colleagues.
    """
    ids = [user.pk for user in among]
    known = _staff(ids, actions, day)
    weights = loads(ids, day=day)
    balance = _Balance(
        known, ids, day, {pk: load.weight for pk, load in weights.items()}, _acquainted(ids, actions)
    )
    picked = chosen or {}
    placed = {
        action.pk: balance.place(
            action, only=only, chosen=picked.get(action.pk), weigh=action.pk not in aside
        )
        for action in sorted(actions, key=lambda action: action.pk in aside)
    }
    counted = [row for pk, row in placed.items() if pk not in aside]
    return Proposal([placed[action.pk] for action in actions], _workload(among, known, weights, counted, day))


def who_can(actions: Sequence[Action], user_ids: Iterable[int], *, day: date) -> dict[tuple[int, int], str]:
    """Why each user may not take each action on ``day``, by (action id, user id); empty text when he may.

    For whoever is about to write: no account of theirs is closed before the transaction ends.
    """
    ids = list(user_ids)
    known = _staff(ids, actions, day, lock=True)
    return {(action.pk, pk): obstacle(known, pk, action, day) for action in actions for pk in ids}


def obstacle(known: Staff, user_id: int, action: Action, day: date) -> str:
    """What keeps the user from taking the action, as the rest of a sentence; empty when nothing does."""
    if unfit := known.unfit(user_id, action.customer_id):
        return unfit
    absence = known.away(user_id, day, max(day, action.due_on))
    return f"is away {until(absence, day)}" if absence else ""


def _staff(user_ids: Iterable[int], actions: Sequence[Action], day: date, *, lock: bool = False) -> Staff:
    customers = {action.customer_id for action in actions if action.customer_id is not None}
    last = max([day, *(action.due_on for action in actions)])
    return staff(user_ids, sorted(customers), first=day, last=last, lock=lock)


def _acquainted(user_ids: Collection[int], actions: Sequence[Action]) -> set[tuple[int, int]]:
    """(user, customer) pairs of those who own the customer or closed a follow-up of it."""
    customers = {action.customer_id for action in actions if action.customer_id is not None}
    closed = Action.objects.filter(customer__in=customers, closed_by__in=user_ids, status=Action.Status.DONE)
    pairs = set(closed.order_by().values_list("closed_by", "customer").distinct())
    owners = ((action.customer.owner_id, action.customer_id) for action in actions if action.customer)
    return {(user, customer) for user, customer in [*pairs, *owners] if user and customer}


@dataclass
class _Balance:
    """The state of a balanced proposal: weights rise as actions are placed."""

    staff: Staff
    user_ids: list[int]
    day: date
    weights: dict[int, int]
    acquainted: set[tuple[int, int]]

    def place(self, action: Action, *, only: int | None, chosen: int | None, weigh: bool) -> Proposed:
        """Give ``action`` to the person picked, to the one person, or to whoever has the least to do."""
        options = tuple(pk for pk in self.user_ids if not obstacle(self.staff, pk, action, self.day))
        to: int | None
        if chosen in options:
            to, reason = chosen, "Chosen by you"
        elif only is not None:
            to, reason = (only, "One person") if only in options else (None, "Cannot take it")
        else:
            to, reason = self._least(action, options)
        if to is not None and weigh:
            self.weights[to] = self.weights.get(to, 0) + weight_of(action.due_on, self.day)
        return Proposed(action.pk, to, reason, options)

    def _least(self, action: Action, options: tuple[int, ...]) -> tuple[int | None, str]:
        if not options:
            return None, "Nobody can take it"
        knows = {pk for pk in options if (pk, action.customer_id) in self.acquainted}
        to = min(options, key=lambda pk: (self.weights.get(pk, 0), pk not in knows, pk))
        if len(options) == 1:
            return to, "Only one who can take it"
        return to, "Knows the customer" if to in knows else "Least to do"


def _workload(
    among: Sequence[User], known: Staff, weights: Mapping[int, Load], rows: Sequence[Proposed], day: date
) -> list[Workload]:
    added: dict[int, int] = {}
    for row in rows:
        if row.to_user_id is not None:
            added[row.to_user_id] = added.get(row.to_user_id, 0) + 1
    lines = []
    for user in among:
        absence = known.away(user.pk, day)
        says = f"Away {until(absence, day)}" if absence else ""
        lines.append(Workload(user, weights[user.pk].open, added.get(user.pk, 0), says))
    return sorted(lines, key=lambda line: (-line.added, line.user.name))
