"""Activation shows first and makes what was chosen; deactivation means nothing more is made."""

from datetime import date, time, timedelta

import pytest

from accounts.models import User
from activity.models import Entry
from core.dates import local_instant
from core.errors import Refused
from crm.models import Action
from events.domain import activation
from events.domain.event import active_version, latest_version, run_now
from events.engine.preview import preview
from events.models import Event, Occurrence, PoolCursor, Version
from orders.domain.facts import roll
from tests.events.world import (
    ZONE,
    customer,
    day,
    night,
    noon,
    organise,
    pass_night,
    settle,
    shipped,
    switch_on,
)
from tests.factories import CustomerFactory, UserFactory

pytestmark = pytest.mark.django_db
ON = day("2026-03-15")


@pytest.fixture
def rep() -> User:
    organise()
    user: User = UserFactory(name="Ann Lee", roles=["sales_rep"])
    for _ in range(5):
        customer(user, "2026-01-10")
    customer(None, "2026-01-11")
    settle(ON)
    return user


def seen(event: Event, by: User | None = None):  # type: ignore[no-untyped-def]
    return preview(event, latest_version(event), now=night(ON), by=by)


def switch(event: Event, choice: str, token: str):  # type: ignore[no-untyped-def]
    return activation.activate(event, choice=choice, token=token, by=None, now=night(ON))


def test_preview_counts_names_and_gives_reasons_without_writing(rep: User) -> None:
    found = seen(shipped("NOORDER60"))
    assert (found.count, found.per_person) == (6, (("Ann Lee", 5), ("Queue of Sales support", 1)))
    assert found.sample[0].sentence.startswith("Last order 1")
    assert not Occurrence.objects.exists()
    assert not Action.objects.exists()
    assert not PoolCursor.objects.exclude(last_user_id=0).exists()


def test_preview_sample_shows_only_customers_the_viewer_may_see(rep: User) -> None:
    manager = UserFactory(roles=["sales_manager"])
    stranger = UserFactory(roles=["sales_rep"])
    assert len(seen(shipped("NOORDER60"), manager).sample) == 6
    found = seen(shipped("NOORDER60"), stranger)
    assert (len(found.sample), found.hidden, found.others) == (0, 6, 6)


def test_from_now_on_makes_nothing(rep: User) -> None:
    event = shipped("NOORDER60")
    switch(event, "now", seen(event).token)
    assert not Occurrence.objects.exists()
    assert Event.objects.get(pk=event.pk).floor_on == ON


def test_all_makes_exactly_what_was_announced(rep: User) -> None:
    event = shipped("NOORDER60")
    announced = seen(event)
    assert switch(event, "all", announced.token).released.fired == announced.count == Action.objects.count()


def test_all_above_the_limit_is_refused_and_changes_nothing(rep: User) -> None:
    event = shipped("NOORDER60")
    Version.objects.filter(event=event).update(limits={"per_run": 5})
    with pytest.raises(Refused, match="6 follow-ups at once"):
        switch(event, "all", seen(event).token)
    assert Event.objects.get(pk=event.pk).status == "draft"
    assert not Occurrence.objects.exists()


def test_spread_queues_and_releases_under_the_limits(rep: User) -> None:
    event = shipped("NOORDER60")
    Version.objects.filter(event=event).update(limits={"per_person_day": 2})
    assert switch(event, "spread", seen(event).token).released.fired == 3  # two for Ann, one for the queue
    assert Occurrence.objects.filter(state="queued").count() == 3
    assert pass_night(event, ON + timedelta(days=1)).released.fired == 2
    assert pass_night(event, ON + timedelta(days=2)).released.fired == 1


def test_stale_preview_is_refused_by_age_count_and_definition(rep: User) -> None:
    event = shipped("NOORDER60")
    token = seen(event).token
    with pytest.raises(Refused, match="out of date"):
        activation.activate(event, choice="now", token=token, by=None, now=night(ON) + timedelta(minutes=31))
    customer(rep, "2026-01-12")
    settle(ON)
    with pytest.raises(Refused, match="showed 6 matches, now there are 7"):
        switch(event, "now", token)
    token = seen(event).token
    Version.objects.filter(event=event).update(limits={"per_run": 7})
    with pytest.raises(Refused, match="out of date"):
        switch(event, "now", token)
    with pytest.raises(Refused, match="cannot be read"):
        switch(event, "now", "forged")


def test_preview_of_another_day_is_refused(rep: User) -> None:
    """Else what comes true at midnight would be left alone without anybody having seen it."""
    event = shipped("NOORDER60")
    midnight = local_instant(ON + timedelta(days=2), time(0), ZONE)
    settle(ON)
    token = preview(event, latest_version(event), now=midnight - timedelta(minutes=1), by=None).token
    roll(day=ON + timedelta(days=1), now=midnight)
    with pytest.raises(Refused, match="out of date"):
        activation.activate(event, choice="now", token=token, by=None, now=midnight)


def test_what_happened_today_is_made_with_the_announced(rep: User) -> None:
    today = ON + timedelta(days=1)
    customer(rep, created_at=noon(today), events_from=noon(today))
    event, later = shipped("WELCOME"), noon(today) + timedelta(hours=1)
    UserFactory(roles=["sales_support"])
    found = preview(event, latest_version(event), now=later, by=None)
    result = activation.activate(event, choice="all", token=found.token, by=None, now=later)
    assert result.released.fired == found.count == Action.objects.count()
    assert Action.objects.filter(reason__sentence="Created 16 Mar").count() == 1


def test_active_event_cannot_be_activated_again(rep: User) -> None:
    event = switch_on("NOORDER60", on=ON)
    with pytest.raises(Refused, match="already on"):
        switch(event, "now", seen(event).token)


def test_published_version_never_changes(rep: User) -> None:
    event = switch_on("NOORDER60", on=ON)
    version = latest_version(event)
    version.trigger = {"kind": "created"}
    with pytest.raises(TypeError):
        version.save()


@pytest.mark.parametrize(("choice", "left"), [("keep", 6), ("cancel_untouched", 1), ("cancel_all", 0)])
def test_deactivation_asks_about_open_follow_ups(rep: User, choice: str, left: int) -> None:
    event = shipped("NOORDER60")
    switch(event, "all", seen(event).token)
    started = Action.objects.first()
    assert started is not None
    Action.objects.filter(pk=started.pk).update(status="in_progress", first_touched_at=night(ON))
    activation.deactivate(event, open_follow_ups=choice, reason="season over", by=None, now=night(ON))
    assert Action.objects.filter(closed_at=None).count() == left
    assert Event.objects.get(pk=event.pk).status == "draft"
    assert pass_night(event, ON + timedelta(days=1)).skipped == "The event is off."
    assert Entry.objects.get(verb="event.deactivated").data["reason"] == "season over"


def test_deactivation_drops_the_queue_and_needs_a_reason(rep: User) -> None:
    event = shipped("NOORDER60")
    Version.objects.filter(event=event).update(limits={"per_person_day": 1})
    switch(event, "spread", seen(event).token)
    with pytest.raises(Refused, match="Say why"):
        activation.deactivate(event, open_follow_ups="keep", reason=" ", by=None, now=night(ON))
    activation.deactivate(event, open_follow_ups="keep", reason="enough", by=None, now=night(ON))
    assert Occurrence.objects.filter(state="cancelled").count() == 4


def test_reactivation_is_no_avalanche(rep: User) -> None:
    event = switch_on("NOORDER60", on=ON)
    activation.deactivate(event, open_follow_ups="keep", reason="pause", by=None, now=night(ON))
    later = ON + timedelta(days=20)
    customer(rep, "2026-01-20")
    settle(later)
    again = preview(event, latest_version(event), now=night(later), by=None)
    activation.activate(event, choice="now", token=again.token, by=None, now=night(later))
    assert pass_night(event, later + timedelta(days=1)).released.fired == 0


def test_pause_keeps_the_queue_and_resume_goes_on(rep: User) -> None:
    event = shipped("NOORDER60")
    Version.objects.filter(event=event).update(limits={"per_person_day": 1})
    switch(event, "spread", seen(event).token)
    activation.pause(event, reason="holiday", by=None, now=night(ON))
    assert pass_night(event, ON + timedelta(days=1)).run is None
    on = ON + timedelta(days=1)
    assert resume(event, "now", on=on).released.fired == 0
    assert pass_night(event, ON + timedelta(days=2)).released.fired == 1


def resume(event: Event, choice: str, *, on: date, token: str = ""):  # type: ignore[no-untyped-def]
    """Resume on the morning after ``on``, with a fresh preview unless there is a ``token``."""
    now = night(on)
    event = Event.objects.get(pk=event.pk)
    found = preview(event, active_version(event), now=now, by=None)
    return activation.resume(event, choice=choice, token=token or found.token, by=None, now=now)


@pytest.fixture
def paused(rep: User) -> Event:
    """Paused on the day of its activation; two customers came to the point in the 20 days since."""
    event = switch_on("NOORDER60", on=ON)
    activation.pause(event, reason="fair", by=None, now=night(ON))
    for text in ("2026-01-20", "2026-01-21"):
        customer(rep, text)
    settle(ON + timedelta(days=20))
    return Event.objects.get(pk=event.pk)


@pytest.mark.parametrize(("choice", "made"), [("now", 0), ("spread", 8), ("all", 8)])
def test_resume_asks_about_the_present_matches(paused: Event, choice: str, made: int) -> None:
    """With "from now on" nothing arrives of what came true during the pause, also not in the next night."""
    on = ON + timedelta(days=20)
    assert resume(paused, choice, on=on).released.fired == made
    assert pass_night(paused, on + timedelta(days=1)).released.fired == 0
    entry = Entry.objects.get(verb="event.resumed")
    assert (entry.data["choice"], entry.data["matches"]) == (choice, 8)
    assert Event.objects.get(pk=paused.pk).version == paused.version + 1


def test_resume_needs_a_choice_a_fresh_preview_and_a_paused_event(paused: Event) -> None:
    on = ON + timedelta(days=20)
    with pytest.raises(Refused, match="Choose what happens") as refused:
        resume(paused, "", on=on)
    assert refused.value.field == "choice"
    with pytest.raises(Refused, match="out of date"):
        resume(paused, "now", on=on, token=preview_before(paused))
    assert Event.objects.get(pk=paused.pk).status == "paused"
    resume(paused, "now", on=on)
    with pytest.raises(Refused, match="only resume an event that is paused"):
        resume(paused, "now", on=on)


def preview_before(event: Event) -> str:
    """The token of a preview that is half an hour old."""
    at = night(ON + timedelta(days=20)) - timedelta(minutes=31)
    return preview(event, active_version(event), now=at, by=None).token


def test_resume_with_all_counts_what_waits_in_line(rep: User) -> None:
    event = shipped("NOORDER60")
    Version.objects.filter(event=event).update(limits={"per_run": 5, "per_person_day": 2})
    switch(event, "spread", seen(event).token)  # three are made, three wait
    activation.pause(event, reason="fair", by=None, now=night(ON))
    for _ in range(3):
        customer(rep, "2026-01-12")
    settle(ON + timedelta(days=1))
    with pytest.raises(Refused, match="6 follow-ups at once, 3 of them in line"):
        resume(event, "all", on=ON + timedelta(days=1))


def test_resume_keeps_the_version_that_was_paused(paused: Event) -> None:
    first = latest_version(paused)
    Version.objects.create(
        event=paused,
        number=2,
        trigger=first.trigger,
        action=first.action,
        assign=first.assign,
        created_at=night(ON),
    )
    resume(paused, "now", on=ON + timedelta(days=20))
    assert Event.objects.get(pk=paused.pk).active_version == first


def test_held_matches_are_not_decided_without_a_reason(rep: User) -> None:
    event = switch_on("NOORDER60", on=ON)
    Event.objects.filter(pk=event.pk).update(status="held")
    with pytest.raises(Refused, match="Say why") as refused:
        activation.decide_held(event, release=True, reason=" ", by=None, now=night(ON))
    assert refused.value.field == "reason"
    assert Event.objects.get(pk=event.pk).status == "held"


def test_system_event_is_paused_by_administrators_only(rep: User) -> None:
    event = switch_on("NOORDER60", on=ON)
    Event.objects.filter(pk=event.pk).update(is_system=True)
    event.refresh_from_db()
    with pytest.raises(Refused, match="system event"):
        activation.deactivate(event, open_follow_ups="keep", reason="x", by=None, now=night(ON))
    manager, admin = UserFactory(roles=["sales_manager"]), UserFactory(roles=["administrator"])
    with pytest.raises(Refused, match="an administrator can"):
        activation.pause(event, reason="x", by=manager, now=night(ON))
    activation.pause(event, reason="x", by=admin, now=night(ON))


def test_run_now_uses_the_same_keys(rep: User) -> None:
    event = shipped("NOORDER60")
    switch(event, "all", seen(event).token)
    assert run_now(event, by=None, now=night(ON)).released.fired == 0
    assert Action.objects.count() == 6


def test_archived_customers_never_match(rep: User) -> None:
    CustomerFactory(archived_at=night(ON), facts={})
    customer(rep, "2026-01-12", archived_at=night(ON))
    settle(ON)
    assert seen(shipped("NOORDER60")).count == 6


def test_new_version_with_other_text_and_limits_never_fires_again(rep: User) -> None:
    event = shipped("NOORDER60")
    switch(event, "all", seen(event).token)
    first = latest_version(event)
    activation.deactivate(event, open_follow_ups="cancel_all", reason="new text", by=None, now=night(ON))
    Version.objects.create(
        event=event,
        number=2,
        trigger=first.trigger,
        suppress=first.suppress,
        goal=first.goal,
        action={**first.action, "title": "Call and listen"},
        assign=first.assign,
        limits={"per_run": 50},
        created_at=night(ON),
    )
    assert seen(event).count == 0
    assert switch(event, "spread", seen(event).token).released.fired == 0
    assert Event.objects.get(pk=event.pk).active_version == latest_version(event)
    assert set(Occurrence.objects.values_list("version__number", flat=True)) == {1}
    evidence = Occurrence.objects.filter(anchor_on=day("2026-01-10"))[0].evidence
    assert (evidence["anchor_on"], evidence["trigger_on"]) == ("2026-01-10", "2026-03-11")


def test_queue_does_not_grow_too_old_during_a_pause(rep: User) -> None:
    """Three were found by a night and one was made; a pause longer than the window keeps the others."""
    event = shipped("NOORDER60")
    Version.objects.filter(event=event).update(limits={"per_person_day": 1})
    Event.objects.filter(pk=event.pk).update(catchup_days=7)
    for _ in range(3):
        customer(rep, "2026-01-20")
    settle(ON)
    event = switch_on("NOORDER60", on=day("2026-03-20"))
    assert pass_night(event, day("2026-03-21")).released.fired == 1
    activation.pause(event, reason="fair", by=None, now=night(day("2026-03-21")))
    later = day("2026-03-31")
    settle(later)
    resume(event, "now", on=later)
    released = pass_night(event, later + timedelta(days=1)).released
    assert (released.fired, released.expired) == (1, 0)
