"""What Follow-up Override offers when there is little or nothing to reroute, and what it keeps."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.domain.absence import add_absence
from accounts.models import Absence, User
from crm.models import Action
from events.domain.override import GONE
from events.models import Override
from events.views.override_draft import left_alone
from tests.events.views.conftest import follow_up
from tests.events.views.test_override import URL, filled, opened
from tests.factories import CustomerFactory
from tests.people import SignIn

pytestmark = pytest.mark.django_db
BUTTON = 'type="submit" class="btn btn-primary"'


class TestNothingOpen:
    def test_the_person_stays_chosen_and_new_ones_can_be_rerouted(
        self, manager: User, ann: User, bo: User, today: date, sign_in: SignIn
    ) -> None:
        client = sign_in(manager)
        page = opened(client, ann)
        html = page.content.decode()
        assert f'<option value="{ann.pk}" selected>Ann Lee (nothing open)' in html
        assert "Ann Lee has no open follow-ups" in html
        assert "Affected follow-ups" not in html
        assert "Reroute new follow-ups" in html
        client.post(URL, filled(page, also_new="on", stand_in=bo.pk))
        assert Absence.objects.get(user=ann).substitute == bo

    def test_the_address_of_an_unknown_person_asks_whose(
        self, manager: User, ann: User, today: date, moment: Any, sign_in: SignIn
    ) -> None:
        follow_up(ann, today)
        add_absence(user=ann, starts_on=today, by=None, now=moment)
        for unknown in ("99999", "x", "9" * 40):
            page = sign_in(manager).get(URL, {"from": unknown})
            assert page.context["from_user"] is None
            assert "You cannot reroute the follow-ups of this person." in page.content.decode()
            assert BUTTON not in page.content.decode()

    def test_what_already_goes_to_a_colleague_is_not_offered_again(
        self, manager: User, ann: User, bo: User, today: date, moment: Any, sign_in: SignIn
    ) -> None:
        add_absence(user=ann, starts_on=today, substitute=bo, by=None, now=moment)
        client = sign_in(manager)
        page = opened(client, ann)
        assert "New follow-ups go to Bo Diaz already." in page.content.decode()
        assert f"{BUTTON} disabled" in page.content.decode()
        refused = client.post(URL, filled(page, also_new="on"))
        assert refused.status_code == 422
        assert "new follow-ups of Ann Lee already go to Bo Diaz" in refused.content.decode()
        assert not Override.objects.exists()


class TestBar:
    def bar(self, response: Any) -> str:
        html = response.content.decode()
        return str(html[html.index("stickbar") :])

    def test_says_what_will_be_done_when_no_row_is_chosen(
        self, manager: User, ann: User, bo: User, today: date, sign_in: SignIn
    ) -> None:
        follow_up(ann, today)
        client = sign_in(manager)
        page = opened(client, ann)
        none = client.post(URL, filled(page, preview="1", row=[]))
        assert "Nothing is chosen." in self.bar(none)
        assert f"{BUTTON} disabled" in self.bar(none)
        new = client.post(URL, filled(page, preview="1", row=[], also_new="on", stand_in=bo.pk))
        assert "<b>New follow-ups</b> go to Bo Diaz" in self.bar(new)
        assert "Reroute new follow-ups" in self.bar(new)
        both = client.post(URL, filled(page, preview="1", also_new="on", stand_in=bo.pk))
        assert "New ones go to Bo Diaz." in self.bar(both)
        assert "Reroute 1 follow-up" in self.bar(both)

    def test_one_box_chooses_all_rows_even_without_a_script(
        self, manager: User, ann: User, bo: User, today: date, sign_in: SignIn
    ) -> None:
        for _ in range(3):
            follow_up(ann, today)
        client = sign_in(manager)
        page = opened(client, ann)
        assert 'aria-label="Select all" checked' in page.content.decode()
        some = client.post(URL, filled(page, preview="1", row=[]))
        assert 'aria-label="Select all" checked' not in some.content.decode()
        every = client.post(URL, filled(some, preview="1", tick_all="on"))
        assert every.context["draft"].ticked == 3


class TestStalePage:
    def test_rerouting_twice_is_refused_keeps_the_note_and_names_the_customers(
        self, manager: User, ann: User, bo: User, today: date, moment: Any, sign_in: SignIn
    ) -> None:
        add_absence(user=ann, starts_on=today, substitute=bo, by=None, now=moment)
        shops = [CustomerFactory(name=f"Shop {place}") for place in range(2)]
        for shop in shops:
            follow_up(ann, today, customer=shop)
        client = sign_in(manager)
        first, stale = opened(client, ann), opened(client, ann)
        assert client.post(URL, filled(first)).status_code == 302
        refused = client.post(URL, filled(stale, note="Read the timeline"))
        assert refused.status_code == 422
        html = refused.content.decode()
        assert "Nothing was rerouted" in html
        assert "2 follow-ups were left alone" in html
        for shop, row in zip(shops, Action.objects.order_by("pk"), strict=True):
            assert f"{shop.name}: now with {row.assignee}" in html
        assert refused.context["form"]["note"].value() == "Read the timeline"
        assert Override.objects.count() == 1

    def test_what_is_left_alone_is_listed_with_its_customer(
        self, manager: User, ann: User, bo: User, today: date, sign_in: SignIn
    ) -> None:
        gone = follow_up(ann, today, customer=CustomerFactory(name="Harbour Lane"))
        follow_up(ann, today)
        client = sign_in(manager)
        data = filled(opened(client, ann))
        Action.objects.filter(pk=gone.pk).update(assignee=bo)
        html = client.post(URL, data, follow=True).content.decode()
        assert "1 follow-up was left alone" in html
        assert "Harbour Lane: now with Bo Diaz" in html


def test_urgency_rises_with_the_days_late_and_orders_the_rows(
    manager: User, ann: User, today: date, sign_in: SignIn
) -> None:
    calm = follow_up(ann, today, late=3)
    week = follow_up(ann, today, late=4)
    old = follow_up(ann, today, late=8)
    top = follow_up(ann, today, priority=1)
    page = opened(sign_in(manager), ann)
    shown = [(line.row.pk, line.urgency[2]) for line in page.context["draft"].rows]
    assert shown == [(old.pk, "Critical"), (top.pk, "Critical"), (week.pk, "High"), (calm.pk, "Normal")]


def test_the_workload_has_its_average_marked_and_what_comes_on_top_hatched(
    manager: User, ann: User, bo: User, cy: User, today: date, sign_in: SignIn
) -> None:
    follow_up(ann, today)
    follow_up(bo, today - timedelta(days=1))
    page = opened(sign_in(manager), ann)
    html = page.content.decode()
    assert page.context["draft"].average == 1
    assert html.count('fill="url(#hatch)"') == 2  # the bar of who gets it, and the legend
    assert html.count('id="hatch"') == 1
    assert "Average 1" in html


def test_what_must_be_filled_in_carries_an_asterisk(
    manager: User, ann: User, today: date, sign_in: SignIn
) -> None:
    follow_up(ann, today)
    html = opened(sign_in(manager), ann).content.decode()
    assert 'Note to colleagues<span class="asteriskField">*</span>' in html
    assert "Back on</label>" in html


def test_what_is_gone_or_none_of_ones_business_has_no_row(manager: User, ann: User, today: date) -> None:
    there = follow_up(ann, today)
    kept = [(there.pk, GONE), (there.pk + 999, GONE)]
    assert left_alone(kept, manager, day=today) == []
    ((row, reason),) = left_alone([(there.pk, "now with Bo")], manager, day=today)
    assert (row.pk, reason) == (there.pk, "now with Bo")


def test_what_one_may_reroute_but_not_open_is_no_link(
    overseer: User, ann: User, cy: User, today: date, sign_in: SignIn
) -> None:
    row = follow_up(ann, today, customer=CustomerFactory(name="Secret Ltd"), title="Secret call")
    html = sign_in(overseer).get("/override/", {"from": ann.pk}).content.decode()
    assert f'name="row" id="row-{row.pk}"' in html
    assert "Restricted" in html
    assert row.get_absolute_url() not in html
    assert "Secret" not in html


def test_what_was_rerouted_but_may_not_be_opened_is_no_link(
    manager: User, overseer: User, ann: User, bo: User, today: date, sign_in: SignIn
) -> None:
    row = follow_up(ann, today, customer=None, title="Secret errand")
    client = sign_in(manager)
    client.post(URL, filled(opened(client, ann)))
    page = sign_in(overseer).get(Override.objects.get().get_absolute_url()).content.decode()
    assert "Restricted" in page
    assert "Secret" not in page
    assert row.get_absolute_url() not in page
    assert "Secret errand" in client.get(Override.objects.get().get_absolute_url()).content.decode()
