"""No orders in 60 days: once per silence, on local dates, whenever it is asked."""

import pytest

from accounts.models import User
from core.errors import Refused
from crm.models import Action
from events.definition import definition_of
from events.domain.event import latest_version
from events.engine.evaluate import Order, dry_run, evaluate
from events.models import Event, Occurrence, Run, Version
from tests.events.world import customer, day, night, organise, pass_night, sale, settle, shipped, switch_on
from tests.factories import ActionFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep() -> User:
    organise()
    user: User = UserFactory(roles=["sales_rep"])
    return user


def keys(event: Event) -> set[tuple[int, str]]:
    return set(Occurrence.objects.filter(event=event).values_list("subject_id", "okey"))


def test_fires_on_day_60_and_not_before(rep: User) -> None:
    silent = customer(rep, "2026-01-10")
    settle(day("2026-01-31"))
    event = switch_on("NOORDER60", on=day("2026-01-31"))
    assert pass_night(event, day("2026-03-10")).released.fired == 0
    assert pass_night(event, day("2026-03-11")).released.fired == 1
    assert keys(event) == {(silent.pk, "1|since:order:2026-01-10")}


def test_follow_up_carries_person_due_day_and_reason(rep: User) -> None:
    silent = customer(rep, "2026-01-10")
    settle(day("2026-01-31"))
    event = switch_on("NOORDER60", on=day("2026-03-01"))
    pass_night(event, day("2026-03-11"))
    action = Action.objects.get()
    assert (action.assignee, action.owner, action.customer) == (rep, rep, silent)
    assert action.due_on == day("2026-03-17")  # three business days after Thursday the 12th
    assert action.original_due_on == action.due_on
    assert action.guard_key == f"lapse:customer:{silent.pk}"
    assert action.reason["sentence"] == "Last order 10 Jan"
    assert action.reason["event_code"] == "NOORDER60"
    occurrence = Occurrence.objects.get()
    assert (occurrence.state, occurrence.action, occurrence.trigger_on) == (
        "fired",
        action,
        day("2026-03-11"),
    )


def test_the_reason_stays_true_on_any_later_day(rep: User) -> None:
    """A count of days would be wrong from the next morning on; the facts say as of when they counted."""
    customer(rep, "2025-11-18", "2025-11-30", "2025-12-12", "2025-12-24", "2026-01-05")
    customer(rep, "2025-12-20")
    settle(day("2026-01-31"))
    event = switch_on("NOORDER60", on=day("2026-02-10"))
    pass_night(event, day("2026-03-06"))
    old, usual = (row.reason for row in Action.objects.order_by("anchor_on"))
    assert usual["sentence"] == "Last order 5 Jan, usually every 12 days"
    assert usual["facts"] == [
        {"label": "Last order", "text": "5 Jan 2026, 60 days before 6 Mar 2026"},
        {"label": "Usual interval", "text": "12 days"},
        {"label": "Event asks for", "text": "60 days or more without an order"},
    ]
    assert old["sentence"] == "Last order 20 Dec 2025"  # of another year than the follow-up


def test_a_condition_is_answered_as_of_the_judged_day(rep: User) -> None:
    customer(rep, "2026-01-10")
    settle(day("2026-01-31"))
    event = switch_on("NOORDER60", on=day("2026-03-01"))
    asked = {"f": "last_order_on", "op": "older_than", "v": 59, "unit": "days"}
    Version.objects.filter(event=event).update(condition=asked)
    pass_night(event, day("2026-03-11"))
    fact = Action.objects.get().reason["facts"][-1]["text"]
    assert fact == "10 Jan 2026, 60 days ago as of 11 Mar 2026; event asks for: 59 days or more"


def test_same_silence_never_fires_again(rep: User) -> None:
    customer(rep, "2026-01-10")
    settle(day("2026-01-31"))
    event = switch_on("NOORDER60", on=day("2026-03-01"))
    pass_night(event, day("2026-03-11"))
    Action.objects.update(
        status="done", outcome="reached", closed_at=night(day("2026-03-12")), closed_on=day("2026-03-12")
    )
    for on in ("2026-03-11", "2026-03-12", "2026-03-12", "2026-04-11"):
        pass_night(event, day(on))
    assert Occurrence.objects.count() == Action.objects.count() == 1


def test_next_silence_fires_again(rep: User) -> None:
    silent = customer(rep, "2026-01-10")
    settle(day("2026-01-31"))
    event = switch_on("NOORDER60", on=day("2026-03-01"))
    pass_night(event, day("2026-03-11"))
    sale(silent, day("2026-03-20"))
    settle(day("2026-03-20"))
    pass_night(event, day("2026-03-21"))
    pass_night(event, day("2026-04-20"))
    pass_night(event, day("2026-05-19"))
    assert keys(event) == {(silent.pk, "1|since:order:2026-01-10"), (silent.pk, "1|since:order:2026-03-20")}


def test_catches_up_after_an_outage_within_the_window(rep: User) -> None:
    customer(rep, "2026-01-10")
    settle(day("2026-01-31"))
    event = switch_on("NOORDER60", on=day("2026-03-01"))
    result = pass_night(event, day("2026-03-25"))
    assert (result.released.fired, result.run.gap_days) == (1, 24)  # type: ignore[union-attr]


def test_what_fell_out_of_the_window_is_counted_not_silent(rep: User) -> None:
    for text in ("2026-01-10", "2026-01-11", "2026-03-01"):
        customer(rep, text)
    settle(day("2026-03-01"))
    event = switch_on("NOORDER60", on=day("2026-03-09"))
    run = pass_night(event, day("2026-04-30")).run
    assert run is not None
    assert (run.out_of_window, run.matched, run.gap_days) == (2, 1, 52)


def test_from_now_on_leaves_present_silences_alone(rep: User) -> None:
    customer(rep, "2026-01-01")
    customer(rep, "2026-01-10")
    settle(day("2026-03-05"))
    event = switch_on("NOORDER60", on=day("2026-03-05"))
    pass_night(event, day("2026-03-20"))
    assert {key for _, key in keys(event)} == {"1|since:order:2026-01-10"}


def test_cancelling_one_of_two_orders_of_a_day_does_not_fire_the_silence_twice(rep: User) -> None:
    silent = customer(rep, "2026-01-10", "2026-01-10")
    settle(day("2026-01-31"))
    event = switch_on("NOORDER60", on=day("2026-03-01"))
    pass_night(event, day("2026-03-11"))
    one = silent.salesorders.order_by("-pk")[0]
    one.status, one.cancelled_at = "cancelled", night(day("2026-03-12"))
    one.save()
    settle(day("2026-03-12"))
    pass_night(event, day("2026-03-13"))
    assert Occurrence.objects.count() == 1


def test_time_never_goes_back(rep: User) -> None:
    customer(rep, "2026-01-10")
    settle(day("2026-03-11"))
    event = switch_on("NOORDER60", on=day("2026-03-11"))
    with pytest.raises(Refused, match="already stand"):
        evaluate(
            event.pk, Order(kind=Run.Kind.MANUAL, now=night(day("2026-03-11")), judged_day=day("2026-03-10"))
        )


def test_a_day_that_the_facts_have_not_reached_is_refused(rep: User) -> None:
    settle(day("2026-03-11"))
    event = switch_on("NOORDER60", on=day("2026-03-11"))
    with pytest.raises(Refused, match="not been rolled"):
        evaluate(event.pk, Order(kind=Run.Kind.SCHEDULED, now=night(day("2026-03-12"))))


def test_suppressed_customers_fire_when_the_reason_ends(rep: User) -> None:
    silent = customer(rep, "2026-01-10", do_not_contact=True)
    settle(day("2026-01-31"))
    event = switch_on("NOORDER60", on=day("2026-03-01"))
    run = pass_night(event, day("2026-03-11")).run
    assert run is not None
    assert run.suppressed == {"do_not_contact": 1, "any": 1}
    assert not Occurrence.objects.exists()
    type(silent).objects.filter(pk=silent.pk).update(do_not_contact=False)
    assert pass_night(event, day("2026-03-13")).released.fired == 1


def test_a_night_counts_what_the_question_alone_counts(rep: User) -> None:
    """Known, kept back for each reason, and new: the answer that is kept says what asking again would say."""
    customer(rep, "2026-01-09", name="Known")
    settle(day("2026-01-31"))
    event = switch_on("NOORDER60", on=day("2026-03-09"))
    pass_night(event, day("2026-03-10"))
    for fields in ({"do_not_contact": True}, {"is_test": True, "status": "on_hold"}, {"status": "closed"}):
        customer(rep, "2026-01-10", **fields)
    busy = customer(rep, "2026-01-10", name="Busy")
    guard = f"{definition_of(latest_version(event)).action.guard}:customer:{busy.pk}"
    ActionFactory(customer=busy, assignee=rep, guard_key=guard)
    customer(rep, "2026-01-10", name="New")
    settle(day("2026-03-11"))
    order = Order(Run.Kind.MANUAL, night(day("2026-03-11")), judged_day=day("2026-03-11"))
    asked = dry_run(event, latest_version(event), order).counts
    result = pass_night(event, day("2026-03-11"))
    assert result.run is not None, result.skipped
    found = (result.run.matched, result.run.already_known, result.run.suppressed)
    assert found == (asked.new, asked.already_known, asked.suppressed)
    assert (asked.matched, asked.already_known, asked.new) == (6, 1, 1)
    reasons = {"test_record": 1, "not_trading": 2, "do_not_contact": 1, "open_follow_up": 1, "any": 4}
    assert asked.suppressed == reasons


def test_a_day_that_is_named_means_its_end_whatever_was_ordered_since(rep: User) -> None:
    """The facts stand at that day, but an order of today has moved their columns on."""
    silent = customer(rep, "2026-01-10")
    settle(day("2026-03-12"))
    sale(silent, day("2026-03-13"))
    settle(day("2026-03-12"))
    event = shipped("NOORDER60")
    for named, found in (
        (day("2026-03-11"), (silent.number,)),
        (day("2026-03-12"), (silent.number,)),
        (None, ()),
    ):
        order = Order(kind=Run.Kind.MANUAL, now=night(day("2026-03-12")), judged_day=named, catch_up="all")
        assert dry_run(event, latest_version(event), order).customers == found
