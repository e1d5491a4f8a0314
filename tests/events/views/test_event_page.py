"""What the pages of events say of an event's state, its next run and its history."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from activity.domain import record
from core.clock import database_now
from core.errors import Refused
from crm.models import Action, Customer
from events.domain import activation
from events.models import Event, Run
from tests.events.rerouting import reroute
from tests.events.views.conftest import follow_up
from tests.events.views.test_event import LIST, address, page, resume, switch_on
from tests.people import SignIn

pytestmark = pytest.mark.django_db


def pause(client: Client, event: Event, reason: str = "Fair week") -> Any:
    return client.post(address(event, "pause"), {"reason": reason})


class TestState:
    def test_a_paused_event_is_neither_on_nor_planned(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse)
        assert "1 on, 2 off" in page(client, LIST)
        pause(client, lapse)
        listed, own = page(client, LIST), page(client, address(lapse))
        assert "1 paused, 2 off" in listed
        assert "Paused. Resume No orders in 60 days" in listed
        assert "None while paused" in listed
        assert "None while paused" in own
        assert "Active version" not in own

    def test_what_an_outage_lost_is_said_on_the_page_and_in_its_runs(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse)
        assert "came true unseen" not in page(client, address(lapse))
        lapse.refresh_from_db()
        Run.objects.create(
            event=lapse, version=lapse.active_version, kind="scheduled", as_of=database_now().date(),
            started_at=database_now(), out_of_window=7717, expired=8818,
        )  # fmt: skip
        assert "7,717 matches came true unseen." in page(client, address(lapse))
        runs = page(client, address(lapse, "runs"))
        assert "8818" in runs
        assert "7717" in runs
        Run.objects.filter(event=lapse).update(started_at=database_now() - timedelta(days=31))
        assert "came true unseen" not in page(client, address(lapse))

    def test_a_running_event_says_when_it_runs_next_and_which_version(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse)
        assert "Next: None planned" not in row_of(page(client, LIST), lapse)
        assert "Active version" in page(client, address(lapse))

    def test_a_held_event_waits_and_one_that_is_off_has_no_active_version(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse)
        Event.objects.filter(pk=lapse.pk).update(status="held")
        assert "None while held" in page(client, LIST)
        assert "1 held, 2 off" in page(client, LIST)
        client.post(address(lapse, "deactivate"), {"open_follow_ups": "keep", "reason": "Test"})
        assert "Active version" not in page(client, address(lapse))
        assert "Off. Activate No orders in 60 days" in page(client, LIST)


def row_of(html: str, event: Event) -> str:
    """The row of the event in the list."""
    return next(part for part in html.split("<tr>") if event.get_absolute_url() in part)


def sorted_by(html: str) -> str:
    """The header that carries the arrow."""
    heads: list[str] = re.findall(r"<th[^>]*aria-sort[^>]*>(.*?)</th>", html, re.S)
    assert len(heads) == 1
    return re.sub(r"<[^>]+>", "", heads[0]).strip()


class TestLists:
    def test_the_arrow_stands_at_the_column_that_sorts(
        self, manager: User, bo: User, ann: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse, "spread")
        reroute(list(Action.objects.filter(assignee=bo)), ann, by=manager)
        assert sorted_by(page(client, address(lapse, "occurrences"))) == "Found"
        assert sorted_by(page(client, "/override/past/")) == "Rerouted"

    def test_what_was_left_out_is_a_list_without_a_comma_at_its_end(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse)
        Run.objects.create(
            event=lapse,
            version=lapse.versions.get(),
            kind="scheduled",
            as_of="2026-11-20",
            started_at=database_now(),
            suppressed={"test_record": 2, "do_not_contact": 1, "any": 3},
        )
        html = page(client, address(lapse, "runs"))
        assert re.search(r">test record 2</span>, <span[^>]*>do not contact 1</span></td>", html)


class TestTiles:
    def test_overdue_is_loud_and_every_tile_has_its_context(
        self, manager: User, ann: User, lapse: Event, today: date, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        for url in (LIST, address(lapse), "/status/"):
            assert not tile(client, url, "Overdue").is_loud
        follow_up(ann, today, late=2)
        follow_up(ann, today)
        for url in (LIST, address(lapse), "/status/"):
            overdue = tile(client, url, "Overdue")
            assert (overdue.value, overdue.is_loud, overdue.tone) == ("1", True, "danger")
            assert '<div class="v c-danger">1' in page(client, url)
        tiles = client.get(address(lapse)).context["tiles"]
        assert [found.label for found in tiles if not found.context] == []
        assert tile(client, address(lapse), "Overdue").context == "50% of the open ones"

    def test_a_queue_is_named_and_drawn_alike_in_rows_and_on_status(
        self, manager: User, lapse: Event, bo: User, today: date, sign_in: SignIn
    ) -> None:
        follow_up(bo, today, assignee=None, queue=Role.objects.get(code="sales_support"))
        client = sign_in(manager)
        for url in (address(lapse), "/status/"):
            html = page(client, url)
            assert "Queue of Sales support" in html
            assert "Queue: " not in html
            assert re.search(r'<span class="ava [^"]*"[^>]*><i class="bi bi-inbox"', html) or re.search(
                r'<span class="ava"[^>]*><i class="bi bi-inbox"', html
            )


def tile(client: Client, url: str, label: str) -> Any:
    return next(found for found in client.get(url).context["tiles"] if found.label == label)


class TestWords:
    def test_no_word_of_the_engine_room_is_left(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        asked = page(client, address(lapse, "activate"))
        switch_on(client, lapse, "spread")
        pages = [page(client, address(lapse, verb)) for verb in ("", "runs", "occurrences", "run")]
        made = page(client, Action.objects.earliest("pk").get_absolute_url())
        for html in (asked, made, *pages):
            for word in ("Judged", "Left alone up to", "in line under", "Came true", "<dt>Asked</dt>"):
                assert word not in html
        assert Action.Outcome.GOAL_MET.label == "Goal reached on its own"


class TestHistory:
    def test_a_reason_of_any_length_is_not_taken(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse)
        refused = pause(client, lapse, "x" * 5000)
        assert refused.status_code == 422
        assert "at most 250" in refused.content.decode()
        with pytest.raises(Refused, match="at most 250"):
            activation.pause(lapse, reason="x" * 251, by=manager, now=database_now())
        with pytest.raises(Refused, match="at most 250"):
            activation.deactivate(
                lapse, open_follow_ups="keep", reason="x" * 251, by=manager, now=database_now()
            )
        assert Event.objects.get(pk=lapse.pk).status == "active"

    def test_who_did_what_when_and_why(
        self, manager: User, executive: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        assert "appears here, with the reason" in page(client, address(lapse))
        switch_on(client, lapse)
        pause(client, lapse, "Fair week")
        resume(client, lapse, "spread")
        client.post(address(lapse, "deactivate"), {"open_follow_ups": "keep", "reason": "Season is over"})
        lines = sign_in(executive).get(address(lapse)).context["history"]
        assert [(line.who, line.says, line.detail, line.quote) for line in lines] == [
            (
                "Manager",
                "deactivated the event",
                "Open follow-ups were kept",
                "Season is over",
            ),
            (
                "Manager",
                "resumed the event",
                "Version 1, 3 present matches: follow-ups for them under the limits",
                "",
            ),
            ("Manager", "paused the event", "", "Fair week"),
            ("Manager", "activated the event", "Version 1, 3 present matches: they were skipped", ""),
        ]
        shown = page(sign_in(executive), address(lapse))
        assert "Season is over" in shown
        assert "Fair week" in shown

    def test_comes_in_parts_with_the_same_queries(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse)
        few = queries(client, address(lapse))
        for place in range(11):
            record(lapse, "event.paused", by=manager, now=database_now(), data={"reason": f"Why {place}"})
        many = queries(client, address(lapse))
        assert few == many
        assert "1 to 10 of 12, newest first" in page(client, address(lapse))
        older = page(client, address(lapse), past="2")
        assert "Why 0" in older
        assert "Why 10" not in older
        for odd in ("x", "0", "-1", "99", "9" * 40):
            assert client.get(address(lapse), {"past": odd}).status_code == 200


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)
