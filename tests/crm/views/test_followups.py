"""Follow-ups on their pages: every number leads to its rows, and each verb works with and without htmx."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User
from crm.filters.action import STATUS, followup_query
from crm.models import Action
from crm.tables.action import follow_up_rows
from tests.crm.views.conftest import World
from tests.factories import NOW, ActionFactory, CustomerFactory
from tests.people import SignIn

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "fu-1"}


@pytest.fixture
def week(world: World, alice: User, bob: User, charlie: User, today: date) -> None:
    """Follow-ups in every state, of several people."""
    customer = world.customer
    for days in (-9, -1, 0, 1, 7, 8, 30):
        ActionFactory(customer=customer, assignee=alice, due_on=today + timedelta(days=days))
    ActionFactory(
        customer=customer, assignee=alice, due_on=today + timedelta(3), snoozed_until=today + timedelta(3)
    )
    ActionFactory(customer=customer, assignee=alice, status="in_progress", due_on=today, first_touched_at=NOW)
    closed = {"status": "done", "outcome": "reached", "closed_at": NOW, "closed_by": alice}
    monday = today - timedelta(days=today.weekday())
    ActionFactory(customer=customer, assignee=alice, closed_on=today, original_due_on=today, **closed)
    ActionFactory(customer=customer, assignee=alice, closed_on=monday - timedelta(days=1), **closed)
    ActionFactory(customer=customer, assignee=bob, due_on=today)
    ActionFactory(customer=customer, assignee=None, queue=Role.objects.get(code="sales_rep"), due_on=today)
    ActionFactory(customer=CustomerFactory(owner=charlie), assignee=charlie, due_on=today)


def count(client: Client, url: str) -> int:
    response = client.get(url)
    assert response.status_code == 200
    return int(response.context["page"].count)


def test_every_number_of_my_day_leads_to_exactly_its_rows(week: None, alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    page = client.get("/").context
    assert [tile.value for tile in page["tiles"]] == ["10", "2", "3", "1"]
    for tile in page["tiles"]:
        assert int(tile.value) == count(client, tile.url)
    for group in page["groups"]:
        assert group.count == len(group.rows) == count(client, group.url)
    assert page["counts"]["snoozed"] == count(client, page["snoozed_url"])
    assert len(page["queue"]) == count(client, page["queue_url"]) == 1


def test_the_sidebar_counts_what_the_lists_count(week: None, alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    page = client.get("/followups/").content.decode()
    shown = dict(re.findall(r'id="nav-crm(my_day|followups)".*?<span class="n[^>]*>(\d+)<', page, re.S))
    assert int(shown["my_day"]) == count(client, "/followups/?status=overdue")
    assert int(shown["followups"]) == count(client, "/followups/")


def test_what_is_snoozed_stays_away_from_my_day(
    world: World, alice: User, today: date, sign_in: SignIn
) -> None:
    Action.objects.update(snoozed_until=today + timedelta(days=1), due_on=today + timedelta(days=1))
    page = sign_in(alice).get("/")
    assert page.context["groups"][2].rows == []
    assert "1 snoozed" in page.content.decode()
    Action.objects.update(snoozed_until=today, due_on=today)
    assert len(sign_in(alice).get("/").context["groups"][1].rows) == 1


@pytest.mark.parametrize("status", [status for status, _ in STATUS])
def test_the_query_and_the_list_agree(
    status: str, week: None, alice: User, today: date, sign_in: SignIn
) -> None:
    for whose in ("mine", "team", "queue", "all"):
        params = {"whose": whose, "status": status}
        rows = followup_query(params, alice, today=today)
        assert rows.count() == count(sign_in(alice), f"/followups/?whose={whose}&status={status}&rows=100")


def test_filters_act_together(week: None, world: World, alice: User, bob: User, today: date) -> None:
    def found(**params: Any) -> int:
        return followup_query(params, alice, today=today).count()

    assert found(event="NOORDER60") == 1
    assert found(event="-", status="overdue") == 2
    assert found(whose="team", status="today") == 4
    assert found(assignee=bob.pk) == 1
    assert found(customer=world.customer.pk) == 12
    assert found(whose="queue") == 1
    assert found(due_from=today, due_to=today) == 3
    assert found(status="closed", closed_from=today) == 1
    assert found(due_from="nonsense") == 0


def test_a_row_says_why(world: World, alice: User, sign_in: SignIn) -> None:
    for url in ("/", "/followups/", world.customer.get_absolute_url(), world.action.get_absolute_url()):
        page = sign_in(alice).get(url).content.decode()
        assert "No orders in 60 days" in page
        assert "62 days, usual 24" in page


def test_a_hidden_customer_is_restricted(alice: User, charlie: User, today: date, sign_in: SignIn) -> None:
    secret = CustomerFactory(owner=charlie, name="Secret Ltd")
    mine = ActionFactory(customer=secret, assignee=alice, due_on=today, title="Check the price list")
    client = sign_in(alice)
    for url in ("/", "/followups/", mine.get_absolute_url(), f"/followups/{mine.pk}/complete/"):
        page = client.get(url).content.decode()
        assert "Secret Ltd" not in page
        assert "Restricted" in page
        assert "Check the price list" in page


def test_a_lead_sees_that_his_people_have_work_but_not_about_whom(
    lead: User, alice: User, charlie: User, today: date, sign_in: SignIn
) -> None:
    secret = CustomerFactory(owner=charlie, name="Secret Ltd")
    theirs = ActionFactory(
        customer=secret,
        assignee=alice,
        due_on=today,
        title="About Secret",
        reason={"sentence": "Secret fact"},
    )
    client = sign_in(lead)
    for url in ("/followups/?whose=all", theirs.get_absolute_url(), f"/followups/{theirs.pk}/hand-over/"):
        page = client.get(url).content.decode()
        assert "Secret" not in page
        assert "Restricted" in page
    rows = follow_up_rows([theirs], lead, today=today)
    assert (rows[0].title, rows[0].customer, rows[0].reason_fact) == ("Restricted", "Restricted", "")


def test_a_tick_closes_and_can_be_taken_back(world: World, alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    response = client.post(f"/followups/{world.action.pk}/complete/", {"next": "/"})
    assert (response.status_code, response["Location"]) == (302, "/")
    row = Action.objects.get()
    assert (row.status, row.outcome) == ("done", "reached")
    page = client.get("/").content.decode()
    assert "Follow-up closed" in page
    assert f"/followups/{row.pk}/reopen/" in page
    client.post(f"/followups/{row.pk}/reopen/")
    assert Action.objects.get().is_live


def test_a_tick_by_htmx_gets_its_row_back(world: World, alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    response = client.post(f"/followups/{world.action.pk}/complete/", headers=HTMX)
    body = response.content.decode()
    assert response.status_code == 200
    assert f'id="fu-{world.action.pk}"' in body
    assert "tick done" in body
    assert "Follow-up closed" in response["HX-Trigger"]
    again = client.post(f"/followups/{world.action.pk}/complete/", headers=HTMX)
    assert again.status_code == 422
    assert "already closed by Alice" in again["HX-Trigger"]


def test_no_answer_says_when_it_comes_back(world: World, alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    client.post(f"/followups/{world.action.pk}/complete/", {"outcome": "no_answer"})
    row = Action.objects.get()
    assert (row.is_live, row.attempts) == (True, 1)
    assert "No answer: back on" in client.get("/").content.decode()


def test_forms_keep_what_was_typed(world: World, alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    for verb, data, kept in (
        ("complete", {"outcome": "nonsense", "note": "kept words"}, "kept words"),
        ("snooze", {"until": "2020-01-01"}, 'value="2020-01-01"'),
        ("snooze", {"until": "not a day"}, 'value="not a day"'),
        ("hand-over", {"to": "999999", "reason": "kept words"}, "kept words"),
        ("hand-over", {"to": "", "reason": "kept words"}, "kept words"),
        ("cancel", {"reason": ""}, "Cancel follow-up"),
        ("log", {"subject": "kept words", "channel": "smoke signals"}, "kept words"),
    ):
        response = client.post(f"/followups/{world.action.pk}/{verb}/", data)
        assert response.status_code == 422, verb
        assert kept in response.content.decode(), verb
        assert "needs" in response.content.decode() or "need your" in response.content.decode()
    assert Action.objects.get().is_live


def test_handing_over_out_of_ones_sight_leads_back_to_the_list(
    alice: User, manager: User, today: date, sign_in: SignIn
) -> None:
    action = ActionFactory(customer=CustomerFactory(owner=manager), assignee=alice, due_on=today)
    url = f"/followups/{action.pk}/hand-over/"
    response = sign_in(alice).post(url, {"to": manager.pk, "reason": "Yours after all"})
    assert (response.status_code, response["Location"]) == (302, "/followups/")
    assert Action.objects.get().assignee == manager


def test_claiming_from_the_queue(world: World, alice: User, sign_in: SignIn) -> None:
    queued = ActionFactory(customer=world.customer, assignee=None, queue=Role.objects.get(code="sales_rep"))
    client = sign_in(alice)
    assert f"/followups/{queued.pk}/claim/" in client.get("/").content.decode()
    assert client.post(f"/followups/{queued.pk}/claim/").status_code == 302
    assert Action.objects.get(pk=queued.pk).assignee == alice


def test_a_colleague_may_not_dispose(world: World, bob: User, sign_in: SignIn) -> None:
    client = sign_in(bob)
    assert client.post(f"/followups/{world.action.pk}/start/").status_code == 403
    assert "snooze/" not in client.get(world.action.get_absolute_url()).content.decode()


def test_a_new_follow_up_for_a_customer(world: World, alice: User, today: date, sign_in: SignIn) -> None:
    client = sign_in(alice)
    url = f"/customers/{world.customer.pk}/followup/"
    token = client.get(url).context["form"]["form_token"].value()
    data = {
        "form_token": token,
        "title": "Ask about spring",
        "kind": "call",
        "due_on": today.isoformat(),
        "customer": world.customer.number,
        "contact": world.contact.pk,
        "assignee": alice.pk,
        "priority": "2",
    }
    for _ in range(2):
        assert client.post(url, data).status_code == 302
    row = Action.objects.get(title="Ask about spring")
    assert (row.customer, row.contact, row.priority, row.assignee) == (
        world.customer,
        world.contact,
        2,
        alice,
    )


def test_logging_the_result_closes_the_follow_up(world: World, alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    url = f"/followups/{world.action.pk}/log/"
    form = client.get(url).context["form"]
    assert form["action"].value() == world.action.pk
    data = {
        "form_token": form["form_token"].value(),
        "channel": "call",
        "direction": "out",
        "subject": "Autumn order",
        "action": world.action.pk,
        "outcome": "order",
        "body": "144 candles",
    }
    assert client.post(url, data).status_code == 302
    assert Action.objects.get().outcome == "order"
    page = client.get(world.customer.get_absolute_url()).content.decode()
    assert "144 candles" in page
    assert "closed the follow-up" in page
