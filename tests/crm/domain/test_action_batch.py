"""Many actions at once: what fits is written once, what does not is left alone."""

from typing import Any

import pytest
from django.db import IntegrityError

from accounts.models import Role, User
from activity.models import Entry
from crm.domain import action as domain
from crm.domain.action_batch import FollowUp, Move
from crm.models import Action, Customer
from tests.factories import NOW, ActionFactory, CustomerFactory

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
REASON = {"event_name": "No orders in 60 days", "sentence": "62 days, usual 24"}


@pytest.fixture
def customer(alice: User) -> Customer:
    """A customer of ``alice``."""
    return CustomerFactory(owner=alice)


def make(customer: Customer, count: int, **values: object) -> list[Action]:
    return [ActionFactory(customer=customer, **values) for _ in range(count)]


def follow_up(customer: Customer, key: str, **values: Any) -> FollowUp:
    """One row for ``create_event_actions``."""
    own: dict[str, Any] = {
        "customer": customer.pk,
        "owner": customer.owner_id,
        "assignee": customer.owner_id,
        "queue": None,
        "assign_rule": "owner",
        "assign_note": "account owner Alice",
        "anchor_on": TODAY,
        "origin_key": key,
        "guard_key": f"noorder:{key}",
        "reason": REASON,
    }
    return FollowUp(**{**own, **values})


def pattern() -> Action:
    """What the rows share."""
    return Action(title="Call", body="Ask", due_on=TODAY, origin="event", origin_code="NOORDER60", priority=2)


def test_the_engines_actions_are_inserted_and_journaled(customer: Customer, alice: User) -> None:
    rows = [follow_up(customer, f"1|{n}") for n in range(3)]
    assert domain.create_event_actions(pattern(), rows, now=NOW) == 3
    made = list(Action.objects.order_by("origin_key"))
    assert [row.origin_key for row in made] == ["1|0", "1|1", "1|2"]
    assert [row.original_due_on for row in made] == [TODAY] * 3
    entries = Entry.objects.filter(verb="action.created")
    assert {entry.subject_id for entry in entries} == {row.pk for row in made}
    assert {(entry.cause, entry.by, entry.customer_id) for entry in entries} == {
        ("engine", None, customer.pk)
    }
    assert {(entry.data["event_name"], entry.data["why"]) for entry in entries} == {tuple(REASON.values())}
    again = follow_up(customer, "1|0", guard_key="other")
    with pytest.raises(IntegrityError):
        domain.create_event_actions(pattern(), [again], now=NOW)


def test_each_row_keeps_its_own_and_shares_the_rest(customer: Customer, alice: User) -> None:
    role = Role.objects.get(code="sales_support")
    odd = {"sentence": "Tab\t, line\n, back\\slash, “quotes”, ünïcode, \\N"}
    rows = [
        follow_up(customer, "1|a", reason=odd, assign_note="\\N"),
        follow_up(customer, "1|b", owner=None, assignee=None, queue=role.pk, anchor_on=None),
    ]
    domain.create_event_actions(pattern(), rows, now=NOW)
    first, second = Action.objects.order_by("origin_key")
    assert (first.reason, first.assign_note, first.anchor_on) == (odd, "\\N", TODAY)
    assert (second.owner, second.assignee, second.queue, second.anchor_on) == (None, None, role, None)
    like = Action(title="Call", body="Ask", due_on=TODAY, original_due_on=TODAY, origin="event", priority=2)
    same = ("title", "body", "due_on", "original_due_on", "priority", "kind", "status", "snooze_count")
    for name in same:
        assert getattr(first, name) == getattr(second, name) == getattr(like, name)
    assert first.created_at == second.created_at == NOW


def test_the_journal_of_many_says_what_it_says_of_one(customer: Customer, alice: User) -> None:
    domain.create_event_actions(pattern(), [follow_up(customer, "1|a", reason={})], now=NOW)
    action = Action.objects.get()
    data = Entry.objects.get(verb="action.created").data
    assert data == {
        "title": "Call",
        "assignee": action.assignee_id,
        "queue": None,
        "rule": "owner",
        "event": "NOORDER60",
        "event_name": "",
        "why": "",
    }


def test_only_untouched_live_actions_are_superseded(customer: Customer, alice: User) -> None:
    fresh, started, closed = make(customer, 3, assignee=alice)
    domain.start_action(started, by=alice, now=NOW)
    domain.complete_action(closed, outcome="reached", by=alice, now=NOW)
    ids = [fresh.pk, started.pk, closed.pk, 999_999]
    assert domain.supersede_actions(ids, now=NOW, data={"order": "1001"}) == {fresh.pk}
    assert domain.supersede_actions(ids, now=NOW) == set()
    row = Action.objects.get(pk=fresh.pk)
    assert (row.status, row.outcome, row.closed_on, row.closed_by) == ("superseded", "goal_met", TODAY, None)
    assert Entry.objects.get(verb="action.superseded").data["order"] == "1001"
    assert Action.objects.get(pk=started.pk).is_live


def test_a_met_goal_is_marked_once_on_started_actions(customer: Customer, alice: User) -> None:
    fresh, started = make(customer, 2, assignee=alice)
    domain.start_action(started, by=alice, now=NOW)
    assert domain.mark_goal_met([fresh.pk, started.pk], now=NOW) == {started.pk}
    assert domain.mark_goal_met([fresh.pk, started.pk], now=NOW) == set()
    assert Action.objects.get(pk=started.pk).goal_met_at == NOW


def test_a_stopped_event_cancels_all_or_only_the_untouched(customer: Customer, alice: User) -> None:
    fresh, started = make(customer, 2, assignee=alice)
    domain.start_action(started, by=alice, now=NOW)
    ids = [fresh.pk, started.pk]
    assert domain.cancel_actions(ids, reason="Stopped", by=alice, now=NOW, only_untouched=True) == {fresh.pk}
    assert domain.cancel_actions(ids, reason="Stopped", by=alice, now=NOW) == {started.pk}
    assert set(Action.objects.values_list("status", "outcome")) == {("cancelled", "stopped")}


def test_actions_move_by_compare_and_set(customer: Customer, alice: User, bob: User, charlie: User) -> None:
    good, other_hands, seen_late, closed = make(customer, 4, assignee=alice)
    Action.objects.filter(pk=other_hands.pk).update(assignee=charlie)
    Action.objects.filter(pk=seen_late.pk).update(assign_seq=1)
    domain.complete_action(closed, outcome="reached", by=alice, now=NOW)
    moves = [(row.pk, alice.pk, 0, bob.pk) for row in (good, other_hands, seen_late, closed)]
    moved = domain.reassign_many(
        moves, by=alice, now=NOW, verb="action.rerouted", data={"override": 7}, note="Away"
    )
    assert moved == {good.pk}
    row = Action.objects.get(pk=good.pk)
    assert (row.assignee, row.assign_seq, row.assign_note) == (bob, 1, "Away")
    entry = Entry.objects.get(verb="action.rerouted")
    assert entry.data["assignee"] == [alice.pk, bob.pk]
    assert entry.data["override"] == 7
    assert domain.reassign_many(moves, by=alice, now=NOW, verb="action.rerouted") == set()


def test_untouched_only_owner_and_queue(customer: Customer, alice: User, bob: User) -> None:
    fresh, started = make(customer, 2, assignee=alice, owner=alice)
    domain.start_action(started, by=alice, now=NOW)
    moves = [Move(row.pk, alice.pk, 0, bob.pk) for row in (fresh, started)]
    moved = domain.reassign_many(
        moves, by=None, now=NOW, verb="action.returned", only_untouched=True, change_owner=True
    )
    assert moved == {fresh.pk}
    assert Action.objects.get(pk=fresh.pk).owner == bob
    queue = Role.objects.get(code="sales_rep")
    back = [Move(fresh.pk, bob.pk, 1, None, queue.pk)]
    assert domain.reassign_many(back, by=None, now=NOW, verb="action.rerouted") == {fresh.pk}
    row = Action.objects.get(pk=fresh.pk)
    assert (row.assignee, row.queue) == (None, queue)


def test_the_number_of_statements_does_not_grow_with_the_rows(
    customer: Customer, alice: User, bob: User, django_assert_num_queries: object
) -> None:
    few = [Move(row.pk, alice.pk, 0, bob.pk) for row in make(customer, 1, assignee=alice)]
    many = [Move(row.pk, alice.pk, 0, bob.pk) for row in make(customer, 9, assignee=alice)]
    for moves in (few, many):
        with django_assert_num_queries(5):  # type: ignore[operator]  # savepoint, lock, move, journal, release
            domain.reassign_many(moves, by=alice, now=NOW, verb="action.rerouted")
