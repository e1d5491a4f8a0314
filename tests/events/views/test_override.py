"""The page Follow-up Override: what it proposes, refuses and does; and the overrides that were made."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.domain.absence import add_absence
from accounts.models import Absence, Team, User
from crm.domain.action import complete_action, start_action
from crm.models import Action
from events.models import Override
from tests.events.views.conftest import follow_up
from tests.factories import CustomerFactory, UserFactory
from tests.people import SignIn

pytestmark = pytest.mark.django_db
URL = "/override/"


@pytest.fixture
def rows(ann: User, bo: User, cy: User, today: date) -> list[Action]:
    """Three follow-ups of Ann: overdue, due today, and due in twenty days."""
    return [follow_up(ann, today, late=4), follow_up(ann, today), follow_up(ann, today, late=-20)]


def filled(response: Any, **changes: Any) -> dict[str, Any]:
    """What a browser would post from the page as it stands, with ``changes``."""
    form, draft = response.context["form"], response.context["draft"]
    data: dict[str, Any] = {"note": "Ill until Monday", "drawn_for": form["from_user"].value() or ""}
    for name in form.fields:
        value = form[name].value()
        if name != "note" and value not in (None, "", False):
            data[name] = value
    data.setdefault("which", "due")
    data.setdefault("strategy", "balance")
    data["row"] = [line.row.pk for line in draft.rows if line.is_ticked]
    data["seen"] = [line.row.pk for line in draft.rows]
    for line in draft.rows:
        data[f"seq_{line.row.pk}"] = line.seq
        data[f"was_{line.row.pk}"] = line.to_user_id or ""
        if line.options:
            data[f"to_{line.row.pk}"] = line.to_user_id or line.options[0].pk
    return data | changes


def opened(client: Client, giver: User, **params: Any) -> Any:
    response = client.get(URL, {"from": giver.pk, **params})
    assert response.status_code == 200
    return response


def proposals(response: Any) -> dict[int, int | None]:
    return {line.row.pk: line.to_user_id for line in response.context["draft"].rows if line.is_ticked}


def holders() -> list[User | None]:
    return [row.assignee for row in Action.objects.select_related("assignee").order_by("pk")]


class TestProposal:
    def test_opens_with_who_is_away_and_what_cannot_wait(
        self, manager: User, ann: User, rows: list[Action], today: date, moment: datetime, sign_in: SignIn
    ) -> None:
        back = today + timedelta(days=5)
        add_absence(
            user=ann, starts_on=today, ends_on=back - timedelta(days=1), reason="holiday", by=None, now=moment
        )
        response = sign_in(manager).get(URL)
        form = response.context["form"]
        assert response.context["from_user"] == ann
        assert (form["returns_on"].value(), form["reason"].value()) == (back, "holiday")
        assert [line.row.pk for line in response.context["draft"].rows] == [rows[0].pk, rows[1].pk]
        assert (response.context["draft"].due_count, response.context["draft"].all_count) == (2, 3)

    def test_nobody_away_it_asks_whose(self, manager: User, rows: list[Action], sign_in: SignIn) -> None:
        response = sign_in(manager).get(URL)
        assert response.context["from_user"] is None
        assert "Whose follow-ups?" in response.content.decode()

    def test_started_ones_are_marked_and_not_ticked(
        self, manager: User, ann: User, rows: list[Action], moment: datetime, sign_in: SignIn
    ) -> None:
        start_action(rows[0], by=ann, now=moment)
        response = opened(sign_in(manager), ann)
        assert [line.is_ticked for line in response.context["draft"].rows] == [False, True]
        assert "Started" in response.content.decode()

    def test_from_the_board_only_the_chosen_ones_are_ticked(
        self, manager: User, ann: User, rows: list[Action], sign_in: SignIn
    ) -> None:
        response = opened(sign_in(manager), ann, action=[rows[2].pk])
        assert proposals(response).keys() == {rows[2].pk}

    def test_a_hidden_customer_is_a_restricted_row(
        self, lead: User, alice: User, bob: User, today: date, sign_in: SignIn
    ) -> None:
        follow_up(alice, today, title="Call Secret Ltd", customer=CustomerFactory(name="Secret Ltd"))
        html = opened(sign_in(lead), alice).content.decode()
        assert "Secret" not in html
        assert "Restricted" in html

    def test_a_change_on_the_page_gives_a_new_proposal_and_keeps_what_was_typed(
        self, manager: User, ann: User, bo: User, cy: User, rows: list[Action], sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        first = opened(client, ann)
        pk = rows[0].pk
        other = bo if proposals(first)[pk] == cy.pk else cy
        changed = filled(first, preview="1", which="all", note="Read me", **{f"to_{pk}": other.pk})
        changed["row"] = [pk]
        response = client.post(URL, changed)
        assert response.status_code == 200
        assert response.context["form"]["note"].value() == "Read me"
        draft = response.context["draft"]
        assert [(line.row.pk, line.is_ticked) for line in draft.rows] == [
            (pk, True),
            (rows[1].pk, False),
            (rows[2].pk, True),
        ]
        assert proposals(response)[pk] == other.pk
        assert draft.rows[0].reason == "Chosen by you"
        assert not Override.objects.exists()

    def test_one_person_takes_all(
        self, manager: User, ann: User, cy: User, rows: list[Action], sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        data = filled(opened(client, ann), preview="1", strategy="one", person=cy.pk)
        assert set(proposals(client.post(URL, data)).values()) == {cy.pk}

    def test_another_person_brings_his_own_days(
        self,
        manager: User,
        ann: User,
        bo: User,
        rows: list[Action],
        today: date,
        moment: datetime,
        sign_in: SignIn,
    ) -> None:
        follow_up(bo, today)
        back = today + timedelta(days=9)
        add_absence(user=bo, starts_on=today, ends_on=back - timedelta(days=1), by=None, now=moment)
        client = sign_in(manager)
        data = filled(opened(client, ann), preview="1", from_user=bo.pk)
        response = client.post(URL, data)
        assert response.context["from_user"] == bo
        assert response.context["form"]["returns_on"].value() == back

    def test_under_htmx_only_the_form_comes_back(
        self, manager: User, ann: User, rows: list[Action], sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        data = filled(opened(client, ann), preview="1")
        html = client.post(URL, data, headers={"HX-Request": "true"}).content.decode()
        assert html.lstrip().startswith("<form")

    def test_queries_do_not_depend_on_the_rows(
        self, manager: User, ann: User, rows: list[Action], today: date, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        opened(client, ann)
        with CaptureQueriesContext(connection) as few:
            opened(client, ann)
        for place in range(6):
            follow_up(ann, today, late=place)
            UserFactory(roles=["sales_support"])
        with CaptureQueriesContext(connection) as many:
            opened(client, ann)
        assert len(many) == len(few) <= 30


class TestReroute:
    def test_moves_the_ticked_ones_and_offers_to_undo(
        self, manager: User, ann: User, bo: User, cy: User, rows: list[Action], today: date, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        back = today + timedelta(days=5)
        data = filled(opened(client, ann), returns_on=back)
        response = client.post(URL, data, follow=True)
        override = Override.objects.get()
        assert response.redirect_chain == [(f"/override/{override.pk}/", 302)]
        assert holders()[2] == ann
        assert ann not in holders()[:2]
        html = response.content.decode()
        assert "2 follow-ups rerouted to 2 colleagues until" in html
        assert f'action="/override/{override.pk}/undo/"' in html
        assert (override.from_user, override.returns_on, override.note) == (ann, back, "Ill until Monday")
        client.post(f"/override/{override.pk}/undo/")
        assert holders() == [ann, ann, ann]

    def test_the_choice_made_by_hand_counts(
        self, manager: User, ann: User, cy: User, rows: list[Action], sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        first = opened(client, ann)
        changed = {f"to_{row.pk}": cy.pk for row in rows[:2]}
        client.post(URL, filled(first, **changed))
        assert holders()[:2] == [cy, cy]

    def test_new_ones_follow_when_the_box_is_ticked(
        self, manager: User, ann: User, bo: User, rows: list[Action], sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        client.post(URL, filled(opened(client, ann), also_new="on", stand_in=bo.pk))
        assert Absence.objects.get().substitute == bo

    def test_twice_the_same_form_is_one_override(
        self, manager: User, ann: User, rows: list[Action], sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        data = filled(opened(client, ann))
        first, second = client.post(URL, data), client.post(URL, data)
        assert first.headers["Location"] == second.headers["Location"]
        assert Override.objects.count() == 1

    def test_what_was_closed_meanwhile_is_reported(
        self, manager: User, ann: User, rows: list[Action], moment: datetime, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        data = filled(opened(client, ann))
        complete_action(rows[0], outcome="reached", by=ann, now=moment)
        response = client.post(URL, data, follow=True)
        html = response.content.decode()
        assert "1 follow-up rerouted to 1 colleague, 1 left alone" in html
        assert "closed by Ann Lee" in html

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"note": ""}, "Fill in this field."),
            ({"note": "nul\x00"}, "control characters"),
            ({"note": "x" * 501}, "at most 500"),
            ({"starts_on": "tomorrow"}, "Enter a date"),
            ({"starts_on": "0001-01-01"}, "between the years"),
            ({"returns_on": "2020-01-01"}, "must lie after today"),
            ({"reason": "moon"}, "Choose one of the offered values."),
            ({"strategy": "one"}, "Choose who takes them."),
            ({"also_new": "on", "stand_in": ""}, "Choose who gets the new ones."),
            ({"from_user": ""}, "Choose one."),
            ({"from_user": "9" * 40}, "Choose one of the offered values."),
            ({"form_token": "x"}, "Load the page again"),
            ({"row": []}, "choose at least one follow-up"),
            ({"row": ["x", "9" * 30, "-1", "\u0663"]}, "choose at least one follow-up"),
        ],
    )
    def test_bad_input_is_refused_in_words_and_kept(
        self,
        manager: User,
        ann: User,
        rows: list[Action],
        sign_in: SignIn,
        changes: dict[str, Any],
        says: str,
    ) -> None:
        client = sign_in(manager)
        data = filled(opened(client, ann), **changes)
        response = client.post(URL, data)
        assert response.status_code == 422
        assert says in response.content.decode()
        assert response.context["form"]["note"].value() == data["note"]
        assert not Override.objects.exists()

    def test_a_receiver_who_cannot_take_it_is_refused_at_the_row(
        self, manager: User, ann: User, charlie: User, rows: list[Action], sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        data = filled(opened(client, ann), **{f"to_{rows[0].pk}": charlie.pk})
        response = client.post(URL, data)
        assert response.status_code == 422
        assert f'id="to-error-{rows[0].pk}"' in response.content.decode()
        assert "Charlie may not see the customer" in response.content.decode()

    @pytest.mark.parametrize("field", ["to_{pk}", "seq_{pk}"])
    @pytest.mark.parametrize("value", ["", "x", "-1", "9" * 40, "1\x00"])
    def test_odd_rows_are_refused_and_never_an_error(
        self, manager: User, ann: User, rows: list[Action], sign_in: SignIn, field: str, value: str
    ) -> None:
        client = sign_in(manager)
        data = filled(opened(client, ann))
        for row in rows[:2]:
            data[field.format(pk=row.pk)] = value
        assert client.post(URL, data).status_code == 422

    def test_who_may_only_look_cannot_reroute(
        self, executive: User, ann: User, rows: list[Action], sign_in: SignIn
    ) -> None:
        client = sign_in(executive)
        assert 'class="btn btn-primary"' not in client.get(URL).content.decode()
        assert client.post(URL, {"from_user": ann.pk, "row": [rows[0].pk]}).status_code == 403
        assert client.post(URL, {"preview": "1"}).status_code == 403

    def test_a_lead_stays_within_his_teams(
        self,
        lead: User,
        alice: User,
        bob: User,
        charlie: User,
        north_shops: Team,
        today: date,
        sign_in: SignIn,
    ) -> None:
        follow_up(alice, today, customer=CustomerFactory(owner=alice, team=north_shops))
        follow_up(charlie, today, customer=CustomerFactory(owner=charlie))
        client = sign_in(lead)
        assert client.get(URL, {"from": charlie.pk}).context["from_user"] is None
        data = filled(opened(client, alice))
        assert client.post(URL, data | {"from_user": charlie.pk}).status_code == 422
        assert client.post(URL, data).status_code == 302


class TestPast:
    def made(self, client: Client, giver: User, **changes: Any) -> Override:
        client.post(URL, filled(opened(client, giver), **changes))
        return Override.objects.latest("pk")

    def test_the_list_and_the_page_of_one(
        self, manager: User, executive: User, ann: User, rows: list[Action], sign_in: SignIn
    ) -> None:
        override = self.made(sign_in(manager), ann)
        for user, may in ((manager, True), (executive, False)):
            client = sign_in(user)
            assert f"/override/{override.pk}/" in client.get("/override/past/").content.decode()
            html = client.get(f"/override/{override.pk}/").content.decode()
            assert "Override active for Ann Lee" in html
            assert ("End now" in html) == may

    def test_ending_gives_back_what_is_untouched(
        self, manager: User, ann: User, rows: list[Action], moment: datetime, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        override = self.made(client, ann)
        taken = Action.objects.get(pk=rows[0].pk)
        assert taken.assignee is not None
        start_action(taken, by=taken.assignee, now=moment + timedelta(minutes=1))
        assert client.get(f"/override/{override.pk}/end/").status_code == 200
        html = client.post(f"/override/{override.pk}/end/", follow=True).content.decode()
        assert "1 follow-up went back, 1 stayed" in html
        assert f"Stayed: changed by {taken.assignee}" in html
        assert client.post(f"/override/{override.pk}/end/").status_code == 422

    def test_who_may_only_look_can_neither_undo_nor_end(
        self, manager: User, executive: User, ann: User, rows: list[Action], sign_in: SignIn
    ) -> None:
        override = self.made(sign_in(manager), ann)
        for verb in ("undo", "end"):
            assert sign_in(executive).post(f"/override/{override.pk}/{verb}/").status_code == 403

    def test_overrides_of_other_teams_are_not_found(
        self, manager: User, lead: User, ann: User, rows: list[Action], sign_in: SignIn
    ) -> None:
        override = self.made(sign_in(manager), ann)
        for verb in ("", "undo/", "end/"):
            assert sign_in(lead).get(f"/override/{override.pk}/{verb}").status_code == 404
        assert sign_in(lead).get("/override/past/").context["page"].count == 0

    def test_queries_do_not_depend_on_the_rows(
        self, manager: User, ann: User, cy: User, rows: list[Action], today: date, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        small = self.made(client, ann)
        for place in range(5):
            follow_up(ann, today, late=place)
        large = self.made(client, ann)

        def queries(url: str) -> int:
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                response: HttpResponse = client.get(url)
            assert response.status_code == 200
            return len(captured)

        assert queries(f"/override/{small.pk}/") == queries(f"/override/{large.pk}/")
