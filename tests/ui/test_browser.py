"""The shell in Chromium: look, keyboard, theme, phone, fragments, and no complaint of the browser."""

from collections.abc import Iterator

import pytest
from django.test import override_settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from crm.models import Customer
from tests.factories import PASSWORD, CustomerFactory
from tests.ui.browser import DESKTOP, PHONE, Complaints, assert_accessible, sign_in_browser

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("small_site")]


@pytest.fixture
def site(page: Page, live_server: LiveServer, alice: User) -> Iterator[str]:
    """The address of the small site, with Alice and 30 customers of hers; no complaint at the end."""
    for number in range(30):
        CustomerFactory(name=f"Shop {number:02d}", owner=alice)
    sign_in_browser(page, live_server, alice)
    heard = Complaints.of(page)
    yield live_server.url
    assert heard.lines == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_have_no_accessibility_findings(
    page: Page, site: str, scheme: str, size: dict[str, int], alice: User
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size(size)  # type: ignore[arg-type]
    first = Customer.objects.earliest("pk").pk
    for address in (
        "/customers/",
        "/customers/?tier=C&q=shop",
        "/customers/?tier=Z",
        "/customers/?q=zzz",
        f"/customers/{first}/",
        f"/customers/{first}/edit/",
        f"/customers/{first}/hold/",
        "/about/",
        "/status/",
        "/nothing/",
    ):
        page.goto(site + address)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        assert_accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sign_in_and_the_pages_of_errors(
    page: Page, live_server: LiveServer, alice: User, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{live_server.url}/accounts/login/?next=/customers/")
    assert_accessible(page)
    page.get_by_label("Work e-mail").fill(alice.email)
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Show password").click()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{live_server.url}/customers/")
    page.get_by_label("Account menu").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{live_server.url}/customers/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_500_looks_like_the_product(page: Page, live_server: LiveServer, alice: User) -> None:
    sign_in_browser(page, live_server, alice)
    with override_settings(DEBUG_PROPAGATE_EXCEPTIONS=False):
        page.goto(f"{live_server.url}/broken/")
    expect(page.get_by_role("heading", name="Something broke on our side")).to_be_visible()
    assert_accessible(page)


def test_the_theme_changes_at_once_and_stays(page: Page, site: str, alice: User) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(f"{site}/customers/")
    with page.expect_response("**/theme/") as answered:
        page.get_by_label("Theme").click()
        page.get_by_role("button", name="Dark").click()
    assert answered.value.status == 204
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    alice.refresh_from_db()
    assert alice.theme == "dark"
    page.reload(wait_until="commit")
    page.wait_for_function("document.documentElement")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_like_the_device_follows_the_device(page: Page, site: str) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(f"{site}/about/")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_search_filters_while_typing_and_keeps_the_address(page: Page, site: str) -> None:
    page.goto(f"{site}/customers/")
    field = page.get_by_label("Name", exact=True)
    field.press_sequentially("shop 07")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    expect(field).to_be_focused()
    expect(field).to_have_value("shop 07")
    expect(page).to_have_url(f"{site}/customers/?q=shop%2007")
    expect(page.locator("#live")).to_have_text("1 customer")


def test_paging_and_sorting_replace_the_list_only(page: Page, site: str) -> None:
    page.goto(f"{site}/customers/")
    page.evaluate("document.body.dataset.witness = 'same page'")
    page.get_by_label("Next page").click()
    expect(page.locator("#list tbody tr")).to_have_count(5)
    page.get_by_label("Previous page").click()
    expect(page.locator("#list tbody tr")).to_have_count(25)
    page.get_by_role("link", name="Customer", exact=True).click()
    expect(page.locator("#list tbody tr").first).to_contain_text("Shop 29")
    expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    expect(page.locator("body")).to_have_attribute("data-witness", "same page")


def test_rows_and_screens_by_keyboard(page: Page, site: str) -> None:
    page.goto(f"{site}/customers/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tbody tr.cur")).to_contain_text("Shop 01")
    page.keyboard.press("x")
    expect(page.locator("tbody tr.sel")).to_contain_text("Shop 01")
    page.keyboard.press("k")
    expect(page.locator("tbody tr.cur")).to_contain_text("Shop 00")
    page.keyboard.press("/")
    expect(page.get_by_label("Search customers")).to_be_focused()
    page.keyboard.type("j?")
    expect(page.get_by_label("Search customers")).to_have_value("j?")
    expect(page.locator("tbody tr.cur")).to_contain_text("Shop 00")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page).to_have_url(f"{site}/")


def test_single_letters_can_be_switched_off(page: Page, site: str, alice: User) -> None:
    page.goto(f"{site}/customers/")
    page.get_by_label("Account menu").click()
    button = page.get_by_role("button", name="Single-letter keys")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    for _ in range(2):  # at once, and on every later page
        page.keyboard.press("j")
        page.keyboard.press("?")
        expect(page.locator("tbody tr.cur")).to_have_count(0)
        expect(page.get_by_role("dialog")).to_be_hidden()
        page.goto(f"{site}/customers/")
    alice.refresh_from_db()
    assert not alice.letter_keys
    page.get_by_label("Account menu").click()
    page.get_by_role("button", name="Single-letter keys").click()
    expect(page.get_by_role("button", name="Single-letter keys")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("tbody tr.cur")).to_have_count(1)


def test_the_drawer_on_a_phone(page: Page, site: str) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{site}/customers/")
    sidebar = page.locator("#sidebar")
    expect(sidebar).to_be_hidden()
    page.get_by_role("button", name="More").click()
    expect(sidebar).to_be_visible()
    expect(sidebar.get_by_role("link").first).to_be_focused()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(sidebar).to_be_hidden()
    expect(page.get_by_role("button", name="Open navigation")).to_be_focused()
    page.get_by_role("button", name="Open navigation").click()
    page.mouse.click(380, 400)
    expect(sidebar).to_be_hidden()
    expect(page).to_have_url(f"{site}/customers/")


def test_a_refused_form_shows_what_to_change_and_keeps_the_rest(page: Page, site: str) -> None:
    first = Customer.objects.earliest("pk").pk
    page.goto(f"{site}/customers/{first}/edit/")
    page.get_by_label("Name").fill("taken")
    page.get_by_label("Note").fill("kept text")
    page.get_by_label("Note").press("Control+Enter")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(page.get_by_label("Note")).to_have_value("kept text")
    assert_accessible(page)
    summary.get_by_role("link").click()
    expect(page.get_by_label("Name")).to_be_focused()
    page.get_by_label("Name").fill("Renamed")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Customer saved")).to_be_visible()
    assert_accessible(page)


def test_pages_work_without_a_script(browser, live_server: LiveServer, alice: User) -> None:
    CustomerFactory.create_batch(30, owner=alice)
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    sign_in_browser(page, live_server, alice)
    page.goto(f"{live_server.url}/customers/")
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("#list tbody tr")).to_have_count(5)
    page.get_by_role("button", name="More").click()
    expect(page.locator("#sidebar")).to_be_visible()
    page.goto(f"{live_server.url}/customers/")
    page.get_by_label("Theme").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    context.close()


def test_what_was_typed_outlives_the_session(page: Page, site: str, alice: User) -> None:
    record = Customer.objects.earliest("pk")
    address = f"{site}/customers/{record.pk}/edit/"
    page.goto(address)
    page.get_by_label("Name").fill("Typed before the end")
    page.context.clear_cookies(name="sid")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Work e-mail").fill(alice.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(address)
    expect(page.get_by_label("Name")).to_have_value("Typed before the end")
    expect(page.locator("#toasts")).to_contain_text("What you had typed is back")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Customer saved")).to_be_visible()
    assert Customer.objects.get(pk=record.pk).name == "Typed before the end"
    page.goto(address)  # what was saved is no draft any more
    expect(page.locator("#toasts")).not_to_contain_text("What you had typed")
    assert page.evaluate("sessionStorage.getItem('tp:draft')") is None
