"""Limits: caps per run and person, the queue behind them, and the breaker before a flood."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from crm.models import Action, Customer
from events.domain import activation
from events.domain.event import latest_version, run_now
from events.engine import release
from events.engine.preview import preview
from events.models import Event, Occurrence, Run, Version
from orders.domain.facts import roll
from tests.events.world import customer, day, night, organise, pass_night, sale, settle, shipped, switch_on
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
BEFORE = day("2026-03-01")


@pytest.fixture
def rep() -> User:
    organise()
    user: User = UserFactory(roles=["sales_rep"])
    return user


def limit(**limits: int) -> None:
    Version.objects.filter(event=shipped("NOORDER60")).update(limits=limits)


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Occurrence.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def test_cap_per_person_and_day_leaves_the_rest_waiting(rep: User) -> None:
    limit(per_run=200, per_person_day=3)
    for _ in range(8):
        customer(rep, "2026-01-10")
    settle(BEFORE)
    event = switch_on("NOORDER60", on=BEFORE)
    assert pass_night(event, day("2026-03-11")).released.fired == 3
    assert states() == {"fired": 3, "queued": 5}
    assert pass_night(event, day("2026-03-12")).released.fired == 3
    assert pass_night(event, day("2026-03-13")).released.fired == 2
    assert states() == {"fired": 8}


def test_capped_owner_does_not_block_others(rep: User) -> None:
    limit(per_run=200, per_person_day=2)
    other = UserFactory(roles=["sales_rep"])
    for _ in range(6):
        customer(rep, "2026-01-10", facts={"sales_365": 900})
    customer(other, "2026-01-10")
    settle(BEFORE)
    event = switch_on("NOORDER60", on=BEFORE)
    pass_night(event, day("2026-03-11"))
    assert Action.objects.filter(assignee=other).count() == 1
    assert Action.objects.filter(assignee=rep).count() == 2


def test_cap_per_run_takes_the_greatest_sales_first(rep: User) -> None:
    limit(per_run=2, per_person_day=15)
    made = [customer(rep) for _ in range(4)]
    for who, total in zip(made, ("10", "4000", "30", "2000"), strict=True):
        sale(who, day("2026-01-10"), total=total)
    settle(BEFORE)
    event = switch_on("NOORDER60", on=BEFORE)
    pass_night(event, day("2026-03-11"))
    assert set(Action.objects.values_list("customer_id", flat=True)) == {made[1].pk, made[3].pk}


def test_waiting_rows_expire_when_no_longer_true(rep: User) -> None:
    limit(per_run=1, per_person_day=15)
    first, second = customer(rep, "2026-01-10"), customer(rep, "2026-01-10")
    settle(BEFORE)
    event = switch_on("NOORDER60", on=BEFORE)
    pass_night(event, day("2026-03-11"))
    waiting = Occurrence.objects.get(state="queued").subject_id
    sale(first if waiting == first.pk else second, day("2026-03-12"))
    settle(day("2026-03-12"))
    run = pass_night(event, day("2026-03-13")).run
    assert run is not None
    assert run.expired == 1
    assert Occurrence.objects.get(subject_id=waiting, anchor_on=day("2026-01-10")).state == "expired"


def test_what_is_suppressed_while_it_waits_is_not_released(rep: User) -> None:
    limit(per_run=200, per_person_day=1)
    for _ in range(2):
        customer(rep, "2026-01-10")
    settle(BEFORE)
    event = switch_on("NOORDER60", on=BEFORE)
    pass_night(event, day("2026-03-11"))
    waiting = Customer.objects.filter(pk=Occurrence.objects.get(state="queued").subject_id)
    waiting.update(do_not_contact=True)
    assert pass_night(event, day("2026-03-12")).released.fired == 0
    assert states() == {"fired": 1, "queued": 1}
    waiting.update(do_not_contact=False)
    assert pass_night(event, day("2026-03-13")).released.fired == 1


def test_a_long_line_of_a_capped_owner_neither_blocks_nor_costs(
    rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "CHUNK", 2)
    monkeypatch.setattr(release, "MOST_BATCHES", 3)
    limit(per_run=200, per_person_day=2)
    other = UserFactory(roles=["sales_rep"])
    for _ in range(12):
        sale(customer(rep), day("2026-01-10"), total="500")
    sale(customer(other), day("2026-01-10"), total="1")
    settle(BEFORE)
    event = switch_on("NOORDER60", on=BEFORE)
    assert pass_night(event, day("2026-03-11")).released.fired == 3
    assert Action.objects.filter(assignee=other).count() == 1


def test_the_last_free_place_of_a_run_goes_to_whoever_can_be_served(rep: User) -> None:
    limit(per_run=2, per_person_day=1)
    other = UserFactory(roles=["sales_rep"])
    for total in ("500", "400", "300"):
        sale(customer(rep), day("2026-01-10"), total=total)
    sale(customer(other), day("2026-01-10"), total="1")
    settle(BEFORE)
    event = switch_on("NOORDER60", on=BEFORE)
    assert pass_night(event, day("2026-03-11")).released.fired == 2
    assert Action.objects.filter(assignee=other).count() == 1


def test_queries_of_a_release_do_not_grow_with_the_line(rep: User) -> None:
    costs = [_queries_of_a_night(rep, count) for count in (1, 6)]
    assert costs[0] == costs[1]


def _queries_of_a_night(rep: User, count: int) -> int:
    sid = transaction.savepoint()
    for _ in range(count):
        customer(rep, "2026-01-10")
    settle(BEFORE)
    event = switch_on("NOORDER60", on=BEFORE)
    with CaptureQueriesContext(connection) as queries:
        assert pass_night(event, day("2026-03-11")).released.fired == count
    transaction.savepoint_rollback(sid)
    return len(queries)


def test_waiting_longer_than_the_window_expires(rep: User) -> None:
    limit(per_run=1, per_person_day=15)
    for _ in range(40):
        customer(rep, "2026-01-10")
    settle(BEFORE)
    event = switch_on("NOORDER60", on=BEFORE)
    pass_night(event, day("2026-03-11"))
    pass_night(event, day("2026-04-12"), replay=True)
    assert states() == {"fired": 1, "expired": 39}


def test_breaker_holds_a_flood_and_a_person_decides(rep: User) -> None:
    for _ in range(51):
        customer(rep, "2026-01-10")
    settle(BEFORE)
    event = switch_on("NOORDER60", on=BEFORE)
    before = event.version
    assert pass_night(event, day("2026-03-11")).held
    event = Event.objects.get(pk=event.pk)
    assert (event.status, states(), Action.objects.count()) == ("held", {"held": 51}, 0)
    assert event.version == before + 1  # a form read before would overwrite the hold
    assert pass_night(event, day("2026-03-12")).run is None
    activation.decide_held(event, release=True, reason="checked", by=None, now=night(day("2026-03-12")))
    assert pass_night(event, day("2026-03-13")).released.fired == 15


def test_breaker_ignores_replays_and_catch_ups(rep: User) -> None:
    for _ in range(51):
        customer(rep, "2026-01-10")
    settle(BEFORE)
    event = switch_on("NOORDER60", on=BEFORE)
    assert not pass_night(event, day("2026-03-11"), replay=True).held


def test_breaker_lets_a_normal_gap_pass(rep: User) -> None:
    event = _usual(rep, per_day=12, days=3)
    for _ in range(60):
        customer(rep, "2026-01-20")
    settle(day("2026-03-13"))
    assert not pass_night(event, day("2026-03-22")).held


def test_breaker_does_not_count_the_run_that_asks(rep: User) -> None:
    event = _usual(rep, per_day=11, days=1)
    for _ in range(52):  # below five times eleven
        customer(rep, "2026-01-11")
    settle(day("2026-03-11"))
    assert not pass_night(event, day("2026-03-12")).held


def test_breaker_trips_when_the_clock_jumps_further_than_the_window(rep: User) -> None:
    event = _usual(rep, per_day=2, days=1)
    customer(rep, "2026-03-20")
    settle(day("2026-03-21"))
    assert pass_night(event, day("2026-05-19")).held


def _usual(rep: User, *, per_day: int, days: int) -> Event:
    """An event that found ``per_day`` matches on each of the first ``days`` nights."""
    for offset in range(days):
        for _ in range(per_day):
            customer(rep, (day("2026-01-10") + timedelta(days=offset)).isoformat())
    settle(BEFORE)
    event = switch_on("NOORDER60", on=BEFORE)
    for offset in range(days):
        pass_night(event, day("2026-03-11") + timedelta(days=offset))
    assert Run.objects.filter(event=event, matched=per_day).count() == days
    return event


def test_one_live_follow_up_per_guard(rep: User) -> None:
    silent = customer(rep, "2026-01-10")
    settle(BEFORE)
    event = switch_on("NOORDER60", on=BEFORE)
    pass_night(event, day("2026-03-11"))
    Action.objects.update(first_touched_at=night(day("2026-03-12")), status="in_progress")
    sale(silent, day("2026-03-13"))
    settle(day("2026-03-13"))
    run = pass_night(event, day("2026-05-12")).run
    assert run is not None
    assert run.suppressed.get("open_follow_up") == 1
    assert Action.objects.filter(closed_at=None).count() == 1


def _held(rep: User, *, catchup_days: int) -> Event:
    """An event that is held since the night after 11 March, with 51 matches; one more comes on the 19th."""
    Event.objects.filter(pk=shipped("NOORDER60").pk).update(catchup_days=catchup_days)
    for _ in range(51):
        customer(rep, "2026-01-10")
    customer(rep, "2026-01-18")
    settle(BEFORE)
    event = switch_on("NOORDER60", on=day("2026-03-10"))
    assert pass_night(event, day("2026-03-11")).held
    return event


def test_what_a_person_released_does_not_expire_because_it_was_held(rep: User) -> None:
    """The manager came back after more days than the window has; his days do not trip the breaker again."""
    event = _held(rep, catchup_days=7)
    later = day("2026-03-20")
    activation.decide_held(event, release=True, reason="checked", by=None, now=night(later))
    night_after = pass_night(event, later)
    assert not night_after.held
    assert night_after.released.expired == 0
    assert night_after.released.fired == 15


def test_run_by_hand_is_held_like_the_night(rep: User) -> None:
    event = _usual(rep, per_day=2, days=1)
    for _ in range(60):
        customer(rep, "2026-01-11")
    settle(day("2026-03-11"))
    roll(day=day("2026-03-12"), now=night(day("2026-03-12")))
    assert run_now(event, by=None, now=night(day("2026-03-12"))).held


def test_all_at_once_means_all_however_many_batches_that_takes(
    rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "CHUNK", 2)
    monkeypatch.setattr(release, "MOST_BATCHES", 1)
    limit(per_run=10, per_person_day=15)
    for _ in range(10):
        customer(rep, "2026-01-10")
    settle(day("2026-03-20"))
    event, now = shipped("NOORDER60"), night(day("2026-03-20"))
    seen = preview(event, latest_version(event), now=now, by=None)
    made = activation.activate(event, choice="all", token=seen.token, by=None, now=now)
    assert made.released.fired == seen.count == 10


def test_queries_of_a_night_do_not_grow_with_records_that_the_condition_names(rep: User) -> None:
    condition = {"schema": 1, "f": "owner", "op": "is", "v": rep.pk}
    Version.objects.filter(event=shipped("NOORDER60")).update(condition=condition)
    _queries_of_a_night(rep, 1)  # reads what is kept in memory
    assert _queries_of_a_night(rep, 9) == _queries_of_a_night(rep, 2)
