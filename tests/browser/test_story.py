"""The main job in Chromium, from the rep's follow-up to the manager's reroute and back.

Orders stop, an event finds the customers, each becomes one follow-up for the right rep with its reason;
the rep works it off on My day, the manager watches Status and reroutes the work of whoever is away.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.domain.organisation import today_at
from accounts.models import Absence, User
from core.clock import database_now
from crm.models import Action, Customer
from events.domain.heartbeat import beat
from events.models import Event, Occurrence, Override
from tests.events.world import customer, organise, sale, settle, shipped
from tests.factories import ActionFactory
from tests.ui.browser import DESKTOP, PHONE, Complaints, assert_accessible, sign_in_browser

pytestmark = pytest.mark.django_db(transaction=True)

SILENT, LONG_AGO = timedelta(days=70), timedelta(days=200)
SCREENS = ("/events/", "/status/", "/override/")


@dataclass(frozen=True)
class Story:
    """Who and what the story is about; ``today`` as the pages count it."""

    today: date
    now: datetime
    event: Event
    alices: Customer
    bobs: list[Customer]
    charlies: Customer


@pytest.fixture
def story(alice: User, bob: User, charlie: User, manager: User) -> Story:
    """Bob is ill. He, Alice and Charlie each have customers that have not ordered for 70 days."""
    organise()
    now = database_now()
    today = today_at(now)
    alices = _silent(alice, "Harbour Lane Gifts", today)
    bobs = [_silent(bob, name, today) for name in ("Copper Kettle", "Thistle and Thread", "Amber Fox")]
    charlies = _silent(charlie, "Quay Road Interiors", today)
    _ordering(alice, "Bell and Basket", today)
    settle(today - timedelta(days=1))
    beat(now=now, took_ms=1)
    Absence.objects.create(
        user=bob, starts_on=today - timedelta(days=2), ends_on=today + timedelta(days=5), reason="sick",
        created_at=now,
    )  # fmt: skip
    for place, owned in enumerate(bobs):
        due_on = today + timedelta(days=place - 1)
        ActionFactory(customer=owned, assignee=bob, owner=bob, due_on=due_on, title=f"Call {owned.name}")
    ActionFactory(customer=alices, assignee=alice, owner=alice, due_on=today, title="Send the price list")
    return Story(today, now, shipped("NOORDER60"), alices, bobs, charlies)


def _silent(owner: User, name: str, today: date) -> Customer:
    made = customer(owner, name=name, team=owner.teams.get(), search=name.lower())
    sale(made, today - LONG_AGO)
    sale(made, today - SILENT)
    return made


def _ordering(owner: User, name: str, today: date) -> Customer:
    made = customer(owner, name=name, team=owner.teams.get(), search=name.lower())
    sale(made, today - timedelta(days=5))
    return made


@pytest.fixture
def as_user(page: Page, live_server: LiveServer) -> Iterator[Callable[[User], str]]:
    """``as_user(alice)`` signs the browser in and gives the address; it complains of nothing."""
    heard = Complaints.of(page)

    def signed_in(user: User) -> str:
        page.context.clear_cookies()
        sign_in_browser(page, live_server, user)
        return live_server.url

    yield signed_in
    assert heard.lines == []


Enter = Callable[[User], str]


def activate(page: Page, site: str, event: Event, choice: str) -> None:
    """The manager looks at the preview and activates."""
    page.goto(f"{site}/events/")
    page.get_by_role("link", name=event.name, exact=True).first.click()
    page.get_by_role("link", name="Activate", exact=True).click()
    page.get_by_role("radio", name=re.compile(choice)).check()
    page.get_by_role("button", name="Activate").click()
    expect(page).to_have_url(f"{site}/events/{event.pk}/")


def test_the_rep_completes_a_follow_up_on_my_day(
    page: Page, as_user: Enter, story: Story, alice: User
) -> None:
    page.goto(as_user(alice))
    mine = page.get_by_role("listitem").filter(has_text="Send the price list")
    expect(mine).to_contain_text("Harbour Lane Gifts")
    mine.get_by_role("link", name="Send the price list").click()
    page.get_by_role("link", name="Complete").click()
    page.get_by_label("No interest now").check()
    page.get_by_label("Note").fill("Rebuilds the shop until spring.")
    page.get_by_role("button", name="Complete").click()
    expect(page.get_by_text("Rebuilds the shop until spring.").first).to_be_visible()
    done = Action.objects.get(title="Send the price list")
    assert (done.status, done.outcome, done.closed_by) == ("done", "no_interest", alice)
    page.goto(as_user(alice))
    expect(page.get_by_role("listitem").filter(has_text="Send the price list")).to_have_count(0)


def test_the_manager_activates_after_the_preview(
    page: Page, as_user: Enter, story: Story, alice: User, manager: User
) -> None:
    site = as_user(manager)
    page.goto(f"{site}/events/{story.event.pk}/activate/")
    sample = page.get_by_role("table", name="First in line")
    expect(sample.get_by_role("row")).to_have_count(1 + 5)
    expect(sample.get_by_role("row").filter(has_text="Harbour Lane Gifts")).to_contain_text("Last order")
    expect(sample).not_to_contain_text("Bell and Basket")
    assert not Occurrence.objects.exists(), "a preview writes nothing"
    activate(page, site, story.event, "at once")
    expect(page.get_by_text("Active").first).to_be_visible()
    assert Occurrence.objects.filter(state="fired").count() == 5
    made = Action.objects.get(customer=story.alices, origin_code="NOORDER60")
    assert made.assignee == alice
    page.goto(as_user(alice))
    mine = page.get_by_role("listitem").filter(has_text="Call about the missing order")
    expect(mine).to_contain_text("Harbour Lane Gifts")
    expect(mine).to_contain_text("No orders in 60 days")


def test_each_number_of_status_opens_exactly_its_rows(
    page: Page, as_user: Enter, story: Story, manager: User
) -> None:
    site = as_user(manager)
    activate(page, site, story.event, "at once")
    page.goto(f"{site}/status/")
    board = page.get_by_role("region", name="Board")
    links = [
        (link.inner_text(), link.get_attribute("href") or "") for link in board.get_by_role("link").all()
    ]
    numbers = [
        (int(re.findall(r"\d+", text)[-1]), href) for text, href in links if "/status/follow-ups/" in href
    ]
    assert len(numbers) > 12
    assert (Action.objects.live().count(), "/status/follow-ups/?whose=all&status=open") in numbers
    for number, href in numbers:
        page.goto(f"{site}{href}")
        expect(page.locator("#list [role=listitem]")).to_have_count(number)


def test_a_number_opens_its_panel_and_from_there_the_reroute(
    page: Page, as_user: Enter, story: Story, manager: User, bob: User
) -> None:
    site = as_user(manager)
    page.goto(f"{site}/status/")
    page.get_by_role("region", name="Board").get_by_role("link", name="Bob: 3 open").last.click()
    panel = page.locator("#panel")
    expect(panel.get_by_role("listitem")).to_have_count(3)
    assert_accessible(page)
    panel.get_by_role("button", name="Reroute").click()
    expect(page.get_by_role("combobox", name="Who is away")).to_have_value(str(bob.pk))
    expect(page.locator("input[name=row]:checked")).to_have_count(3)


def test_the_manager_reroutes_an_absent_reps_work_and_undoes(
    page: Page, as_user: Enter, story: Story, manager: User, alice: User, bob: User
) -> None:
    site = as_user(manager)
    page.goto(f"{site}/override/")
    expect(page.get_by_role("combobox", name="Who is away")).to_have_value(str(bob.pk))
    page.get_by_text("All 3").click()
    expect(page.locator("input[name=row]")).to_have_count(3)
    assert_accessible(page)
    for box in page.locator("input[name=row]").all():
        box.check()
    page.get_by_role("textbox", name="Note to colleagues").fill("Bob is ill until Friday.")
    page.get_by_label("New ones go to").select_option(label="Alice")
    page.get_by_role("button", name=re.compile("^Reroute")).click()
    expect(page.get_by_text(re.compile("3 follow-ups rerouted"))).to_be_visible()
    override = Override.objects.get()
    assert override.status == "active"
    assert not Action.objects.live().filter(assignee=bob).exists()
    assert set(Action.objects.filter(owner=bob).values_list("owner", flat=True)) == {bob.pk}
    assert_accessible(page)
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text(re.compile("[Uu]ndone")).first).to_be_visible()
    override.refresh_from_db()
    assert override.status == "undone"
    assert Action.objects.live().filter(assignee=bob).count() == 3


@pytest.mark.parametrize("screen", SCREENS)
def test_without_the_job_function_the_screens_are_refused(
    page: Page, as_user: Enter, story: Story, alice: User, screen: str
) -> None:
    site = as_user(alice)
    response = page.goto(site + screen)
    assert response is not None
    assert response.status == 403
    expect(page.get_by_role("main")).to_contain_text("CRM management")
    expect(page.get_by_role("navigation").get_by_role("link", name="Status")).to_have_count(0)
    assert_accessible(page)


def test_nobody_sees_a_customer_outside_his_records(
    page: Page, as_user: Enter, story: Story, alice: User, charlie: User
) -> None:
    site = as_user(charlie)
    hidden = Action.objects.get(title="Send the price list")
    for address in (f"/customers/{story.alices.pk}/", f"/followups/{hidden.pk}/"):
        response = page.goto(site + address)
        assert response is not None
        assert response.status == 404
        expect(page.locator("body")).not_to_contain_text("Harbour Lane Gifts")
    for address in ("/", "/customers/", "/customers/?q=harbour", "/followups/?whose=all", "/orders/"):
        page.goto(site + address)
        expect(page.locator("body")).not_to_contain_text("Harbour Lane Gifts")
    page.goto(f"{site}/customers/")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    expect(page.locator("#list")).to_contain_text("Quay Road Interiors")


def test_a_follow_up_is_completed_without_scripts(
    browser: Browser, live_server: LiveServer, story: Story, alice: User
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=DESKTOP)
    try:
        page = context.new_page()
        sign_in_browser(page, live_server, alice)
        page.goto(live_server.url)
        page.get_by_role("button", name="Complete: Send the price list").click()
        expect(page.get_by_role("listitem").filter(has_text="Send the price list")).to_have_count(0)
        assert not Action.objects.get(title="Send the price list").is_live
    finally:
        context.close()


def test_the_manager_reroutes_without_scripts(
    browser: Browser, live_server: LiveServer, story: Story, manager: User, bob: User
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=DESKTOP)
    try:
        page = context.new_page()
        sign_in_browser(page, live_server, manager)
        page.goto(f"{live_server.url}/override/?from={bob.pk}")
        page.get_by_role("textbox", name="Note to colleagues").fill("Bob is ill.")
        page.get_by_role("checkbox", name=re.compile("Also reroute new")).uncheck()
        page.get_by_role("button", name=re.compile("^Reroute")).click()
        expect(page.get_by_text(re.compile("Override active for Bob"))).to_be_visible()
        assert Override.objects.get().items.exists()
    finally:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_screens_have_no_accessibility_findings(
    page: Page, as_user: Enter, story: Story, manager: User, bob: User, scheme: str, size: dict[str, int]
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    site = as_user(manager)
    page.set_viewport_size(size)  # type: ignore[arg-type]
    activate(page, site, story.event, "at once")
    for address in (
        "/",
        "/events/",
        f"/events/{story.event.pk}/",
        f"/events/{story.event.pk}/occurrences/",
        f"/events/{story.event.pk}/runs/",
        f"/events/{story.event.pk}/deactivate/",
        f"/events/{shipped('WELCOME').pk}/activate/",
        "/status/",
        f"/override/?from={bob.pk}",
        "/override/past/",
        "/followups/?whose=all",
        "/customers/",
        f"/customers/{story.alices.pk}/",
        "/contacts/",
        "/orders/",
        "/about/",
    ):
        page.goto(site + address)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        assert_accessible(page)
