"""Who gets a follow-up: rules, substitutes, caps, pools, and what holds for any batch."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Absence, User
from crm.models import Action, Customer
from events.engine.assign import Assignment
from events.models import PoolCursor
from tests.events.assigning import (
    IN_TURN,
    LEAST,
    OWNER,
    TODAY,
    away,
    hand_out,
    one,
    plan,
    queue_of,
    rep,
    supporters,
)
from tests.factories import (
    NOW,
    ActionFactory,
    CustomerFactory,
    UserFactory,
    day,
)

pytestmark = pytest.mark.django_db


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
