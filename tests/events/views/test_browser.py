"""The management screens in Chromium: accessibility, the side panel, and a proposal that follows."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from accounts.domain.absence import add_absence
from accounts.models import Role, User
from crm.models import Action, Customer
from events.models import Event, Override
from tests.events.rerouting import reroute
from tests.events.views.conftest import follow_up
from tests.ui.browser import DESKTOP, PHONE, Complaints, assert_accessible, sign_in_browser

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(
    page: Page,
    live_server: LiveServer,
    manager: User,
    ann: User,
    bo: User,
    cy: User,
    lapse: Event,
    today: date,
    moment: datetime,
) -> Iterator[str]:
    """The address of the product with the manager signed in; Ann is ill and has work of every age."""
    add_absence(
        user=ann, starts_on=today, ends_on=today + timedelta(days=6), reason="sick", by=None, now=moment
    )
    for late in (9, 4, 1, 0):
        follow_up(ann, today, late=late)
    follow_up(bo, today)
    follow_up(bo, today, assignee=None, queue=Role.objects.get(code="sales_support"))
    sign_in_browser(page, live_server, manager)
    heard = Complaints.of(page)
    yield live_server.url
    assert heard.lines == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_have_no_accessibility_findings(
    page: Page,
    site: str,
    scheme: str,
    size: dict[str, int],
    lapse: Event,
    silent: list[Customer],
    ann: User,
    bo: User,
    manager: User,
) -> None:
    override = reroute(list(Action.objects.filter(assignee=ann)[:1]), bo, by=manager).override
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size(size)  # type: ignore[arg-type]
    for address in (
        "/events/",
        f"/events/{lapse.pk}/",
        f"/events/{lapse.pk}/activate/",
        f"/events/{lapse.pk}/deactivate/",
        f"/events/{lapse.pk}/runs/",
        f"/events/{lapse.pk}/occurrences/",
        f"/events/{lapse.pk}/run/",
        "/status/",
        "/status/?measure=closed",
        "/status/?measure=on_time",
        "/override/",
        f"/override/?from={manager.pk}",
        "/override/?from=99999",
        "/override/past/",
        f"/override/{override.pk}/",
        f"/override/{override.pk}/end/",
    ):
        page.goto(site + address)
        assert_accessible(page)
    version = lapse.versions.get()
    for status in ("active", "paused"):
        Event.objects.filter(pk=lapse.pk).update(status=status, active_version=version)
        for address in ("/events/", f"/events/{lapse.pk}/", f"/events/{lapse.pk}/run/"):
            page.goto(site + address)
            assert_accessible(page)
    page.goto(f"{site}/override/")
    page.locator(".stickbar").get_by_role("button").click()
    expect(page.get_by_role("alert")).to_contain_text("Note to colleagues")
    assert_accessible(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_status_ends_with_its_last_card(page: Page, site: str, size: dict[str, int]) -> None:
    """What only readers see must not make the page longer than what is to be seen."""
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(f"{site}/status/")
    ends = "elements => Math.max(...elements.map(element => element.getBoundingClientRect().bottom))"
    last = page.locator("main section").evaluate_all(ends)
    assert page.evaluate("document.documentElement.scrollHeight") - last < 120


def test_a_number_opens_a_side_panel_and_reroute_takes_the_ticked_ones_along(page: Page, site: str) -> None:
    page.goto(f"{site}/status/")
    page.get_by_role("row", name="Ann Lee").get_by_role("link", name="overdue").first.click()
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", name="No orders in 60 days")).to_be_visible()
    expect(panel.get_by_role("listitem")).to_have_count(3)
    assert_accessible(page)
    panel.get_by_role("checkbox").first.uncheck()
    panel.get_by_role("button", name="Reroute").click()
    expect(page.get_by_role("heading", name="Follow-up Override")).to_be_visible()
    expect(page.locator("#ov-count")).to_have_text("2 selected, 2 overdue")


def test_the_proposal_follows_each_change_without_a_page_load(page: Page, site: str, cy: User) -> None:
    page.goto(f"{site}/override/")
    bar = page.locator(".stickbar")
    expect(bar).to_contain_text("4 follow-ups to 2 colleagues")
    page.get_by_label("Note to colleagues").fill("Read the timeline first")
    page.locator("input[name=row]").first.uncheck()
    expect(bar).to_contain_text("3 follow-ups")
    page.get_by_text("One person", exact=True).click()
    page.get_by_label("Person", exact=True).select_option(label="Cy Ox")
    expect(bar).to_contain_text("3 follow-ups to 1 colleague: Cy Ox 3")
    expect(page.get_by_label("Note to colleagues")).to_have_value("Read the timeline first")
    bar.get_by_role("button", name="Reroute 3 follow-ups").click()
    expect(page.get_by_text("3 follow-ups rerouted to 1 colleague")).to_be_visible()
    assert Action.objects.filter(assignee=cy).count() == 3
    page.keyboard.press("z")
    expect(page.get_by_text("3 follow-ups went back")).to_be_visible()
    assert Override.objects.get().status == "undone"


def test_enter_in_a_field_only_updates_the_proposal(page: Page, site: str) -> None:
    page.goto(f"{site}/override/")
    page.get_by_label("Note to colleagues").fill("Ill")
    page.get_by_label("Back on").press("Enter")
    expect(page.get_by_label("Note to colleagues")).to_have_value("Ill")
    expect(page).to_have_url(f"{site}/override/")
    assert not Override.objects.exists()


def test_what_is_typed_while_a_proposal_is_under_way_stays(page: Page, site: str) -> None:
    """The answer to a tick arrives when the note has been typed and left: it must not empty the note."""
    page.goto(f"{site}/override/")
    page.get_by_label("Back on").evaluate("field => { field.dataset.mine = 'yes'; }")
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/override/", hold)
    with page.expect_request("**/override/"):
        page.locator("input[name=row]").first.uncheck()
    page.get_by_label("Note to colleagues").fill("Read the timeline first")
    page.get_by_role("heading", name="Follow-up Override").click()
    waiting[0].continue_()
    expect(page.locator(".stickbar")).to_contain_text("3 follow-ups")
    expect(page.get_by_label("Note to colleagues")).to_have_value("Read the timeline first")
    expect(page.get_by_label("Back on")).to_have_attribute("data-mine", "yes")


def test_one_box_ticks_and_unticks_every_row(page: Page, site: str) -> None:
    page.goto(f"{site}/override/")
    every, bar = page.get_by_role("checkbox", name="Select all"), page.locator(".stickbar")
    every.uncheck()
    expect(bar).to_contain_text("None of the open ones is chosen")
    expect(bar.get_by_role("button", name="Reroute new follow-ups")).to_be_enabled()
    every.check()
    expect(bar).to_contain_text("4 follow-ups")
    assert_accessible(page)


def test_another_person_brings_his_own_days(page: Page, site: str, ann: User, bo: User) -> None:
    page.goto(f"{site}/override/")
    before = page.get_by_label("Back on").input_value()
    page.get_by_label("Note to colleagues").fill("Read the timeline first")
    page.get_by_role("combobox", name="Who is away").select_option(str(bo.pk))
    expect(page.get_by_role("checkbox", name="Select all")).to_be_checked()
    expect(page.get_by_label("Back on")).to_have_value("")
    expect(page.get_by_label("Note to colleagues")).to_have_value("Read the timeline first")
    assert before
