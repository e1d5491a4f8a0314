"""Who gets a follow-up: rules, substitutes, caps, pools, and what holds for any batch."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import count, pairwise
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Absence, Role, User
from core.permissions import share_record
from crm.models import Action, Customer
from events.engine.assign import Assignment, Candidate, plan_assignments
from events.engine.people import people, sight
from events.models import Event, PoolCursor
from tests.factories import (
    NOW,
    ActionFactory,
    CustomerFactory,
    TeamFactory,
    TerritoryFactory,
    UserFactory,
    day,
)

TODAY = NOW.date()
DUE = day("2026-11-25")
OWNER = {"rules": [{"rule": "owner"}], "queue": "sales_support"}
IN_TURN = {"rules": [{"rule": "role_round_robin", "role": "sales_support"}], "queue": "administrator"}
LEAST = {"rules": [{"rule": "role_least_loaded", "role": "sales_support"}], "queue": "administrator"}

pytestmark = pytest.mark.django_db
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


class TestOwner:
    def test_gets_what_is_his(self) -> None:
        ann = rep("Ann Lee")
        made = one(CustomerFactory(owner=ann))
        assert (made.user_id, made.owner_id, made.role_id, made.rule) == (ann.pk, ann.pk, None, "owner")
        assert made.note == "account owner Ann Lee takes it"

    def test_away_the_substitute_stands_in_and_the_owner_is_kept(self) -> None:
        ann, bo = rep("Ann Lee"), UserFactory(name="Bo Diaz", roles=["sales_support"])
        away(ann, substitute=bo)
        made = one(CustomerFactory(owner=ann))
        assert (made.user_id, made.owner_id) == (bo.pk, ann.pk)
        assert made.note == "account owner Ann Lee is away until 30 Nov, Bo Diaz stands in"

    def test_away_on_the_due_day_only_counts_as_away(self) -> None:
        ann, (bo,) = rep("Ann Lee"), supporters("Bo Diaz")
        away(ann, None, since="2026-11-24", substitute=bo)
        made = one(CustomerFactory(owner=ann))
        assert made.user_id == bo.pk
        assert (
            made.note == "account owner Ann Lee is away from 24 Nov until further notice, Bo Diaz stands in"
        )

    @pytest.mark.parametrize(("since", "until"), [("2026-11-01", "2026-11-19"), ("2026-11-26", "2026-12-01")])
    def test_absences_before_and_after_do_not_count(self, since: str, until: str) -> None:
        ann = rep("Ann Lee")
        away(ann, until, since=since)
        assert one(CustomerFactory(owner=ann)).user_id == ann.pk

    def test_cancelled_absences_do_not_count(self) -> None:
        ann = rep("Ann Lee")
        Absence.objects.filter(pk=away(ann).pk).update(cancelled_at=NOW)
        assert one(CustomerFactory(owner=ann)).user_id == ann.pk

    def test_substitutes_follow_one_another_up_to_five(self) -> None:
        chain = [rep("Ann Lee"), *supporters("B", "C", "D", "E", "F", "G")]
        customer = CustomerFactory(owner=chain[0])
        for person, following in pairwise(chain[:6]):
            away(person, substitute=following)
        assert one(customer).user_id == chain[5].pk
        away(chain[5], substitute=chain[6])
        made = one(customer)
        assert (made.user_id, made.role_id) == (None, queue_of("sales_support"))

    def test_substitutes_in_a_circle_end_in_the_queue(self) -> None:
        ann, (bo, cy) = rep("Ann Lee"), supporters("Bo", "Cy")
        away(ann, substitute=bo)
        away(bo, substitute=cy)
        away(cy, substitute=ann)
        made = one(CustomerFactory(owner=ann))
        assert (made.user_id, made.role_id, made.owner_id, made.rule) == (
            None,
            queue_of("sales_support"),
            None,
            "queue",
        )
        assert "nobody stands in; it waits in the queue of Sales support" in made.note

    def test_away_without_substitute_the_next_rule_is_asked(self) -> None:
        ann, (bo,) = rep("Ann Lee"), supporters("Bo Diaz")
        away(ann)
        chain = {"rules": [{"rule": "owner"}, {"rule": "user", "user": bo.pk}], "queue": "sales_support"}
        made = one(CustomerFactory(owner=ann), chain=chain)
        assert (made.user_id, made.owner_id, made.rule) == (bo.pk, bo.pk, "user")
        assert made.note == "account owner Ann Lee is away until 30 Nov, nobody stands in; Bo Diaz takes it"

    def test_a_substitute_who_may_not_see_the_customer_is_passed_over(self) -> None:
        ann, stranger = rep("Ann Lee"), rep("Cy Ox")
        away(ann, substitute=stranger)
        made = one(CustomerFactory(owner=ann))
        assert made.user_id is None
        assert "Cy Ox may not see the customer" in made.note

    def test_without_owner_the_queue_has_it(self) -> None:
        made = one(CustomerFactory(owner=None))
        assert (made.user_id, made.role_id) == (None, queue_of("sales_support"))
        assert made.note == "the customer has no account owner; it waits in the queue of Sales support"

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"is_active": False, "deactivated_at": NOW}, "account owner Ann Lee no longer works here"),
            ({"suspended_at": NOW}, "account owner Ann Lee cannot sign in"),
        ],
    )
    def test_who_left_or_is_suspended_gets_nothing(self, changes: dict[str, Any], says: str) -> None:
        ann = rep("Ann Lee")
        User.objects.filter(pk=ann.pk).update(**changes)
        made = one(CustomerFactory(owner=ann))
        assert made.user_id is None
        assert made.note.startswith(says)

    @pytest.mark.parametrize("roles", [[], ["read_only"]])
    def test_without_the_functions_he_gets_nothing(self, roles: list[str]) -> None:
        made = one(CustomerFactory(owner=UserFactory(name="Ann Lee", roles=roles)))
        assert made.user_id is None
        assert made.note.startswith("account owner Ann Lee has no function for follow-ups of customers")

    def test_at_the_cap_it_waits_and_is_not_passed_on(self) -> None:
        ann, (bo,) = rep("Ann Lee"), supporters("Bo Diaz")
        chain = {"rules": [{"rule": "owner"}, {"rule": "user", "user": bo.pk}], "queue": "sales_support"}
        customers = CustomerFactory.create_batch(3, owner=ann)
        first, second, third = plan(*customers, chain=chain, cap=2)
        assert [first.user_id, second.user_id] == [ann.pk, ann.pk]
        assert (third.deferred, third.user_id, third.role_id, third.owner_id) == (True, None, None, ann.pk)
        assert third.note == "account owner Ann Lee already has 2 new follow-ups today"

    def test_a_substitute_at_the_cap_defers_too(self) -> None:
        ann, (bo,) = rep("Ann Lee"), supporters("Bo Diaz")
        away(ann, substitute=bo)
        first, second = plan(*CustomerFactory.create_batch(2, owner=ann), cap=1)
        assert (first.user_id, second.deferred, second.owner_id) == (bo.pk, True, ann.pk)


class TestCap:
    def test_counts_what_events_made_on_the_same_local_day(self) -> None:
        ann = rep("Ann Lee")
        hand_out([Assignment(0, ann.pk, None, ann.pk, "owner", "")])
        assert one(CustomerFactory(owner=ann), cap=1).deferred

    def test_closed_ones_count_as_well(self) -> None:
        ann = rep("Ann Lee")
        hand_out([Assignment(0, ann.pk, None, ann.pk, "owner", "")])
        Action.objects.update(closed_at=NOW, closed_on=TODAY, status="done", outcome="reached")
        assert one(CustomerFactory(owner=ann), cap=1).deferred

    def test_yesterday_and_work_entered_by_hand_do_not_count(self) -> None:
        ann = rep("Ann Lee")
        hand_out([Assignment(0, ann.pk, None, ann.pk, "owner", "")], at=NOW - timedelta(hours=9, seconds=1))
        ActionFactory(assignee=ann, customer=None)
        assert one(CustomerFactory(owner=ann), cap=1).user_id == ann.pk

    def test_the_last_second_of_the_local_day_counts(self) -> None:
        ann = rep("Ann Lee")
        hand_out([Assignment(0, ann.pk, None, ann.pk, "owner", "")], at=NOW - timedelta(hours=9))
        assert one(CustomerFactory(owner=ann), cap=1).deferred


class TestRoundRobin:
    def test_goes_on_where_the_last_batch_ended(self) -> None:
        pool = supporters("Ann", "Bo", "Cy")
        customers = CustomerFactory.create_batch(4)
        first = [made.user_id for made in plan(*customers, chain=IN_TURN)]
        second = [made.user_id for made in plan(*customers[:2], chain=IN_TURN)]
        assert first + second == [pool[i % 3].pk for i in range(6)]
        assert PoolCursor.objects.get(pool="role:sales_support").last_user_id == pool[2].pk

    def test_goes_past_who_is_away_and_names_the_one_it_takes(self) -> None:
        ann, bo, cy = supporters("Ann", "Bo", "Cy")
        away(bo, substitute=ann)
        made = plan(*CustomerFactory.create_batch(3), chain=IN_TURN)
        assert [row.user_id for row in made] == [ann.pk, cy.pk, ann.pk]
        assert made[1].note == "Cy is next in Sales support"
        assert made[1].owner_id == cy.pk

    def test_at_the_cap_the_next_is_asked_and_when_all_are_it_waits(self) -> None:
        ann, bo = supporters("Ann", "Bo")
        hand_out([Assignment(0, ann.pk, None, ann.pk, "owner", "")])
        made = plan(*CustomerFactory.create_batch(2), chain=IN_TURN, cap=1)
        assert made[0].user_id == bo.pk
        assert (made[1].deferred, made[1].owner_id) == (True, None)
        assert made[1].note == "everybody in Sales support already has 1 new follow-ups today"

    @pytest.mark.parametrize("chain", [IN_TURN, LEAST])
    def test_an_empty_pool_leads_to_the_queue(self, chain: Any) -> None:
        made = one(CustomerFactory(), chain=chain)
        assert (made.role_id, made.rule, made.deferred) == (queue_of("administrator"), "queue", False)
        assert made.note == "nobody in Sales support can take it; it waits in the queue of Administrator"

    def test_a_role_that_is_gone_is_an_empty_pool(self) -> None:
        chain = {"rules": [{"rule": "role_round_robin", "role": "gone"}], "queue": "administrator"}
        assert one(CustomerFactory(), chain=chain).role_id == queue_of("administrator")


class TestLeastLoaded:
    def test_prefers_who_has_less_to_do_and_breaks_ties_by_turn(self) -> None:
        ann, bo, cy = supporters("Ann", "Bo", "Cy")
        ActionFactory.create_batch(2, assignee=ann, customer=None, due_on=day("2026-12-20"))
        ActionFactory(assignee=cy, customer=None, due_on=TODAY)
        later = day("2026-12-01")
        made = plan(*CustomerFactory.create_batch(4), chain=LEAST, due=later)
        assert [row.user_id for row in made] == [bo.pk, bo.pk, ann.pk, cy.pk]
        assert made[0].note == "Bo has the least to do in Sales support"

    def test_ties_go_to_who_got_fewer_today_then_in_stable_order(self) -> None:
        pool = supporters("Ann", "Bo", "Cy")
        made = plan(*CustomerFactory.create_batch(6), chain=LEAST)
        assert [row.user_id for row in made] == [row.pk for row in pool] * 2


def test_an_unknown_fallback_queue_is_an_error() -> None:
    with pytest.raises(LookupError, match="no role 'gone'"):
        one(CustomerFactory(), chain={"rules": [{"rule": "owner"}], "queue": "gone"})


def test_no_candidates_no_queries() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert plan() == []
    assert not [query for query in queries if "SAVEPOINT" not in query["sql"]]


def test_notes_fit_their_column() -> None:
    ann = UserFactory(name="A" * 120, roles=["sales_rep"])
    away(ann, substitute=UserFactory(name="B" * 120, roles=["sales_rep"]))
    made = one(CustomerFactory(owner=ann))
    assert len(made.note) <= 250
    assert made.note.endswith("it waits in the queue of Sales support")


def test_the_number_of_queries_does_not_depend_on_the_batch() -> None:
    chain = {"rules": [*OWNER["rules"], *IN_TURN["rules"], *LEAST["rules"]], "queue": "administrator"}
    supporters("Ann", "Bo", "Cy")

    def queries_for(customers: list[Customer]) -> int:
        with CaptureQueriesContext(connection) as queries:
            plan(*customers, chain=chain, cap=15)
        return len(queries)

    plan(CustomerFactory(), chain=chain)
    alone = queries_for([CustomerFactory()])
    many = queries_for([CustomerFactory(owner=rep(f"Rep {n}") if n % 2 else None) for n in range(25)])
    assert alone == many <= 25


# --- for any people, teams, shares, absences and loads


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
