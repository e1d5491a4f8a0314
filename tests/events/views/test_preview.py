"""What activation and a run by hand announce: how many at once, how many later, and for whom."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from crm.models import Action, Customer
from events.domain.event import latest_version
from events.engine.preview import preview
from events.models import Event, Occurrence, Run, Version
from orders.domain.facts import rebuild
from tests.events.views.test_event import address, page, switch_on
from tests.events.world import customer
from tests.people import SignIn

pytestmark = pytest.mark.django_db


def limit(event: Event, **limits: int) -> None:
    Version.objects.filter(event=event).update(limits=limits)


class TestActivation:
    @pytest.mark.parametrize(
        ("limits", "at_once"), [({"per_run": 2}, 2), ({"per_person_day": 1}, 1), ({"per_run": 3}, 3)]
    )
    def test_announces_what_the_first_run_then_makes(
        self,
        manager: User,
        silent: list[Customer],
        lapse: Event,
        sign_in: SignIn,
        limits: dict[str, int],
        at_once: int,
    ) -> None:
        limit(lapse, **limits)
        client = sign_in(manager)
        found = client.get(address(lapse, "activate")).context["preview"]
        assert (found.at_once, found.waits) == (at_once, 3 - at_once)
        switch_on(client, lapse, "spread")
        assert Action.objects.count() == found.at_once

    def test_does_not_offer_what_it_would_refuse(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        assert 'value="all" disabled' not in page(client, address(lapse, "activate"))
        limit(lapse, per_run=2)
        shown = page(client, address(lapse, "activate"))
        assert 'value="all" disabled' in shown
        assert "Not possible: a run makes at most 2." in shown
        assert "1 more</b> would wait for the next nights" in shown
        assert switch_on(client, lapse, "all").status_code == 422

    def test_the_limit_of_a_day_is_of_people_and_not_of_queues(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        Customer.objects.update(owner=None)
        limit(lapse, per_person_day=1)
        response = sign_in(manager).get(address(lapse, "activate"))
        assert (response.context["preview"].at_once, response.context["days"]) == (3, 1)
        shown = response.content.decode()
        assert shown.count("Queue of Sales support") >= 4  # each row of the sample names the queue
        assert "more than a day's limit" not in shown


class TestRun:
    @pytest.fixture
    def later(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn, bo: User, today: date
    ) -> Event:
        """The event is on; one match waits in line, and another customer has come to the point since."""
        switch_on(sign_in(manager), lapse, "spread")
        first = Occurrence.objects.earliest("pk")
        made = first.action_id
        Occurrence.objects.filter(pk=first.pk).update(state="queued", action=None)
        Action.objects.filter(pk=made).delete()
        customer(bo, (today - timedelta(days=65)).isoformat(), name="Newly silent")
        rebuild(day=today - timedelta(days=1), now=first.detected_at)
        return Event.objects.get(pk=lapse.pk)

    def test_shows_how_many_and_for_whom_before_it_runs_and_then_makes_them(
        self, manager: User, later: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        before = Action.objects.count()
        response = client.get(address(later, "run"))
        found, shown = response.context["preview"], response.content.decode()
        assert (found.count, found.in_line, found.at_once) == (1, 1, 2)
        assert found.per_person == (("Bo Diaz", 2),)
        for text in ("Newly silent", "Silent 0", "Waiting from before", "would be made at once"):
            assert text in shown
        assert not Run.objects.filter(kind="manual").exists()
        assert Action.objects.count() == before
        client.post(address(later, "run"))
        assert Action.objects.count() == before + 2

    def test_what_is_off_shows_no_preview(self, manager: User, lapse: Event, sign_in: SignIn) -> None:
        shown = page(sign_in(manager), address(lapse, "run"))
        assert "Only an event that is on can run." in shown

    @pytest.mark.parametrize("verb", ["run", "activate"])
    def test_queries_do_not_depend_on_the_matches(
        self, manager: User, lapse: Event, bo: User, today: date, moment: Any, sign_in: SignIn, verb: str
    ) -> None:
        client = sign_in(manager)
        if verb == "run":
            rebuild(day=today - timedelta(days=1), now=moment)
            switch_on(client, lapse)
            Event.objects.update(floor_on=None)

        def queries(name: str) -> int:
            customer(bo, (today - timedelta(days=65)).isoformat(), name=name)
            rebuild(day=today - timedelta(days=1), now=moment)
            client.get(address(lapse, verb))
            with CaptureQueriesContext(connection) as captured:
                assert name in page(client, address(lapse, verb))
            return len(captured)

        assert queries("First") == queries("Second") == queries("Third")


def test_a_preview_without_matches_names_nobody(lapse: Event, moment: Any, today: date) -> None:
    rebuild(day=today - timedelta(days=1), now=moment)
    found = preview(lapse, latest_version(lapse), now=moment, by=None)
    assert (found.at_once, found.waits, found.busiest, found.most) == (0, 0, ("", 0), 0)
