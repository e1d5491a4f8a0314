"""Goals: an order closes what nobody touched, and asks about what somebody started."""

from datetime import timedelta

import pytest

from accounts.models import User
from crm.models import Action
from events.domain import activation
from events.engine import tick as tick_module
from events.engine.tick import tick
from events.models import Event, Run, Schedule
from tests.events.world import customer, day, night, noon, organise, pass_night, sale, settle, switch_on
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    organise()
    rep: User = UserFactory(roles=["sales_rep"])
    customer(rep, "2026-01-10")
    settle(day("2026-03-01"))
    made = switch_on("NOORDER60", on=day("2026-03-01"))
    pass_night(made, day("2026-03-11"))
    return made


def order_on(text: str) -> None:
    customer_of_the_test = Action.objects.get().customer
    assert customer_of_the_test is not None
    sale(customer_of_the_test, day(text))
    settle(day(text))


def test_untouched_is_superseded(event: Event) -> None:
    order_on("2026-03-12")
    assert pass_night(event, day("2026-03-12")).run.superseded == 1  # type: ignore[union-attr]
    action = Action.objects.get()
    assert (action.status, action.outcome, action.closed_by) == ("superseded", "goal_met", None)


def test_started_stays_and_asks(event: Event) -> None:
    Action.objects.update(status="in_progress", first_touched_at=noon(day("2026-03-12")))
    order_on("2026-03-12")
    assert pass_night(event, day("2026-03-12")).run.superseded == 0  # type: ignore[union-attr]
    action = Action.objects.get()
    assert (action.status, action.goal_met_at) == ("in_progress", night(day("2026-03-12")))


def test_tick_closes_on_the_day_of_the_order(event: Event) -> None:
    order_on("2026-03-12")
    moment = noon(day("2026-03-12"))
    assert tick(clock=lambda: moment)["superseded"] == 1


def test_goals_close_follow_ups_of_an_event_that_is_off(event: Event) -> None:
    activation.deactivate(
        event, open_follow_ups="keep", reason="season over", by=None, now=night(day("2026-03-11"))
    )
    order_on("2026-03-12")
    moment = noon(day("2026-03-12"))
    assert tick(clock=lambda: moment)["superseded"] == 1


def test_failing_goals_neither_put_off_the_night_nor_fill_the_list_of_runs(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> int:
        raise RuntimeError("broken")

    monkeypatch.setattr(tick_module, "goal_pass", fail)
    due, moment = Schedule.objects.get(event=event).next_run_at, noon(day("2026-03-12"))
    tick(clock=lambda: moment)
    assert Schedule.objects.get(event=event).next_run_at == due
    for _ in range(4):
        tick(clock=lambda: moment)
    assert Run.objects.filter(event=event, kind=Run.Kind.GOAL).count() == 3
    assert Event.objects.get(pk=event.pk).status == Event.Status.FAULTED


def test_order_before_the_anchor_changes_nothing(event: Event) -> None:
    order_on("2026-01-05")
    pass_night(event, day("2026-03-12"))
    assert Action.objects.get().status == "open"


def test_goals_of_an_event_that_is_off_rest_and_are_asked_again(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing evaluates it, so nothing else would ever end the rest."""
    activation.deactivate(
        event, open_follow_ups="keep", reason="season over", by=None, now=night(day("2026-03-11"))
    )
    moment = noon(day("2026-03-12"))
    with monkeypatch.context() as broken:
        broken.setattr(tick_module, "goal_pass", lambda *args, **kwargs: 1 / 0)
        for _ in range(4):
            tick(clock=lambda: moment)
    assert Run.objects.filter(event=event, kind=Run.Kind.GOAL).count() == 3
    order_on("2026-03-12")
    assert tick(clock=lambda: moment)["superseded"] == 0
    later = moment + timedelta(hours=6)
    assert tick(clock=lambda: later)["superseded"] == 1
    assert Schedule.objects.get(event=event).journal_failures == 0
