"""Two at the same time: whoever comes second finds what the first did, and nothing is moved twice."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from accounts.models import User
from activity.models import Entry
from core.errors import Refused
from crm.domain.action import complete_action
from crm.models import Action
from events.domain.override import end_override, return_due, undo_override
from events.models import Override, OverrideItem
from tests.events.rerouting import BACK, LATER, holders, reroute, work_of
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run ``acts`` in threads that start together; what each returned, or the refusal it met."""
    ready = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            ready.wait(timeout=30)
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [done.result(timeout=60) for done in [threads.submit(run, act) for act in acts]]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_managers_each_row_goes_one_way(
    ann: User, bo: User, cy: User, manager: User, _round: int
) -> None:
    rows = work_of(ann, 6)
    results = at_once(
        lambda: reroute(rows[:4], bo, by=manager),
        lambda: reroute(rows[2:], cy, by=manager),
    )
    moved = [result.moved if not isinstance(result, Refused) else frozenset() for result in results]
    assert not moved[0] & moved[1]
    assert moved[0] | moved[1] == {row.pk for row in rows}
    for row in Action.objects.all():
        assert row.assign_seq == 1
        assert row.assignee == (bo if row.pk in moved[0] else cy)
    assert OverrideItem.objects.count() == Entry.objects.filter(verb="action.rerouted").count() == 6


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_double_click_makes_one_override(ann: User, bo: User, manager: User, _round: int) -> None:
    rows = work_of(ann, 3)
    token = uuid.uuid4()
    results = at_once(*[lambda: reroute(rows, bo, by=manager, form_token=token)] * 2)
    assert Override.objects.count() == 1
    assert {result.override.pk for result in results if not isinstance(result, Refused)} == {
        Override.objects.get().pk
    }
    assert Entry.objects.filter(verb="action.rerouted").count() == 3


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_closing_against_rerouting(ann: User, bo: User, manager: User, _round: int) -> None:
    (row,) = rows = work_of(ann)
    closing, rerouting = at_once(
        lambda: complete_action(Action.objects.get(pk=row.pk), outcome="reached", by=ann, now=NOW),
        lambda: reroute(rows, bo, by=manager),
    )
    stored = Action.objects.get(pk=row.pk)
    if isinstance(rerouting, Refused):
        assert (stored.closed_by, stored.assignee) == (ann, ann)
    elif isinstance(closing, Refused):
        assert (stored.closed_at, stored.assignee) == (None, bo)
    else:  # closed after it had moved, by a page that was opened before
        assert (stored.closed_by, stored.assignee) == (ann, bo)


@pytest.mark.parametrize("other", ["undo", "end", "return"])
def test_it_ends_once(ann: User, bo: User, manager: User, other: str) -> None:
    rows = work_of(ann, 4)
    override = reroute(rows, bo, by=manager).override
    second: dict[str, Callable[[], Any]] = {
        "undo": lambda: undo_override(override=override, by=manager, now=LATER),
        "end": lambda: end_override(override=override, by=manager, now=LATER),
        "return": lambda: return_due(day=BACK, now=LATER),
    }
    at_once(lambda: undo_override(override=override, by=manager, now=LATER), second[other])
    assert holders(rows) == [ann] * 4
    assert set(Action.objects.values_list("assign_seq", flat=True)) == {2}
    assert Entry.objects.filter(verb="action.returned").count() == 4
    assert Entry.objects.filter(verb__in=["override.undone", "override.ended"]).count() == 1


def test_two_ticks_return_once(ann: User, bo: User, manager: User) -> None:
    rows = work_of(ann, 4)
    reroute(rows, bo, by=manager)
    counts = at_once(*[lambda: return_due(day=BACK, now=LATER)] * 2)
    assert sorted(counts) == [0, 4]
    assert set(Action.objects.values_list("assign_seq", flat=True)) == {2}


def test_undo_against_the_receiver_at_work(ann: User, bo: User, manager: User) -> None:
    (row,) = rows = work_of(ann)
    override = reroute(rows, bo, by=manager).override
    closing, undoing = at_once(
        lambda: complete_action(Action.objects.get(pk=row.pk), outcome="reached", by=bo, now=LATER),
        lambda: undo_override(override=override, by=manager, now=LATER),
    )
    stored = Action.objects.get(pk=row.pk)
    if stored.closed_at is None:
        assert (isinstance(closing, Refused), stored.assignee) == (True, ann)
    else:
        moved = not isinstance(undoing, Refused) and row.pk in undoing.moved
        assert stored.assignee == (ann if moved else bo)
