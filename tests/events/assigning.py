"""What tests of routing do again and again: candidates, people, absences."""

from datetime import date
from itertools import count
from typing import Any

from accounts.models import Absence, Role, User
from crm.models import Action, Customer
from events.engine.assign import Assignment, Candidate, plan_assignments
from events.models import Event
from tests.factories import (
    NOW,
    ActionFactory,
    UserFactory,
    day,
)

TODAY = NOW.date()
DUE = day("2026-11-25")
OWNER = {"rules": [{"rule": "owner"}], "queue": "sales_support"}
IN_TURN = {"rules": [{"rule": "role_round_robin", "role": "sales_support"}], "queue": "administrator"}
LEAST = {"rules": [{"rule": "role_least_loaded", "role": "sales_support"}], "queue": "administrator"}

keys = count(1)


def plan(
    *customers: Customer, chain: Any = OWNER, cap: int | None = None, due: date = DUE
) -> list[Assignment]:
    """The assignments of one candidate per customer, on ``TODAY``."""
    candidates = [Candidate(row.pk, row.owner_id, due, key=row.pk) for row in customers]
    return plan_assignments(candidates, chain=chain, per_person_day=cap, day=TODAY, now=NOW)


def one(customer: Customer, **how: Any) -> Assignment:
    return plan(customer, **how)[0]


def away(
    user: User, until: str | None = "2026-11-30", *, since: str = "2026-11-16", substitute: User | None = None
) -> Absence:
    return Absence.objects.create(
        user=user,
        starts_on=day(since),
        ends_on=day(until) if until else None,
        substitute=substitute,
        created_at=NOW,
    )


def rep(name: str) -> User:
    return UserFactory(name=name, roles=["sales_rep"])


def supporters(*names: str) -> list[User]:
    return [UserFactory(name=name, roles=["sales_support"]) for name in names]


def queue_of(code: str) -> int:
    return Role.objects.get(code=code).pk


def hand_out(assignments: list[Assignment], *, at: Any = NOW) -> None:
    """Write the follow-ups that the plan says, as the engine does."""
    Event.objects.get_or_create(code="NOORDER60", defaults={"name": "No order", "created_at": NOW})
    for made in assignments:
        if made.user_id is not None:
            ActionFactory(
                assignee_id=made.user_id,
                customer=None,
                origin=Action.Origin.EVENT,
                origin_code="NOORDER60",
                origin_key=f"key:{next(keys)}",
                created_at=at,
            )
