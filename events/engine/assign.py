"""Who gets a follow-up: the chain of rules, asked in order for each candidate of a batch.

The first rule that finds an eligible person wins; when none does, the follow-up waits in the mandatory
fallback queue, so it is always someone's. Eligible is who is active, can sign in, holds the functions
for follow-ups and customers, may see the customer, is present on the day and on the due day, and is
below the daily cap of new follow-ups. The number of queries does not depend on the size of the batch.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import Role, UserRole
from events.engine.people import Staff, staff, until
from events.engine.workload import loads, made_on_day, weight_of
from events.models import PoolCursor

# How many times a substitute may himself be substituted.
MAX_SUBSTITUTES = 5
# The row of PoolCursor that every assignment locks first: two events that run at the same time may mean
# the same person, and each would count without the other's follow-ups.
TURNSTILE = "assignment"
NOTE_LENGTH = 250


@dataclass(frozen=True)
class Candidate:
    """A follow-up to be given to somebody; ``key`` is the caller's own handle and comes back unchanged."""

    customer_id: int
    owner_id: int | None
    due_on: date
    key: Any


@dataclass(frozen=True)
class Assignment:
    """Where a candidate goes: to a user, to the queue of a role, or nowhere yet (``deferred``).

    ``owner_id`` is whom the rule meant; it differs from ``user_id`` when a substitute stands in.
    ``note`` says in a sentence without full stop why. Deferred means that everybody who would be right
    is at the daily cap: the occurrence stays in line for another day.
    """

    key: Any
    user_id: int | None
    role_id: int | None
    owner_id: int | None
    rule: str
    note: str
    deferred: bool = False


@transaction.atomic
def plan_assignments(
    candidates: Sequence[Candidate],
    *,
    chain: Mapping[str, Any],
    per_person_day: int | None,
    day: date,
    now: datetime,
    rehearse: bool = False,
) -> list[Assignment]:
    """One assignment per candidate, in the order given: who comes first is served first.

    ``chain`` is ``{"rules": [{"rule": "owner"}, {"rule": "role_round_robin", "role": code},
    {"rule": "role_least_loaded", "role": code}, {"rule": "user", "user": id}], "queue": role code}``.
    ``per_person_day`` caps the new follow-ups of events that one person gets on the local day of
    ``now``; None means no cap. ``day`` is the local day on which the work is handed out. Writes nothing
    but the turn of each pool, which stays locked until the caller's transaction ends. To ``rehearse``
    is to ask who would get it: nothing is locked and nothing written.

    Raises ``LookupError`` when the fallback queue names no role.
    """
    if not candidates:
        return []
    pools = _load_pools(chain, lock=not rehearse)
    desk = _open_desk(candidates, pools, chain=chain, cap=per_person_day, day=day, now=now, lock=not rehearse)
    plan = [desk.assign(candidate) for candidate in candidates]
    if not rehearse:
        _save_turns(desk.pools.values())
    return plan


@dataclass
class _Pool:
    """The users of a role, by id, and who got the last follow-up in turn."""

    role_id: int
    code: str
    name: str
    members: list[int] = field(default_factory=list)
    last_user_id: int = 0
    moved: bool = False

    def in_turn(self) -> list[int]:
        """The members, beginning with the one after the last."""
        after = [pk for pk in self.members if pk > self.last_user_id]
        return after + self.members[: len(self.members) - len(after)]


@dataclass(frozen=True)
class _Answer:
    """What one rule says: a person, a person at his cap, or nobody; the note says why."""

    note: str
    user_id: int | None = None
    owner_id: int | None = None
    at_cap: bool = False


@dataclass
class _Desk:
    """What is known about the people of one batch; counts rise as candidates are given away."""

    chain: Mapping[str, Any]
    cap: int | None
    day: date
    staff: Staff
    pools: Mapping[str, _Pool]
    made: dict[int, int]
    weights: dict[int, int]

    def assign(self, candidate: Candidate) -> Assignment:
        """The first rule that finds somebody, or finds him at his cap, decides."""
        passed: list[str] = []
        for rule in self.chain["rules"]:
            answer = self._ask(rule, candidate)
            if answer.user_id is not None:
                return self._give(candidate, rule["rule"], answer, passed)
            if answer.at_cap:
                note = _sentence([*passed, answer.note])
                return Assignment(
                    candidate.key, None, None, answer.owner_id, rule["rule"], note, deferred=True
                )
            passed.append(answer.note)
        queue = self.pools[self.chain["queue"]]
        note = _sentence([*passed, f"it waits in the queue of {queue.name}"])
        return Assignment(candidate.key, None, queue.role_id, None, "queue", note)

    def _ask(self, rule: Mapping[str, Any], candidate: Candidate) -> _Answer:
        asked: dict[str, Callable[[], _Answer]] = {
            "owner": lambda: self._owner(candidate),
            "user": lambda: self._person(rule["user"], candidate, ""),
            "role_round_robin": lambda: self._round_robin(rule["role"], candidate),
            "role_least_loaded": lambda: self._least_loaded(rule["role"], candidate),
        }
        return asked[rule["rule"]]()

    def _give(self, candidate: Candidate, rule: str, answer: _Answer, passed: list[str]) -> Assignment:
        user_id = answer.user_id
        assert user_id is not None
        self.made[user_id] = self.made.get(user_id, 0) + 1
        self.weights[user_id] = self.weights.get(user_id, 0) + weight_of(candidate.due_on, self.day)
        note = _sentence([*passed, answer.note])
        return Assignment(candidate.key, user_id, None, answer.owner_id, rule, note)

    def _owner(self, candidate: Candidate) -> _Answer:
        if candidate.owner_id is None:
            return _Answer("the customer has no account owner")
        return self._person(candidate.owner_id, candidate, "account owner ")

    def _person(self, user_id: int, candidate: Candidate, title: str) -> _Answer:
        """One certain person, or whoever stands in for him; at the cap it waits rather than passing on."""
        says, stand_in = self._present(user_id, candidate, title)
        if stand_in is None:
            return _Answer(says, owner_id=user_id)
        name = ("" if says else title) + self.staff.name(stand_in)
        if unfit := self.staff.unfit(stand_in, candidate.customer_id):
            return _Answer(_joined(says, f"{name} {unfit}"), owner_id=user_id)
        if self._at_cap(stand_in):
            return _Answer(_joined(says, f"{name} {self._cap_reached()}"), owner_id=user_id, at_cap=True)
        fits = f"{name} stands in" if says else f"{name} takes it"
        return _Answer(_joined(says, fits), user_id=stand_in, owner_id=user_id)

    def _present(self, user_id: int, candidate: Candidate, title: str) -> tuple[str, int | None]:
        """Who is there for ``user_id``: himself, or along his substitutes; and what was found on the way."""
        says: list[str] = []
        current, met = user_id, {user_id}
        while absence := self.staff.away(current, self.day, candidate.due_on):
            says.append(
                f"{'' if says else title}{self.staff.name(current)} is away {until(absence, self.day)}"
            )
            following = absence.substitute_id
            if following is None or following in met or len(met) > MAX_SUBSTITUTES:
                return _joined(*says, "nobody stands in"), None
            met.add(following)
            current = following
        return ", ".join(says), current

    def _round_robin(self, code: str, candidate: Candidate) -> _Answer:
        pool = self.pools.get(code)
        fit = [pk for pk in pool.in_turn() if self._can_take(pk, candidate)] if pool else []
        free = [pk for pk in fit if not self._at_cap(pk)]
        if pool is None or not free:
            return self._nobody(code, fit)
        pool.last_user_id, pool.moved = free[0], True
        return _Answer(
            f"{self.staff.name(free[0])} is next in {pool.name}", user_id=free[0], owner_id=free[0]
        )

    def _least_loaded(self, code: str, candidate: Candidate) -> _Answer:
        pool = self.pools.get(code)
        fit = [pk for pk in pool.members if self._can_take(pk, candidate)] if pool else []
        free = [pk for pk in fit if not self._at_cap(pk)]
        if pool is None or not free:
            return self._nobody(code, fit)
        chosen = min(free, key=lambda pk: (self.weights.get(pk, 0), self.made.get(pk, 0), pk))
        return _Answer(
            f"{self.staff.name(chosen)} has the least to do in {pool.name}", user_id=chosen, owner_id=chosen
        )

    def _nobody(self, code: str, fit: list[int]) -> _Answer:
        """The answer of a pool without a free member: wait when only the cap stands in the way."""
        name = self.pools[code].name if code in self.pools else code
        if fit:
            return _Answer(f"everybody in {name} {self._cap_reached()}", at_cap=True)
        return _Answer(f"nobody in {name} can take it")

    def _can_take(self, user_id: int, candidate: Candidate) -> bool:
        away = self.staff.away(user_id, self.day, candidate.due_on)
        return not away and not self.staff.unfit(user_id, candidate.customer_id)

    def _at_cap(self, user_id: int) -> bool:
        return self.cap is not None and self.made.get(user_id, 0) >= self.cap

    def _cap_reached(self) -> str:
        return f"already has {self.cap} new follow-ups today"


def _open_desk(
    candidates: Sequence[Candidate],
    pools: dict[str, "_Pool"],
    *,
    chain: Mapping[str, Any],
    cap: int | None,
    day: date,
    now: datetime,
    lock: bool,
) -> _Desk:
    """Read what the batch needs, behind the lock that makes the counts true until the commit."""
    days = [day, *(c.due_on for c in candidates)]
    named = {rule["user"] for rule in chain["rules"] if rule["rule"] == "user"}
    owners = {c.owner_id for c in candidates if c.owner_id is not None}
    members = {pk for pool in pools.values() for pk in pool.members}
    customer_ids = sorted({c.customer_id for c in candidates})
    known = staff(owners | named | members, customer_ids, first=min(days), last=max(days), lock=lock)
    everybody = sorted(known.people)
    weighed = everybody if any(rule["rule"] == "role_least_loaded" for rule in chain["rules"]) else []
    return _Desk(
        chain=chain,
        cap=cap,
        day=day,
        staff=known,
        pools=pools,
        made=made_on_day(everybody, now=now),
        weights={pk: load.weight for pk, load in loads(weighed, day=day).items()},
    )


def _load_pools(chain: Mapping[str, Any], *, lock: bool) -> dict[str, _Pool]:
    """The roles that the chain names, with members and turns; locked, except for a rehearsal."""
    in_turn = {rule["role"] for rule in chain["rules"] if rule["rule"] == "role_round_robin"}
    drawn_on = {rule["role"] for rule in chain["rules"] if "role" in rule}
    turns = _lock_turns(in_turn) if lock else _read_turns(in_turn)
    roles = Role.objects.filter(code__in=drawn_on | {chain["queue"]})
    pools = {
        role.code: _Pool(role.pk, role.code, role.name, last_user_id=turns.get(role.code, 0))
        for role in roles
        if role.code is not None
    }
    if chain["queue"] not in pools:
        raise LookupError(f"There is no role {chain['queue']!r} for the fallback queue.")
    rows = UserRole.objects.filter(role__code__in=drawn_on).order_by("user_id")
    for code, user_id in rows.values_list("role__code", "user_id"):
        pools[str(code)].members.append(user_id)
    return pools


def _lock_turns(codes: Iterable[str]) -> dict[str, int]:
    """The last user id of each pool, locked together with the turnstile, in one order for everybody."""
    names = sorted([TURNSTILE, *(_turn_of(code) for code in codes)])
    # The turnstile sorts before every "role:…", so whoever has it takes the rest without waiting.
    rows = PoolCursor.objects.select_for_update().filter(pool__in=names).order_by("pool")
    if len(rows) < len(names):  # seen for the first time
        PoolCursor.objects.bulk_create([PoolCursor(pool=name) for name in names], ignore_conflicts=True)
        rows = rows.all()
    return {row.pool.removeprefix("role:"): row.last_user_id for row in rows}


def _read_turns(codes: Iterable[str]) -> dict[str, int]:
    names = [_turn_of(code) for code in codes]
    rows = PoolCursor.objects.filter(pool__in=names)
    return {row.pool.removeprefix("role:"): row.last_user_id for row in rows}


def _save_turns(pools: Iterable[_Pool]) -> None:
    moved = [
        PoolCursor(pool=_turn_of(pool.code), last_user_id=pool.last_user_id) for pool in pools if pool.moved
    ]
    PoolCursor.objects.bulk_update(moved, ["last_user_id"])


def _turn_of(code: str) -> str:
    return f"role:{code}"


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _sentence(notes: Sequence[str]) -> str:
    """The notes of the rules in order, with the beginning cut away when they do not fit the column."""
    text = "; ".join(notes)
    return text if len(text) <= NOTE_LENGTH else "…" + text[len(text) - NOTE_LENGTH + 1 :]
