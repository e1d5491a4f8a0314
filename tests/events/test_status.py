"""Status: every number is the number of rows of the list it leads to, for whoever looks."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.domain.absence import add_absence
from accounts.models import Role, Team, User
from crm.filters.action import followup_query
from crm.models import Action
from events.domain.status import (
    AGES,
    Matrix,
    Tally,
    age_params,
    board,
    closed_params,
    open_params,
    overdue_params,
    overdue_rows,
    sees_everybody,
    status_rows,
    today_params,
)
from events.models import Event
from tests.factories import NOW, ActionFactory, CustomerFactory, UserFactory

TODAY = NOW.date()

pytestmark = pytest.mark.django_db


def event_row(code: str, **fields: Any) -> dict[str, Any]:
    """The fields of a follow-up that an event made."""
    place = Action.objects.count()
    return {"origin": "event", "origin_code": code, "origin_key": f"{code}:{place}:{id(fields)}", **fields}


def closed(days_ago: int, *, late: int = 0, took: int = 2) -> dict[str, Any]:
    """The fields of a follow-up closed ``days_ago``, ``late`` days after its first due date."""
    day = TODAY - timedelta(days=days_ago)
    at = NOW - timedelta(days=days_ago)
    return {
        "status": "done",
        "outcome": "reached",
        "closed_on": day,
        "closed_at": at,
        "created_at": at - timedelta(days=took),
        "original_due_on": day - timedelta(days=late),
    }


def due(days: int) -> dict[str, Any]:
    """Due in ``days`` days; negative is overdue."""
    day = TODAY + timedelta(days=days)
    return {"due_on": day, "original_due_on": day}


@pytest.fixture
def theirs(alice: User, bob: User, charlie: User, north_shops: Team, south: Team) -> dict[str, User]:
    """Three reps with customers of their own."""
    for user, team in ((alice, north_shops), (bob, north_shops), (charlie, south)):
        CustomerFactory(owner=user, team=team)
    return {"alice": alice, "bob": bob, "charlie": charlie}


def numbers(matrix: Matrix) -> Iterator[tuple[int, dict[str, str]]]:
    """Every number on the board with the parameters of its list."""
    lines = [*matrix.people, *matrix.queues]
    tallies: list[Tally] = [matrix.total, *(column.total for column in matrix.columns)]
    tallies += [cell for line in lines for cell in [*line.cells, line.total]]
    for tally in tallies:
        yield tally.open, open_params(tally.params)
        yield tally.overdue, overdue_params(tally.params)
        yield tally.today, today_params(tally.params)
        yield tally.closed, closed_params(tally.params, matrix.day)
        for place in range(len(AGES)):
            yield tally.ages[place], age_params(tally.params, matrix.day, place)
    if matrix.everybody:
        yield matrix.in_queues.open, open_params(matrix.in_queues.params)
        yield matrix.in_queues.overdue, overdue_params(matrix.in_queues.params)


def some_follow_ups(draw: random.Random, users: list[User]) -> None:
    """Open and closed ones, by hand and from two events, with people and in queues, of any age."""
    queues = list(Role.objects.filter(code__in=["sales_support", "credit"]))
    for place in range(draw.randint(0, 25)):
        user = draw.choice(users)
        hands = (
            {"assignee": user} if draw.random() < 0.8 else {"assignee": None, "queue": draw.choice(queues)}
        )
        made = (
            {"origin": "event", "origin_code": draw.choice(["ONE", "TWO"]), "origin_key": f"key:{place}"}
            if draw.random() < 0.7
            else {}
        )
        when = due(draw.randint(-12, 3))
        if draw.random() < 0.4:
            when |= closed(draw.randint(0, 45), late=draw.randint(-2, 2))
        owner = draw.choice([None, *users])
        customer = CustomerFactory(owner=owner, team=owner.teams.first()) if owner else None
        ActionFactory(**hands, **made, **when, customer=customer)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_every_number_is_the_number_of_its_rows(
    theirs: dict[str, User], manager: User, executive: User, lead: User, overseer: User, seed: int
) -> None:
    draw = random.Random(seed)
    with transaction.atomic():
        for code in ("ONE", "TWO", "OFF"):
            Event.objects.create(code=code, name=f"Event {code}", created_at=NOW)
        some_follow_ups(draw, [*theirs.values(), manager])
        for viewer in (manager, executive, lead, overseer, theirs["alice"]):
            fresh = User.objects.get(pk=viewer.pk)
            matrix = board(fresh, day=TODAY)
            assert overdue_rows(fresh, day=TODAY).count() == matrix.total.overdue
            for number, params in numbers(matrix):
                rows = followup_query(params, fresh, today=TODAY, rows=status_rows(fresh))
                assert rows.count() == number, (viewer, params)
        transaction.set_rollback(True)


class TestWhatItSays:
    def test_counts_by_person_and_event(self, theirs: dict[str, User], manager: User) -> None:
        alice, bob = theirs["alice"], theirs["bob"]
        Event.objects.create(code="ONE", name="No orders", created_at=NOW)
        ActionFactory(assignee=alice, **event_row("ONE", **due(-2)))
        ActionFactory(assignee=alice, **event_row("ONE", **due(0)))
        ActionFactory(assignee=alice, **due(-9))
        ActionFactory(assignee=bob, **event_row("ONE", **closed(3)))
        ActionFactory(assignee=bob, **event_row("ONE", **closed(29, late=1)))
        ActionFactory(assignee=bob, **event_row("ONE", **closed(30)))
        matrix = board(manager, day=TODAY)
        assert [column.name for column in matrix.columns] == ["No orders", "Added by hand"]
        first, second, third = matrix.people
        assert (first.user, first.total.open, first.total.overdue) == (alice, 3, 2)
        assert [(cell.open, cell.overdue) for cell in first.cells] == [(2, 1), (1, 1)]
        assert (first.total.ages, first.total.today) == ([1, 0, 1], 1)
        assert (second.user, second.total.closed, second.total.on_time_percent) == (bob, 2, 50)
        assert (third.user, bool(third.total)) == (theirs["charlie"], False)
        assert (matrix.total.open, matrix.total.overdue, matrix.total.closed) == (3, 2, 2)
        assert matrix.oldest_lines == [first]
        assert matrix.median_days == pytest.approx(2)

    def test_queues_have_rows_of_their_own(self, theirs: dict[str, User], manager: User) -> None:
        queue = Role.objects.get(code="sales_support")
        ActionFactory(assignee=None, queue=queue, **due(-1))
        matrix = board(manager, day=TODAY)
        assert [(line.name, line.total.open) for line in matrix.queues] == [("Sales support", 1)]
        assert (matrix.in_queues.open, matrix.in_queues.overdue) == (1, 1)
        assert matrix.total.open == 1

    def test_says_who_is_away_and_keeps_who_has_left(self, theirs: dict[str, User], manager: User) -> None:
        alice, bob = theirs["alice"], theirs["bob"]
        add_absence(user=alice, starts_on=TODAY, by=None, now=NOW, reason="sick")
        ActionFactory(assignee=bob)
        User.objects.filter(pk=bob.pk).update(is_active=False, deactivated_at=NOW)
        lines = {line.name: line for line in board(manager, day=TODAY).people}
        assert lines["Alice"].absence is not None
        assert lines["Bob"].user is not None
        assert not lines["Bob"].user.is_active

    def test_an_event_that_is_on_has_a_column_before_it_made_anything(self, manager: User) -> None:
        Event.objects.create(code="OFF", name="Switched off", created_at=NOW)
        Event.objects.create(code="PAUSED", name="Paused", status="paused", created_at=NOW)
        assert [column.code for column in board(manager, day=TODAY).columns] == ["PAUSED"]

    def test_nothing_yet(self, manager: User) -> None:
        matrix = board(manager, day=TODAY)
        assert (matrix.people, matrix.columns, matrix.oldest_lines, matrix.median_days) == ([], [], [], None)


class TestWhoSeesWhat:
    def test_a_lead_sees_the_teams_below(self, theirs: dict[str, User], lead: User) -> None:
        for user in theirs.values():
            customer = CustomerFactory(owner=user, team=user.teams.get())
            ActionFactory(assignee=user, customer=customer)
        # The lead may open this one, but whose it is he does not answer for.
        ActionFactory(assignee=theirs["charlie"], customer=CustomerFactory(team=lead.led_teams.get()))
        matrix = board(lead, day=TODAY)
        assert not matrix.everybody
        assert {line.name for line in matrix.people} == {"Alice", "Bob"}
        assert matrix.total.open == 2
        assert matrix.queues == []

    def test_workloads_are_totals_also_for_who_may_not_open_them(
        self, theirs: dict[str, User], manager: User, overseer: User
    ) -> None:
        for user in theirs.values():
            ActionFactory(assignee=user, customer=CustomerFactory(owner=user), **due(-1))
            ActionFactory(assignee=user, customer=CustomerFactory(owner=user), **closed(1))
        ActionFactory(assignee=None, queue=Role.objects.get(code="credit"))
        seen, whole = (
            [
                (line.name, line.total.open, line.total.overdue, line.total.closed)
                for line in [*matrix.people, *matrix.queues]
            ]
            for matrix in (board(overseer, day=TODAY), board(manager, day=TODAY))
        )
        assert seen == whole
        assert sum(number for _, number, _, _ in whole) == 4

    def test_the_right_or_a_role_with_all_records_shows_everybody(
        self, manager: User, executive: User, admin: User, lead: User
    ) -> None:
        assert [sees_everybody(user) for user in (manager, executive, admin, lead)] == [
            True,
            True,
            True,
            False,
        ]


def test_the_number_of_queries_does_not_depend_on_people_and_rows(manager: User) -> None:
    def queries() -> int:
        viewer = User.objects.get(pk=manager.pk)
        viewer.has_perm("crm.view_action")
        assert viewer.record_scope.covers_all("crm.view_action")
        with CaptureQueriesContext(connection) as captured:
            board(viewer, day=TODAY)
        return len(captured)

    ActionFactory(assignee=UserFactory(), **event_row("ONE"))
    alone = queries()
    for place in range(6):
        ActionFactory(assignee=UserFactory(), **event_row(f"EVENT{place}", **due(-place)))
        ActionFactory(assignee=UserFactory(), **event_row("ONE", **closed(place)))
        ActionFactory(assignee=None, queue=Role.objects.get(code="credit"))
    assert queries() == alone <= 5
