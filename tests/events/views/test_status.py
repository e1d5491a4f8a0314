"""The page Status: its numbers, the side panel behind them, and constant queries."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.domain.absence import add_absence
from accounts.models import Role, Team, User
from crm.filters.action import followup_query
from crm.models import Action
from events.domain.status import status_rows
from events.templatetags.events import open_url
from tests.events.views.conftest import follow_up
from tests.factories import CustomerFactory, UserFactory
from tests.people import SignIn

pytestmark = pytest.mark.django_db
PANEL = {"HX-Request": "true"}


def links(html: str) -> list[tuple[str, str]]:
    """Every link to the follow-up list, with its text as one reads it."""
    found = re.findall(r'<a [^>]*href="(/status/follow-ups/\?[^"]+)"[^>]*>(.*?)</a>', html, re.S)
    return [(unescape(url), " ".join(re.sub(r"<[^>]+>", " ", text).split())) for url, text in found]


def closed(action: Action, today: date, days_ago: int = 1) -> None:
    Action.objects.filter(pk=action.pk).update(
        status="done",
        outcome="reached",
        closed_on=today - timedelta(days=days_ago),
        closed_at=action.created_at + timedelta(days=2),
    )


@pytest.fixture
def work(ann: User, bo: User, today: date) -> list[Action]:
    """Open, overdue and closed follow-ups of two people, one by hand, and one in a queue."""
    queue = Role.objects.get(code="sales_support")
    rows = [
        follow_up(ann, today),
        follow_up(ann, today, late=2),
        follow_up(ann, today, late=9),
        follow_up(bo, today, late=5, origin="manual", origin_code="", origin_key=None, reason={}),
        follow_up(bo, today),
        follow_up(bo, today, assignee=None, queue=queue),
    ]
    closed(rows[4], today)
    return rows


class TestBoard:
    @pytest.mark.parametrize("measure", ["open", "closed", "on_time"])
    def test_each_number_leads_to_exactly_its_rows(
        self, manager: User, work: list[Action], today: date, sign_in: SignIn, measure: str
    ) -> None:
        """The number in the text of each link is the number of rows of the list behind it."""
        client = sign_in(manager)
        html = client.get("/status/", {"measure": measure}).content.decode()
        checked = 0
        for url, text in links(html):
            params = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
            rows = status_rows(manager)
            count = followup_query(params, manager, today=today, rows=rows).count()
            numbers = [int(found) for found in re.findall(r"(?<![\w.,-])(\d+)(?![\w%-])", text)]
            if "Oldest" in text or ("on time" in text and "closed" not in text):
                continue  # days and per cent count no rows
            assert count in numbers, (url, text)
            checked += 1
        assert checked >= 8

    def test_the_oldest_tile_opens_exactly_the_rows_it_speaks_of(
        self, manager: User, ann: User, cy: User, work: list[Action], today: date, sign_in: SignIn
    ) -> None:
        also = follow_up(cy, today, late=9)
        client = sign_in(manager)
        tile = next(
            tile for tile in client.get("/status/").context["tiles"] if tile.label == "Oldest overdue"
        )
        assert (tile.value, tile.unit, tile.context) == ("9", "days", "Ann Lee and 1 other")
        assert {row.pk for row in client.get(tile.url).context["follow_ups"]} == {work[2].pk, also.pk}

    def test_a_share_stands_beside_its_base_and_nothing_closed_is_no_share(
        self, manager: User, work: list[Action], sign_in: SignIn
    ) -> None:
        response = sign_in(manager).get("/status/", {"measure": "on_time"})
        html = response.content.decode()
        table = html[html.index('<table class="mx">') : html.index("</table>")]
        assert any(text.endswith("100% of 1 closed on time") for _, text in links(table))
        idle = sum(not line.total.closed for line in response.context["part"])
        assert table.count('<span class="z">0') == idle  # in the column of counts, nowhere else
        assert "Nothing closed" in table
        assert "60% of 5" in html  # overdue of the open ones

    def test_marks_who_is_away_and_leads_to_the_override(
        self, manager: User, executive: User, ann: User, work: list[Action], today: date, sign_in: SignIn
    ) -> None:
        add_absence(user=ann, starts_on=today, by=None, now=work[0].created_at, reason="sick")
        target = f'href="/override/?from={ann.pk}"'
        assert target in sign_in(manager).get("/status/").content.decode()
        shown = sign_in(executive).get("/status/").content.decode()
        assert "Sick leave since today" in shown
        assert target not in shown

    def test_the_legend_shows_no_number_that_reads_as_data(
        self, manager: User, work: list[Action], sign_in: SignIn
    ) -> None:
        html = sign_in(manager).get("/status/").content.decode()
        legend = html[html.index("mx-lgd") : html.index("Darker cell")]
        assert not re.search(r">[^<]*\d", legend)

    def test_an_empty_board_says_so(self, manager: User, moment: Any, sign_in: SignIn) -> None:
        assert "No follow-ups yet" in sign_in(manager).get("/status/").content.decode()

    def test_a_lead_sees_his_teams_only(
        self, lead: User, alice: User, charlie: User, north_shops: Team, today: date, sign_in: SignIn
    ) -> None:
        follow_up(alice, today, customer=CustomerFactory(owner=alice, team=north_shops))
        follow_up(charlie, today, customer=CustomerFactory(owner=charlie))
        shown = sign_in(lead).get("/status/").content.decode()
        assert "Your teams only" in shown
        assert "Alice" in shown
        assert "Charlie" not in shown

    def test_many_people_come_in_parts_with_the_totals_of_all(
        self, manager: User, today: date, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("events.views.status.BOARD_ROWS", 2)
        for place in range(3):
            follow_up(UserFactory(name=f"Person {place}", roles=["sales_support"]), today, late=place)
        client = sign_in(manager)
        first, second = client.get("/status/"), client.get("/status/", {"part": "2"})
        assert [line.name for line in first.context["part"]] == ["Person 1", "Person 2"]
        assert [line.name for line in second.context["part"]] == ["Person 0"]
        assert first.context["matrix"].total.open == second.context["matrix"].total.open == 3
        assert "1 to 2 of 3" in first.content.decode()
        for odd in ("x", "0", "-1", "99", "9" * 40):
            assert client.get("/status/", {"part": odd}).status_code == 200

    def test_queries_do_not_depend_on_people_and_rows(
        self, manager: User, ann: User, today: date, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        follow_up(ann, today)
        client.get("/status/")
        with CaptureQueriesContext(connection) as few:
            client.get("/status/")
        for place in range(3):
            follow_up(UserFactory(roles=["sales_support"]), today, late=place, origin_code=f"EVENT{place}")
            closed(follow_up(ann, today, late=place), today)
        with CaptureQueriesContext(connection) as many:
            client.get("/status/")
        assert len(many) == len(few) <= 12  # six of the board, six of the household

    def test_the_sidebar_counts_the_overdue_ones_of_the_board(
        self, manager: User, work: list[Action], sign_in: SignIn
    ) -> None:
        response = sign_in(manager).get("/status/")
        assert response.context["matrix"].total.overdue == 3
        assert re.search(r"Status.{0,200}>3<", response.content.decode(), re.S)


class TestRowsOutsideTheRecords:
    """The overseer answers for everybody's work, and may open none of it."""

    @pytest.fixture
    def secrets(self, ann: User, bo: User, today: date) -> list[Action]:
        """Work for a customer of others, and a private note of one of them."""
        secret = CustomerFactory(name="Secret Ltd")
        return [
            follow_up(ann, today, late=1, customer=secret, title="Secret call"),
            follow_up(
                bo,
                today,
                customer=None,
                origin="manual",
                origin_code="",
                origin_key=None,
                title="Secret dentist",
            ),
            follow_up(bo, today, assignee=None, queue=Role.objects.get(code="credit"), customer=secret),
        ]

    @pytest.mark.parametrize("who", ["overseer", "manager", "executive", "lead"])
    def test_each_number_opens_as_many_rows(
        self, who: str, secrets: list[Action], sign_in: SignIn, request: pytest.FixtureRequest
    ) -> None:
        client = sign_in(request.getfixturevalue(who))
        board = client.get("/status/")
        for line in [*board.context["part"].object_list, *board.context["matrix"].columns]:
            page = client.get(open_url(line.total))
            assert page.status_code == 200
            assert page.context["page"].count == line.total.open == len(page.context["follow_ups"])
        assert board.context["matrix"].total.open == (0 if who == "lead" else 3)

    def test_restricted_rows_tell_and_open_nothing(
        self, overseer: User, secrets: list[Action], sign_in: SignIn
    ) -> None:
        client = sign_in(overseer)
        whole = client.get("/status/follow-ups/", {"whose": "all"}).content.decode()
        panel = client.get("/status/cell/", {"whose": "all"}, headers=PANEL).content.decode()
        for html in (whole, panel):
            assert html.count("Restricted") >= 3
            assert "Secret" not in html
            assert "62 days" not in html
            assert not re.search(r'href="/followups/\d', html)
        assert "Ann Lee" in whole
        listed = whole[whole.index('role="list"') :]
        leads = {unescape(url) for url in re.findall(r'href="(/[^"]*)"', listed)}
        assert leads, "the events of the rows"
        assert {url: client.get(url).status_code for url in leads} == dict.fromkeys(leads, 200)
        assert not re.search(r'action="/followups/', listed)

    def test_what_one_may_open_is_a_link(
        self, overseer: User, ann: User, today: date, sign_in: SignIn
    ) -> None:
        own = follow_up(overseer, today, customer=CustomerFactory(name="Secret Ltd"))
        html = sign_in(overseer).get("/status/follow-ups/", {"whose": "all"}).content.decode()
        assert f'href="{own.get_absolute_url()}"' in html
        assert "Secret" not in html

    def test_rows_cannot_be_told_apart_by_customer(
        self, overseer: User, secrets: list[Action], sign_in: SignIn
    ) -> None:
        client = sign_in(overseer)
        secret = secrets[0].customer_id
        for url in ("/status/follow-ups/", "/status/cell/"):
            shown = client.get(url, {"whose": "all", "customer": secret}, headers=PANEL)
            other = client.get(url, {"whose": "all", "customer": "999"}, headers=PANEL)
            counts = [page.context.get("count") or page.context["page"].count for page in (shown, other)]
            assert counts == [3, 3]

    def test_the_list_needs_the_right_to_see_status(
        self, alice: User, secrets: list[Action], sign_in: SignIn
    ) -> None:
        assert sign_in(alice).get("/status/follow-ups/").status_code == 403

    def test_queries_do_not_depend_on_the_rows(
        self, overseer: User, secrets: list[Action], ann: User, today: date, sign_in: SignIn
    ) -> None:
        client = sign_in(overseer)
        client.get("/status/follow-ups/", {"whose": "all"})
        with CaptureQueriesContext(connection) as few:
            client.get("/status/follow-ups/", {"whose": "all"})
        for _ in range(3):
            follow_up(ann, today, customer=CustomerFactory())
        with CaptureQueriesContext(connection) as many:
            client.get("/status/follow-ups/", {"whose": "all"})
        assert len(many) == len(few) <= 9


class TestPanel:
    def cell(self, client: Client, **params: Any) -> Any:
        return client.get("/status/cell/", params, headers=PANEL)

    def test_lists_the_follow_ups_with_reason_and_due_day(
        self, manager: User, ann: User, work: list[Action], sign_in: SignIn
    ) -> None:
        shown = self.cell(sign_in(manager), assignee=ann.pk, event="NOORDER60", status="overdue")
        html = shown.content.decode()
        assert (shown.context["count"], shown.context["who"], shown.context["what"]) == (
            2,
            "Ann Lee",
            "No orders in 60 days",
        )
        assert "62 days, usual 24" in html
        assert "9 days late" in html
        assert "<html" not in html

    def test_reroute_takes_the_person_and_the_ticked_ones_along(
        self, manager: User, executive: User, ann: User, work: list[Action], sign_in: SignIn
    ) -> None:
        html = self.cell(sign_in(manager), assignee=ann.pk, status="open").content.decode()
        assert f'name="from" value="{ann.pk}"' in html
        assert html.count('name="action"') == 3
        assert "Reroute" not in self.cell(sign_in(executive), assignee=ann.pk).content.decode()

    def test_without_a_script_it_is_the_list_itself(
        self, manager: User, ann: User, work: list[Action], sign_in: SignIn
    ) -> None:
        response = sign_in(manager).get("/status/cell/", {"assignee": ann.pk, "status": "open"}, follow=True)
        assert response.redirect_chain[0][0].startswith("/status/follow-ups/?")
        assert response.context["page"].count == 3

    @pytest.mark.parametrize(
        "params",
        [
            {"assignee": "x"},
            {"assignee": "9" * 30},
            {"status": "moon"},
            {"due_from": "2026-99-99"},
            {"event": "x" * 199},
        ],
    )
    def test_odd_parameters_are_refused(self, manager: User, sign_in: SignIn, params: dict[str, str]) -> None:
        assert self.cell(sign_in(manager), **params).status_code == 422

    def test_a_hidden_customer_stays_hidden(
        self, lead: User, alice: User, today: date, sign_in: SignIn
    ) -> None:
        follow_up(alice, today, customer=CustomerFactory(name="Secret Ltd"))
        shown = self.cell(sign_in(lead), assignee=alice.pk)
        html = shown.content.decode()
        assert ("Restricted" in html, "Secret" in html, "62 days" in html) == (True, False, False)
