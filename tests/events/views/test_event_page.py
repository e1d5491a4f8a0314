"""What the pages of events say of an event's state, its next run and its history."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core.clock import database_now
from crm.models import Action, Customer
from events.models import Event, Run
from tests.events.rerouting import reroute
from tests.events.views.test_event import LIST, address, page, switch_on
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
