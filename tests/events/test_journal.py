"""What happens wakes the events that ask about it: once, for the right subjects, and silently for imports."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from accounts.models import User
from activity.domain import record
from activity.models import Cause, Entry, Wake
from core.errors import Refused
from crm.models import Action, Customer
from events.domain.given_up import given_up, kinds_given_up, try_again
from events.domain.heartbeat import last_beat
from events.engine import journal
from events.engine import tick as tick_module
from events.engine.failures import note_failure
from events.engine.journal import drain
from events.engine.tick import tick
from events.models import Event, Occurrence, Run, Schedule, Version
from orders.models import SalesOrder
from tests.events.world import customer, day, night, noon, organise, pass_night, sale, settle, switch_on
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
TODAY = day("2026-03-02")


@pytest.fixture
def support() -> User:
    organise()
    settle(day("2026-03-01"))
    user: User = UserFactory(roles=["sales_support"])
    return user


def tell(subject: object, verb: str, *, at: str = "2026-03-02", cause: str = Cause.USER) -> None:
    with transaction.atomic():
        record(subject, verb, by=None, now=noon(day(at)), cause=cause)  # type: ignore[arg-type]


def test_new_customer_makes_one_follow_up_for_sales_support(support: User) -> None:
    event = switch_on("WELCOME", on=day("2026-03-01"))
    made = customer(None, created_at=noon(TODAY), events_from=noon(TODAY))
    tell(made, "customer.created")
    assert drain(now=noon(TODAY)) == 1
    action = Action.objects.get()
    assert (action.assignee, action.customer, action.kind) == (support, made, "package")
    assert action.reason["sentence"] == "Created 2 Mar"
    assert not Wake.objects.exists()
    assert Run.objects.get(event=event).kind == Run.Kind.JOURNAL


def test_consumed_wake_and_repeated_wake_make_nothing_more(support: User) -> None:
    switch_on("WELCOME", on=day("2026-03-01"))
    made = customer(None, created_at=noon(TODAY), events_from=noon(TODAY))
    for _ in range(3):
        tell(made, "customer.created")
        drain(now=noon(TODAY))
    assert Action.objects.count() == Occurrence.objects.count() == 1


def test_customer_older_than_activation_is_left_alone(support: User) -> None:
    made = customer(None, created_at=noon(day("2026-02-20")), events_from=noon(day("2026-02-20")))
    switch_on("WELCOME", on=day("2026-03-01"))
    tell(made, "customer.created")
    drain(now=noon(TODAY))
    assert not Occurrence.objects.exists()


def test_imports_are_silent_in_journal_and_sweep(support: User) -> None:
    event = switch_on("WELCOME", on=day("2026-03-01"))
    made = customer(None, created_at=noon(TODAY), events_from=None, source="import")
    tell(made, "customer.created", cause=Cause.IMPORT)
    assert not Wake.objects.exists()
    pass_night(event, TODAY, kind=Run.Kind.SWEEP)
    assert not Occurrence.objects.exists()


def test_sweep_finds_what_the_journal_missed(support: User) -> None:
    event = switch_on("WELCOME", on=day("2026-03-01"))
    customer(None, created_at=noon(TODAY), events_from=noon(TODAY))
    assert pass_night(event, TODAY, kind=Run.Kind.SWEEP).released.fired == 1


def test_first_order_fires_once_for_the_owner(support: User) -> None:
    rep = UserFactory(roles=["sales_rep"])
    switch_on("FIRSTORDER", on=day("2026-03-01"))
    made = customer(rep)
    first = sale(made, TODAY, events_from=noon(TODAY))
    settle(day("2026-03-01"))
    tell(first, "order.placed")
    second = sale(made, TODAY, events_from=noon(TODAY))
    tell(second, "order.placed")
    drain(now=noon(TODAY))
    action = Action.objects.get()
    assert action.assignee == rep
    assert action.reason["sentence"] == "First order on 2 Mar, £100.00"


def test_later_order_is_no_first_order(support: User) -> None:
    rep = UserFactory(roles=["sales_rep"])
    made = customer(rep, "2026-01-05")
    switch_on("FIRSTORDER", on=day("2026-03-01"))
    tell(sale(made, TODAY, events_from=noon(TODAY)), "order.placed")
    drain(now=noon(TODAY))
    assert not Occurrence.objects.exists()


def test_failing_event_waits_and_dies_while_others_go_on(support: User) -> None:
    switch_on("WELCOME", on=day("2026-03-01"))
    broken = switch_on("FIRSTORDER", on=day("2026-03-01"))
    _break(broken)
    made = customer(None, created_at=noon(TODAY), events_from=noon(TODAY))
    tell(made, "customer.created")
    tell(sale(made, TODAY, events_from=noon(TODAY)), "order.placed")
    drain(now=noon(TODAY))
    assert Action.objects.filter(origin_code="WELCOME").count() == 1
    wake = Wake.objects.get()
    assert (wake.verb, wake.attempts) == ("order.placed", 1)
    assert drain(now=noon(TODAY)) == 0  # it waits
    for later in ("2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"):
        drain(now=noon(day(later)))
    wake.refresh_from_db()
    assert (wake.attempts, wake.dead_at is not None) == (5, True)
    assert "The suppression 'nonsense' is unknown" in wake.last_error


def test_what_was_given_up_is_tried_again(support: User) -> None:
    broken = switch_on("FIRSTORDER", on=day("2026-03-01"))
    good = broken.active_version.suppress
    _break(broken)
    made = customer(None, created_at=noon(TODAY), events_from=noon(TODAY))
    tell(sale(made, TODAY, events_from=noon(TODAY)), "order.placed")
    for later in range(2, 7):
        drain(now=noon(day(f"2026-03-0{later}")))
    found = given_up(broken)
    assert (found.count, found.latest) == (1, noon(day("2026-03-06")))
    assert "nonsense" in found.error
    assert kinds_given_up() == {"order"}
    type(broken.active_version).objects.filter(pk=broken.active_version_id).update(suppress=good)
    now = noon(day("2026-03-07"))
    assert try_again(broken, by=support, now=now) == 1
    assert Entry.objects.get(verb="event.retried").by == support
    drain(now=now)
    assert Action.objects.get().origin_code == "FIRSTORDER"
    assert given_up(broken).count == 0
    assert not Wake.objects.exists()
    with pytest.raises(Refused):
        try_again(broken, by=support, now=now)


def test_events_of_another_kind_gave_nothing_up(support: User) -> None:
    welcome = switch_on("WELCOME", on=day("2026-03-01"))
    made = customer(None, created_at=noon(TODAY), events_from=noon(TODAY))
    tell(sale(made, TODAY, events_from=noon(TODAY)), "order.placed")
    Wake.objects.filter(verb="order.placed").update(dead_at=noon(TODAY), attempts=5)
    assert given_up(welcome).count == 0
    with pytest.raises(Refused):
        try_again(welcome, by=support, now=noon(TODAY))
    assert Wake.objects.filter(verb="order.placed", attempts=5).exists()


def _break(event: Event) -> None:
    """Let the active version name an unknown suppression, past the model's own guard."""
    assert event.active_version is not None
    type(event.active_version).objects.filter(pk=event.active_version_id).update(suppress=["nonsense"])


def test_faulted_after_three_failures_and_healthy_again(support: User) -> None:
    event = switch_on("NOORDER60", on=day("2026-03-01"))
    _break(event)
    moment = night(TODAY)
    for _ in range(3):
        Event.objects.get(pk=event.pk).schedule.__class__.objects.filter(event=event).update(
            next_run_at=moment
        )
        tick(clock=lambda: moment)
    event.refresh_from_db()
    assert event.status == Event.Status.FAULTED
    assert Run.objects.filter(event=event, error_class="Refused").count() == 3
    type(event.active_version).objects.filter(pk=event.active_version_id).update(suppress=[])
    event.schedule.__class__.objects.filter(event=event).update(next_run_at=moment)
    tick(clock=lambda: moment)
    event.refresh_from_db()
    assert event.status == Event.Status.ACTIVE


def _fail_on_journal(made: Customer, times: int) -> datetime:
    """Let the journal fail ``times`` times from noon on; the instant after the last."""
    moment = noon(TODAY)
    for _ in range(times):
        tell(made, "customer.created")
        Wake.objects.update(not_before=moment, attempts=0)
        drain(now=moment)
        moment += timedelta(minutes=1)
    return moment


def _mend(event: Event) -> None:
    assert event.active_version is not None
    type(event.active_version).objects.filter(pk=event.active_version_id).update(suppress=[])
    Wake.objects.update(not_before=noon(TODAY))


def _state(event: Event) -> tuple[str, int, int]:
    row = Event.objects.select_related("schedule").get(pk=event.pk)
    return row.status, row.schedule.consecutive_failures, row.schedule.journal_failures


def test_journal_that_fails_marks_the_event_and_one_that_works_again_clears_it(support: User) -> None:
    event = switch_on("WELCOME", on=day("2026-03-01"))
    made = customer(None, created_at=noon(TODAY), events_from=noon(TODAY))
    _break(event)
    moment = _fail_on_journal(made, 2)
    assert _state(event) == ("active", 0, 2)
    moment = _fail_on_journal(made, 1)
    assert _state(event) == ("faulted", 0, 3)
    assert Event.objects.get(pk=event.pk).version == event.version + 1
    _mend(event)
    drain(now=moment)
    assert _state(event) == ("active", 0, 0)
    assert Event.objects.get(pk=event.pk).version == event.version + 2
    assert Action.objects.count() == 1
    verbs = Entry.objects.filter(verb__in=["event.faulted", "event.recovered"]).order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["event.faulted", "event.recovered"]


def test_failing_journal_never_puts_off_the_next_clock_run(support: User) -> None:
    """It may fail every minute: then the night, which finds what the journal missed, would never come."""
    event = switch_on("WELCOME", on=day("2026-03-01"))
    made = customer(None, created_at=noon(TODAY), events_from=noon(TODAY))
    _break(event)
    _fail_on_journal(made, 3)
    retry = noon(TODAY) + timedelta(hours=6, minutes=2)  # sooner than the night
    assert Schedule.objects.get(event=event).next_run_at == retry
    _fail_on_journal(made, 5)
    assert Schedule.objects.get(event=event).next_run_at <= retry


def test_clock_run_that_works_clears_what_the_journal_failed(support: User) -> None:
    event = switch_on("WELCOME", on=day("2026-03-01"))
    made = customer(None, created_at=noon(TODAY), events_from=noon(TODAY))
    _break(event)
    _fail_on_journal(made, 3)
    _mend(event)
    assert pass_night(event, TODAY, kind=Run.Kind.SWEEP).released.fired == 1
    assert _state(event) == ("active", 0, 0)


def test_journal_that_works_does_not_hide_clock_runs_that_fail(support: User) -> None:
    event = switch_on("WELCOME", on=day("2026-03-01"))
    for _ in range(3):
        note_failure(event, RuntimeError("too slow"), kind=Run.Kind.SWEEP, now=night(TODAY))
    assert Schedule.objects.get(event=event).next_run_at == night(TODAY) + timedelta(hours=6)
    made = customer(None, created_at=noon(TODAY), events_from=noon(TODAY))
    tell(made, "customer.created")
    drain(now=noon(TODAY))
    assert Action.objects.count() == 1  # a faulted event goes on
    assert _state(event) == ("faulted", 3, 0)


def test_rows_of_a_busy_event_stay_and_do_not_keep_the_tick(
    support: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on("WELCOME", on=day("2026-03-01"))
    made = customer(None, created_at=noon(TODAY), events_from=noon(TODAY))
    tell(made, "customer.created")
    asked: list[int] = []
    monkeypatch.setattr(journal, "try_event_lock", lambda pk: asked.append(pk) or False)  # another holds it
    moment = noon(TODAY)
    assert tick(clock=lambda: moment)["journal"] == 0
    assert len(asked) == 1
    assert (Wake.objects.get().attempts, Occurrence.objects.count()) == (0, 0)


def test_failing_night_stops_the_beat_but_not_the_journal(
    support: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = switch_on("WELCOME", on=day("2026-03-01"))
    made = customer(None, created_at=noon(TODAY), events_from=noon(TODAY))
    tell(made, "customer.created")

    def fail(*args: object, **kwargs: object) -> int:
        raise RuntimeError("broken")

    monkeypatch.setattr(tick_module, "roll", fail)
    moment = night(TODAY) + timedelta(hours=1)
    with pytest.raises(RuntimeError, match="broken"):
        tick(clock=lambda: moment)
    assert Occurrence.objects.count() == 1
    assert last_beat() is None
    assert not Run.objects.filter(event=event, kind=Run.Kind.SWEEP).exists()  # no failure of the event's own


def test_tick_with_nothing_to_do_is_cheap(support: User, django_assert_max_num_queries: object) -> None:
    moment = noon(TODAY)
    tick(clock=lambda: moment)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        tick(clock=lambda: moment)


def test_reason_tells_the_first_order_that_counts_when_it_is_released(support: User) -> None:
    """The order that it was found by was cancelled while it waited in line."""
    rep = UserFactory(roles=["sales_rep"])
    event = switch_on("FIRSTORDER", on=day("2026-03-01"))
    Version.objects.filter(event=event).update(limits={"per_person_day": 1})
    for total in ("500", "100"):
        order = sale(customer(rep), TODAY, events_from=noon(TODAY), total=total)
        tell(order, "order.placed")
    drain(now=noon(TODAY))
    waiting = Occurrence.objects.get(state="queued")
    SalesOrder.objects.filter(pk=order.pk).update(status="cancelled", cancelled_at=noon(TODAY))
    sale(order.customer, day("2026-03-03"), events_from=noon(day("2026-03-03")), total="7")
    pass_night(event, day("2026-03-03"), kind=Run.Kind.SWEEP)
    action = Action.objects.get(customer_id=waiting.customer_id)
    assert action.reason["sentence"] == "First order on 3 Mar, £7.00"
    assert action.anchor_on == day("2026-03-03")


def test_run_of_the_journal_tells_what_expired(support: User) -> None:
    event = switch_on("WELCOME", on=day("2026-03-01"))
    Version.objects.filter(event=event).update(limits={"per_person_day": 1})
    for _ in range(2):
        tell(customer(None, created_at=noon(TODAY), events_from=noon(TODAY)), "customer.created")
    drain(now=noon(TODAY))
    waiting = Customer.objects.get(pk=Occurrence.objects.get(state="queued").customer_id)
    Customer.objects.filter(pk=waiting.pk).update(archived_at=noon(TODAY))
    tell(waiting, "customer.created")
    drain(now=noon(TODAY))
    assert Occurrence.objects.get(customer_id=waiting.pk).state == "expired"
    assert Run.objects.order_by("pk").last().expired == 1  # type: ignore[union-attr]
