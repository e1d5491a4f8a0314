"""The pages of crm and orders in Chromium: no accessibility findings, and work done without a page load."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Role, User
from crm.models import Action, Customer
from tests.crm.views.conftest import World
from tests.factories import ActionFactory, OrderFactory, OrderLineFactory
from tests.ui.browser import DESKTOP, PHONE, Complaints, assert_accessible, sign_in_browser

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(page: Page, live_server: LiveServer, world: World, alice: User, today: date) -> Iterator[str]:
    """The address of the product, with Alice signed in and work of every kind; no complaint at the end."""
    ActionFactory(
        customer=world.customer, assignee=alice, due_on=today - timedelta(days=4), title="Late call"
    )
    ActionFactory(customer=world.customer, assignee=None, queue=Role.objects.get(code="sales_rep"))
    sign_in_browser(page, live_server, alice)
    heard = Complaints.of(page)
    yield live_server.url
    assert heard.lines == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_have_no_accessibility_findings(
    page: Page, site: str, scheme: str, size: dict[str, int], world: World
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size(size)  # type: ignore[arg-type]
    order = OrderFactory(customer=world.customer)
    OrderLineFactory(order=order)
    customer, contact, action = world.customer.pk, world.contact.pk, world.action.pk
    for address in (
        "/",
        "/followups/?whose=all",
        "/followups/?status=closed",
        f"/followups/{action}/",
        f"/followups/{action}/complete/",
        f"/followups/{action}/hand-over/",
        f"/customers/{customer}/followup/",
        "/customers/",
        "/customers/new/",
        f"/customers/{customer}/",
        f"/customers/{customer}/timeline/",
        f"/customers/{customer}/log/",
        "/contacts/",
        f"/contacts/{contact}/",
        f"/contacts/{world.loose.pk}/move/",
        "/orders/",
        f"/orders/{order.pk}/",
    ):
        page.goto(site + address)
        assert_accessible(page)


PALE = """() => {
  const light = (part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!says || !element.checkVisibility() || element.closest(".sr, svg")) continue;
    const [r, g, b] = getComputedStyle(element).color.match(/[\\d.]+/g).map(Number).map(light);
    const contrast = 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05);
    if (contrast < 4.5) found.push(`${contrast.toFixed(1)} ${element.textContent.trim().slice(0, 40)}`);
  }
  return found;
}"""
PRESSED = "button, input, select, textarea, summary, kbd, nav, form, .btn, .tp-tabs, .seg, .tick"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_shows_what_can_be_read_and_nothing_to_press(
    page: Page, site: str, scheme: str, world: World
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    order = OrderFactory(customer=world.customer)
    OrderLineFactory(order=order)
    for address in (
        "/",
        "/followups/?whose=all",
        "/customers/?tier=C",
        f"/customers/{world.customer.pk}/",
        f"/followups/{world.action.pk}/",
        f"/orders/{order.pk}/",
    ):
        page.emulate_media(media="screen")
        page.goto(site + address)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        expect(page.locator(".print-foot")).to_be_hidden()
        page.emulate_media(media="print")
        assert page.evaluate(PALE) == []
        assert page.locator(PRESSED).locator("visible=true").count() == 0
        expect(page.locator(".print-foot")).to_have_text(
            re.compile(r"^Touchpoint, \d+ \w+ \d{4}, .*, Alice$")
        )


def test_paper_says_the_filter_that_a_swap_has_set(page: Page, site: str, world: World) -> None:
    page.goto(f"{site}/customers/?whose=mine")
    said = page.locator(".print-filter")
    page.get_by_label("Name, number or city").press_sequentially("harb")
    expect(page).to_have_url(re.compile("q=harb"))
    expect(said).to_be_hidden()
    page.emulate_media(media="print")
    expect(said).to_have_text("Filter: Search: harb; Whose: My customers")
    page.goto(f"{site}/followups/?status=overdue&whose=all")
    expect(said).to_have_text("Filter: Whose: Everybody's; Status: Overdue")
    page.goto(f"{site}/customers/")
    expect(said).to_have_count(0)


def test_a_tick_closes_counts_follow_and_undo_takes_it_back(page: Page, site: str) -> None:
    page.goto(site)
    late = page.get_by_role("listitem").filter(has_text="Late call")
    numbers = page.get_by_role("region", name="My numbers")
    overdue = numbers.get_by_role("link", name="Overdue")
    expect(overdue).to_contain_text("act first")
    late.get_by_role("button", name="Complete: Late call").click()
    expect(late).to_contain_text("Closed")
    expect(overdue).not_to_contain_text("act first")
    expect(page.locator("#greeting")).not_to_contain_text("overdue")
    expect(page.get_by_role("heading", name="Overdue")).to_have_count(0)
    expect(page.locator("#nav-crmmy_day .n")).to_have_count(0)
    page.keyboard.press("z")
    expect(page.get_by_text("Follow-up opened again")).to_be_visible()
    assert Action.objects.get(title="Late call").is_live


def test_the_figures_of_a_customer_and_a_list_follow_a_tick(page: Page, site: str, world: World) -> None:
    page.goto(f"{site}/customers/{world.customer.pk}/")
    figures = page.get_by_role("region", name="Key figures")
    expect(figures).to_contain_text("Open follow-ups 3")
    about = page.get_by_role("textbox", name="About")
    about.fill("typed before the tick")
    page.get_by_role("button", name="Complete: Late call").click()
    expect(figures).to_contain_text("Open follow-ups 2")
    expect(page.locator("#log-action option", has_text="Late call")).to_have_count(0)
    expect(about).to_have_value("typed before the tick")
    page.goto(f"{site}/followups/")
    expect(page.locator("#list-count")).to_have_text("1 follow-up")
    page.get_by_role("button", name=f"Complete: {world.action.title}").click()
    expect(page.locator("#list-count")).to_have_text("0 follow-ups")


def test_keys_walk_the_rows_and_snooze_the_highlighted_one(page: Page, site: str) -> None:
    page.goto(site)
    first = page.get_by_role("listitem").filter(has_text="Late call")
    expect(first.get_by_text("Snooze")).to_be_visible()
    page.keyboard.press("j")
    expect(first.get_by_text("Snooze")).to_be_hidden()
    page.keyboard.press("k")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Snooze follow-up")).to_be_visible()
    page.get_by_label("Another day").fill("2020-01-01")
    page.get_by_role("button", name="Snooze").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a day within the next 14 days")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Another day")).to_have_value("2020-01-01")


def test_two_people_at_one_record(page: Page, site: str, world: World) -> None:
    page.goto(f"{site}/customers/{world.customer.pk}/edit/")
    Customer.objects.filter(pk=world.customer.pk).update(city="Saved by Bob", version=2)
    page.get_by_label("City").fill("Typed by Alice")
    for _ in range(2):  # a third version in between is shown as well, in place of the second
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_be_focused()
        expect(page.get_by_role("row", name="City Saved by Bob Typed by Alice")).to_have_count(1)
        Customer.objects.filter(pk=world.customer.pk).update(version=3)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Customer saved")).to_be_visible()
    assert Customer.objects.get(pk=world.customer.pk).city == "Typed by Alice"


def test_a_customer_field_offers_matches(page: Page, site: str, world: World) -> None:
    page.goto(f"{site}/contacts/{world.loose.pk}/move/")
    field = page.get_by_role("combobox", name="Customer")
    field.press_sequentially("harb")
    expect(page.locator("#customer-options option")).to_have_count(1)
    field.fill("harbour")
    page.get_by_role("button", name="Move to customer").click()
    expect(page.get_by_text("Contact moved to the customer")).to_be_visible()
    assert world.loose.links.get().customer == world.customer
