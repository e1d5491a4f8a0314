"""What holds for any people, teams, shares, absences and loads, and for two events at once."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Absence, Role, User
from core.permissions import share_record
from crm.models import Action, Customer
from events.engine.assign import Candidate, plan_assignments
from events.engine.people import people, sight
from tests.events.assigning import (
    IN_TURN,
    LEAST,
    OWNER,
    TODAY,
    hand_out,
    plan,
    rep,
    supporters,
)
from tests.factories import (
    NOW,
    ActionFactory,
    CustomerFactory,
    TeamFactory,
    TerritoryFactory,
    UserFactory,
    day,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def rolled_back() -> Any:
    """A context that forgets what was written in it: one per example."""

    class RolledBack:
        def __enter__(self) -> None:
            self.atomic = transaction.atomic()
            self.atomic.__enter__()

        def __exit__(self, *error: Any) -> None:
            transaction.set_rollback(True)
            self.atomic.__exit__(*error)

    return RolledBack


any_world = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ROLES = ["sales_rep", "sales_rep", "account_manager", "sales_support", "read_only", None]


def some_people(draw: random.Random) -> list[User]:
    """Users of mixed roles, some without, some left, some suspended, in nested teams and territories."""
    users = [UserFactory(roles=[role] if (role := draw.choice(ROLES)) else []) for _ in range(7)]
    users.append(UserFactory(is_superuser=True))
    gone, suspended = draw.sample(users, 2)
    User.objects.filter(pk=gone.pk).update(is_active=False, deactivated_at=NOW)
    User.objects.filter(pk=suspended.pk).update(suspended_at=NOW)
    return list(User.objects.filter(pk__in=[user.pk for user in users]))


def some_customers(draw: random.Random, users: list[User]) -> list[Customer]:
    teams = [TeamFactory(lead=draw.choice([*users, None]), members=draw.sample(users, 2)) for _ in range(3)]
    teams[1].parent = teams[0]
    teams[1].save()
    grounds = TerritoryFactory.create_batch(2)
    grounds[1].parent = grounds[0]
    grounds[1].save()
    for ground in grounds:
        ground.memberships.create(user=draw.choice(users))
    customers = [
        CustomerFactory(
            owner=draw.choice([*users, None]),
            team=draw.choice([*teams, None]),
            territory=draw.choice([*grounds, None]),
        )
        for _ in range(6)
    ]
    for customer in draw.sample(customers, 3):
        share_record(customer, draw.choice(users), ["view"])
    share_record(draw.choice(customers), Role.objects.get(code="sales_rep").group, ["view"])
    share_record(draw.choice(customers), draw.choice(users), ["change"])
    return customers


def some_absences(draw: random.Random, users: list[User]) -> None:
    """Absences with substitutes drawn at random: circles, chains and dead ends."""
    for user in draw.sample(users, 5):
        substitute = draw.choice([other for other in users if other.pk != user.pk] + [None])
        starts = TODAY + timedelta(days=draw.randint(-5, 5))
        ends = draw.choice([None, starts + timedelta(days=draw.randint(0, 8))])
        Absence.objects.create(
            user=user, starts_on=starts, ends_on=ends, substitute=substitute, created_at=NOW
        )


def may_take(user: User, customer: Customer) -> bool:
    """The oracle: the questions that pages ask, one by one."""
    fresh = User.objects.get(pk=user.pk)
    sees = Customer.objects.visible_to(fresh, "view").filter(pk=customer.pk).exists()
    works = fresh.has_perm("crm.view_action") and fresh.has_perm("crm.change_action")
    return fresh.can_sign_in and works and sees


def present(user_id: int, *days: date) -> bool:
    return not any(Absence.objects.on(each).filter(user_id=user_id).exists() for each in days)


@any_world
@given(seed=st.integers(0, 2**32))
def test_sight_equals_visible_to_for_everybody(rolled_back: Any, seed: int) -> None:
    draw = random.Random(seed)
    with rolled_back():
        users = some_people(draw)
        customers = some_customers(draw, users)
        seen = sight([user.pk for user in users], [customer.pk for customer in customers])
        known = people([user.pk for user in users])
        for user in users:
            person = known[user.pk]
            for customer in customers:
                mine = person.can_sign_in and person.permitted and seen.sees(user.pk, customer.pk)
                assert mine == may_take(user, customer), (user, customer)


@any_world
@given(seed=st.integers(0, 2**32))
def test_nobody_ineligible_gets_anything_and_everything_is_someones(rolled_back: Any, seed: int) -> None:
    draw = random.Random(seed)
    with rolled_back():
        users = some_people(draw)
        customers = some_customers(draw, users)
        some_absences(draw, users)
        cap = draw.choice([None, 1, 2])
        rules = [
            {"rule": "owner"},
            {"rule": "role_round_robin", "role": "sales_support"},
            {"rule": "role_least_loaded", "role": "account_manager"},
            {"rule": "user", "user": draw.choice(users).pk},
        ]
        chain = {"rules": draw.sample(rules, draw.randint(1, 4)), "queue": "sales_support"}
        due = TODAY + timedelta(days=draw.randint(0, 6))
        given_away = plan(*customers, chain=chain, cap=cap, due=due)
        assert [made.key for made in given_away] == [customer.pk for customer in customers]
        for made, customer in zip(given_away, customers, strict=True):
            assert [made.user_id is not None, made.role_id is not None, made.deferred].count(True) == 1
            assert made.note
            if made.user_id is not None:
                assert may_take(User.objects.get(pk=made.user_id), customer)
                assert present(made.user_id, TODAY, due)
        got = Counter(made.user_id for made in given_away if made.user_id is not None)
        assert cap is None or all(number <= cap for number in got.values())


@any_world
@given(before=st.lists(st.integers(0, 5), min_size=2, max_size=4), arriving=st.integers(1, 10))
def test_least_loaded_fills_like_water(rolled_back: Any, before: list[int], arriving: int) -> None:
    with rolled_back():
        pool = supporters(*(f"Person {n}" for n in range(len(before))))
        later = day("2026-12-01")
        for user, number in zip(pool, before, strict=True):
            ActionFactory.create_batch(number, assignee=user, customer=None, due_on=later)
        made = plan(*CustomerFactory.create_batch(arriving), chain=LEAST, due=later)
        got = Counter(row.user_id for row in made)
        after = {user.pk: number + got[user.pk] for user, number in zip(pool, before, strict=True)}
        assert sum(got.values()) == arriving
        assert all(after[user.pk] - min(after.values()) <= 1 for user in pool if got[user.pk])


@any_world
@given(
    cap=st.integers(1, 4),
    bursts=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 6)), min_size=1, max_size=6),
)
def test_caps_hold_over_any_bursts(rolled_back: Any, cap: int, bursts: list[tuple[int, int]]) -> None:
    with rolled_back():
        ann, _ = rep("Ann"), supporters("Bo", "Cy")
        mine = CustomerFactory.create_batch(3, owner=ann)
        others = CustomerFactory.create_batch(3)
        chain = {"rules": [*OWNER["rules"], *IN_TURN["rules"]], "queue": "administrator"}
        for later, size in sorted(bursts):
            at = NOW + timedelta(days=later)
            rows = ([*mine, *others] * size)[:size]
            candidates = [Candidate(row.pk, row.owner_id, at.date(), row.pk) for row in rows]
            made = plan_assignments(candidates, chain=chain, per_person_day=cap, day=at.date(), now=at)
            assert all(row.deferred or row.user_id is not None for row in made)
            hand_out(made, at=at)
        rows = Action.objects.values_list("assignee", "created_at__date")
        assert max(Counter(rows).values()) <= cap


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("chain", [OWNER, IN_TURN])
def test_two_events_at_once_keep_the_cap_and_take_turns(chain: Any) -> None:
    """Each counts what the other made, because the second waits for the first one's commit."""
    pool = supporters("Ann", "Bo")
    customers = [CustomerFactory(owner=pool[n % 2]) for n in range(4)]
    hand_out([])
    both_ready = threading.Barrier(2)

    def evaluate() -> None:
        try:
            both_ready.wait(timeout=30)
            with transaction.atomic():
                hand_out(plan(*customers, chain=chain, cap=3))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(evaluate), both.submit(evaluate)]:
            done.result(timeout=60)
    assert Counter(Action.objects.values_list("assignee", flat=True)) == {user.pk: 3 for user in pool}
