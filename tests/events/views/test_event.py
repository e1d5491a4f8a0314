"""The pages of events: what they show, to whom, with how many queries, and what their switches do."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.domain.role import sync_group
from accounts.models import Role, User
from crm.models import Action, Customer
from events.domain.heartbeat import beat
from events.engine.reasons import sentence_day
from events.models import Event, Occurrence, Run
from tests.events.views.conftest import follow_up
from tests.people import SignIn

pytestmark = pytest.mark.django_db
LIST = "/events/"


def page(client: Client, url: str, **params: str) -> str:
    response = client.get(url, params)
    assert response.status_code == 200
    return response.content.decode()


def address(event: Event, verb: str = "") -> str:
    return f"/events/{event.pk}/{verb}/" if verb else f"/events/{event.pk}/"


def silence_in_words(today: date) -> str:
    """Since when the silent customers have not ordered, as reasons say it today."""
    return f"Last order {sentence_day(today - timedelta(days=71), today)}"


def switch_on(client: Client, event: Event, choice: str = "now") -> Any:
    """Activate through the page, as a browser does: the token comes from the page."""
    token = client.get(address(event, "activate")).context["preview"].token
    return client.post(address(event, "activate"), {"choice": choice, "token": token})


def resume(client: Client, event: Event, choice: str = "now") -> Any:
    """Resume through the page, like :func:`switch_on`."""
    token = client.get(address(event, "resume")).context["preview"].token
    return client.post(address(event, "resume"), {"choice": choice, "token": token})


class TestWhoMay:
    @pytest.mark.parametrize("url", ["/events/", "/status/", "/override/", "/override/past/"])
    def test_the_screens_need_the_job_function(
        self, alice: User, support: User, manager: User, executive: User, sign_in: SignIn, url: str
    ) -> None:
        for user in (alice, support):
            response = sign_in(user).get(url)
            assert response.status_code == 403
            assert "CRM management" in response.content.decode()
        for user in (manager, executive):
            assert sign_in(user).get(url).status_code == 200

    def test_only_who_may_activate_sees_switches_and_reaches_them(
        self, executive: User, lead: User, manager: User, lapse: Event, sign_in: SignIn
    ) -> None:
        asks = reverse("events:event_activate", args=[lapse.pk])
        assert asks in page(sign_in(manager), LIST)
        assert asks in page(sign_in(manager), address(lapse))
        for user in (executive, lead):
            assert asks not in page(sign_in(user), LIST)
            assert asks not in page(sign_in(user), address(lapse))
            for verb in ("activate", "deactivate", "pause", "resume", "run", "held"):
                assert sign_in(user).get(address(lapse, verb)).status_code == 403
                assert sign_in(user).post(address(lapse, verb)).status_code == 403

    def test_the_sidebar_has_the_screens_for_those_who_may(
        self, alice: User, manager: User, sign_in: SignIn
    ) -> None:
        assert 'href="/status/"' not in page(sign_in(alice), "/")
        assert 'href="/status/"' in page(sign_in(manager), "/")


class TestList:
    def test_says_what_each_event_asks_and_how_it_fares(
        self, manager: User, ann: User, lapse: Event, today: date, sign_in: SignIn
    ) -> None:
        follow_up(ann, today)
        follow_up(ann, today, late=2)
        shown = page(sign_in(manager), LIST)
        assert "When a customer has not ordered for 60 days or more" in shown
        assert "Account owner" in shown
        row = next(row for row in sign_in(manager).get(LIST).context["rows"] if row.event == lapse)
        assert (row.figures.open, row.figures.overdue, row.is_on) == (2, 1, False)

    def test_the_numbers_lead_to_exactly_their_rows(
        self, manager: User, ann: User, lapse: Event, today: date, sign_in: SignIn
    ) -> None:
        follow_up(ann, today)
        follow_up(ann, today, late=2)
        client = sign_in(manager)
        row = next(row for row in client.get(LIST).context["rows"] if row.event == lapse)
        assert client.get(row.open_url).context["page"].count == row.figures.open == 2
        assert client.get(row.overdue_url).context["page"].count == row.figures.overdue == 1

    def test_filters_by_kind_and_ignores_an_unknown_one(self, manager: User, sign_in: SignIn) -> None:
        client = sign_in(manager)
        assert client.get(LIST, {"family": "marketing"}).context["rows"] == []
        everything = len(client.get(LIST).context["rows"])
        assert len(client.get(LIST, {"family": "process"}).context["rows"]) == everything
        assert len(client.get(LIST, {"family": "x'"}).context["rows"]) == everything

    def test_is_loud_when_the_engine_is_silent(
        self, manager: User, moment: datetime, sign_in: SignIn
    ) -> None:
        assert "The event engine is not running" not in page(sign_in(manager), LIST)
        beat(now=moment - timedelta(minutes=6), took_ms=1)
        for url in ("/events/", "/status/", "/override/"):
            assert "The event engine is not running" in page(sign_in(manager), url)

    def test_a_broken_definition_does_not_break_the_list(
        self, manager: User, lapse: Event, sign_in: SignIn
    ) -> None:
        lapse.versions.update(trigger={"kind": "moon"})
        assert "is unknown" in page(sign_in(manager), LIST)
        assert sign_in(manager).get(address(lapse)).status_code == 200
        assert sign_in(manager).get(address(lapse, "activate")).status_code == 422

    def test_queries_do_not_depend_on_the_events(
        self, manager: User, ann: User, today: date, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        follow_up(ann, today)
        client.get(LIST)
        with CaptureQueriesContext(connection) as few:
            client.get(LIST)
        model = Event.objects.get(code="NOORDER60")
        for place in range(4):
            event = Event.objects.create(code=f"MORE{place}", name="More", created_at=model.created_at)
            version = model.versions.get()
            version.pk, version.event = None, event
            version.save(force_insert=True)
            follow_up(ann, today, origin_code=event.code)
        with CaptureQueriesContext(connection) as many:
            client.get(LIST)
        assert len(many) == len(few) <= 13


class TestActivation:
    def test_shows_what_would_happen_for_whom(
        self, manager: User, silent: list[Customer], lapse: Event, today: date, sign_in: SignIn
    ) -> None:
        shown = page(sign_in(manager), address(lapse, "activate"))
        assert "What about the 3 customers that match now?" in shown
        assert "Silent 0" in shown
        assert silence_in_words(today) in shown
        assert "Bo Diaz" in shown

    def test_the_sample_keeps_to_the_viewers_records(
        self, lead: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        role = Role.objects.get(name="Team lead")
        function = role.functions.get(function__code="crm_management")
        function.level = 3
        function.save()
        sync_group(role)
        shown = page(sign_in(lead), address(lapse, "activate"))
        assert "What about the 3 customers that match now?" in shown
        assert "Silent 0" not in shown

    def test_from_now_on_makes_nothing_and_spread_makes_follow_ups(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        assert switch_on(client, lapse).status_code == 302
        lapse.refresh_from_db()
        assert (lapse.status, Action.objects.count()) == ("active", 0)
        client.post(address(lapse, "deactivate"), {"open_follow_ups": "keep", "reason": "Test"})
        switch_on(client, lapse, "spread")
        assert Action.objects.count() == 3
        assert "3 matches" not in page(client, address(lapse))

    def test_without_a_choice_it_asks_again_with_what_was_typed(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        for data in ({}, {"choice": "moon", "token": "x"}, {"choice": "now", "token": "forged"}):
            response = client.post(address(lapse, "activate"), data)
            assert response.status_code == 422
            assert response.context["preview"].count == 3
        assert "The preview cannot be read" in response.content.decode()
        assert 'value="now" checked' in response.content.decode()
        lapse.refresh_from_db()
        assert lapse.status == "draft"

    def test_a_stale_preview_is_shown_again(
        self, manager: User, silent: list[Customer], bo: User, lapse: Event, today: date, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        token = client.get(address(lapse, "activate")).context["preview"].token
        Customer.objects.filter(pk=silent[0].pk).update(do_not_contact=True)
        response = client.post(address(lapse, "activate"), {"choice": "spread", "token": token})
        assert response.status_code == 422
        assert "it showed 3 matches, now there are 2" in response.content.decode()
        fresh = response.context["preview"].token
        assert (
            client.post(address(lapse, "activate"), {"choice": "spread", "token": fresh}).status_code == 302
        )
        assert Action.objects.count() == 2

    def test_what_is_on_is_not_asked_again(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse)
        assert client.get(address(lapse, "activate")).status_code == 302


class TestSwitches:
    def test_deactivation_asks_about_the_open_follow_ups(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse, "spread")
        assert "3 open follow-ups" in page(client, address(lapse, "deactivate"))
        refused = client.post(address(lapse, "deactivate"), {"open_follow_ups": "cancel_all", "reason": " "})
        assert refused.status_code == 422
        client.post(
            address(lapse, "deactivate"), {"open_follow_ups": "cancel_all", "reason": "Season is over"}
        )
        lapse.refresh_from_db()
        assert lapse.status == "draft"
        assert set(Action.objects.values_list("status", flat=True)) == {"cancelled"}

    def test_pause_and_resume(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse)
        assert client.post(address(lapse, "pause"), {"reason": ""}).status_code == 422
        client.post(address(lapse, "pause"), {"reason": "Fair week"})
        lapse.refresh_from_db()
        assert lapse.status == "paused"
        assert "Resume" in page(client, address(lapse))
        assert client.get(address(lapse, "resume")).context["preview"].count == 3
        resume(client, lapse)
        lapse.refresh_from_db()
        assert (lapse.status, Action.objects.count()) == ("active", 0)

    def test_resume_asks_about_what_matches_and_keeps_what_was_chosen(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse)
        client.post(address(lapse, "pause"), {"reason": "Fair week"})
        assert "What about the 3 customers that match now?" in page(client, address(lapse, "resume"))
        for data in ({}, {"choice": "all", "token": "forged"}):
            response = client.post(address(lapse, "resume"), data)
            assert response.status_code == 422
        assert 'value="all" checked' in response.content.decode()
        resume(client, lapse, "spread")
        assert Action.objects.count() == 3
        assert client.get(address(lapse, "resume")).status_code == 302  # it runs: nothing to ask

    def test_what_waits_in_line_is_announced(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse, "spread")
        client.post(address(lapse, "pause"), {"reason": "Fair week"})
        Occurrence.objects.filter(pk=Occurrence.objects.earliest("pk").pk).update(state="queued", action=None)
        shown = page(client, address(lapse, "resume"))
        assert "1 more match from before the pause waits in line" in shown

    def test_run_now_makes_what_is_due_and_says_how_many(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse, "spread")
        assert client.post(address(lapse, "run"), follow=True).status_code == 200
        assert Run.objects.filter(kind="manual").count() == 1
        assert Action.objects.count() == 3

    def test_run_now_of_what_is_off_is_refused(self, manager: User, lapse: Event, sign_in: SignIn) -> None:
        response = sign_in(manager).post(address(lapse, "run"))
        assert response.status_code == 422

    def test_held_matches_are_decided(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse, "spread")
        Occurrence.objects.update(state="held", action=None)
        Event.objects.filter(pk=lapse.pk).update(status="held")
        assert "3 matches are held" in page(client, address(lapse))
        assert client.post(address(lapse, "held"), {"decision": "", "reason": "x"}).status_code == 422
        refused = client.post(address(lapse, "held"), {"decision": "cancel", "reason": "  "})
        assert refused.status_code == 422
        assert list(refused.context["form"].errors) == ["reason"]
        assert refused.context["form"]["decision"].value() == "cancel"
        assert set(Occurrence.objects.values_list("state", flat=True)) == {"held"}
        client.post(address(lapse, "held"), {"decision": "cancel", "reason": "A data error"})
        assert set(Occurrence.objects.values_list("state", flat=True)) == {"cancelled"}


class TestRowsOfAnEvent:
    def test_runs_and_occurrences_with_their_reasons(
        self, manager: User, silent: list[Customer], lapse: Event, today: date, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse, "spread")
        assert "Activation" in page(client, address(lapse, "runs"))
        shown = page(client, address(lapse, "occurrences"))
        assert "Silent 0" in shown
        assert silence_in_words(today) in shown

    def test_occurrences_of_hidden_customers_are_restricted(
        self, manager: User, lead: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        switch_on(sign_in(manager), lapse, "spread")
        shown = page(sign_in(lead), address(lapse, "occurrences"))
        assert "Silent" not in shown
        assert "Last order" not in shown
        assert shown.count("Restricted") == 6

    def test_queries_do_not_depend_on_the_rows(
        self, manager: User, silent: list[Customer], lapse: Event, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        switch_on(client, lapse, "spread")
        for verb in ("", "runs", "occurrences"):
            client.get(address(lapse, verb))
            with CaptureQueriesContext(connection) as many:
                client.get(address(lapse, verb))
            kept = Occurrence.objects.exclude(pk=Occurrence.objects.earliest("pk").pk)
            others = list(kept)
            kept.update(event=Event.objects.get(code="WELCOME"))
            with CaptureQueriesContext(connection) as few:
                client.get(address(lapse, verb))
            Occurrence.objects.filter(pk__in=[row.pk for row in others]).update(event=lapse)
            assert len(few) == len(many), verb

    def test_an_unknown_event_is_not_found(self, manager: User, sign_in: SignIn) -> None:
        for verb in ("", "runs", "activate", "deactivate"):
            assert (
                sign_in(manager).get(f"/events/99999/{verb}/" if verb else "/events/99999/").status_code
                == 404
            )
