"""The pages for administrators in Chromium, under the strict content policy and with their scripts."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.domain.absence import add_absence
from accounts.domain.user import set_roles
from accounts.models import Role, Team, User
from tests.accounts.admin_forms import PAGES, USERS, page_of
from tests.factories import NOW, PASSWORD, UserFactory
from tests.ui.browser import DESKTOP, PHONE, Complaints, accessibility_findings, sign_in_browser

pytestmark = pytest.mark.django_db(transaction=True)

# A script of Django names its two search fields by a label on an element that may not have one.
DJANGOS_OWN = 'aria-prohibited-attr: <span class="help-tooltip search-label-icon"'


@pytest.fixture
def office(page: Page, live_server: LiveServer, admin: User, alice: User, bob: User) -> Iterator[Page]:
    """The browser of ``admin`` on the first page; the browser complains about nothing until the end."""
    sign_in_browser(page, live_server, admin)
    heard = Complaints.of(page)
    page.goto(f"{live_server.url}/admin/")
    yield page
    assert heard.lines == []


def open_list(office: Page, name: str) -> None:
    office.get_by_role("main").get_by_role("link", name=name, exact=True).click()


def test_a_user_is_added_and_signs_in(office: Page, live_server: LiveServer) -> None:
    open_list(office, "Users")
    office.get_by_role("link", name="Add user").click()
    office.get_by_label("E-mail").fill("alice@example.com")
    office.get_by_label("Name", exact=False).first.fill("Nora New")
    office.get_by_label("Sales rep", exact=False).check()
    office.get_by_role("button", name="Save").click()
    expect(
        office.get_by_text("Somebody already signs in").or_(office.get_by_text("in use already"))
    ).to_be_visible()
    expect(office.get_by_label("Sales rep", exact=False)).to_be_checked()
    office.get_by_label("E-mail").fill("nora@example.com")
    office.get_by_role("button", name="Save").click()
    shown = office.get_by_text("Password of Nora New").inner_text()
    office.get_by_role("button", name="Sign out").click()
    expect(office).to_have_url(f"{live_server.url}/accounts/login/")
    office.get_by_label("Work e-mail").fill("NORA@example.com")
    office.get_by_label("Password", exact=True).fill(shown.rpartition(" ")[2])
    office.get_by_role("button", name="Sign in").click()
    expect(office).to_have_url(f"{live_server.url}/")


def test_levels_are_chosen_in_the_matrix(office: Page) -> None:
    open_list(office, "Roles")
    office.get_by_role("link", name="Sales rep").click()
    expect(office.get_by_text("2 people")).to_be_visible()
    office.get_by_role("radio", name="Credit: view").check()
    office.get_by_role("radio", name="Order entry: view").check()
    office.get_by_role("button", name="Save").click()
    expect(office.get_by_text("Sales rep is saved.")).to_be_visible()
    assert User.objects.get(name="Alice").has_perm("crm.view_credit")
    office.get_by_role("link", name="Sales rep").click()
    expect(office.get_by_role("radio", name="Order entry: view")).to_be_checked()
    office.get_by_role("link", name="History").click()
    expect(office.get_by_text("order entry: 2 → 1")).to_be_visible()


def test_members_move_between_the_two_lists(office: Page, alice: User) -> None:
    UserFactory(name="Zoe")
    open_list(office, "Teams")
    office.get_by_role("link", name="North shops").click()
    office.locator("#id_members_from").select_option(label="Zoe")
    office.locator("#id_members_add, #id_members_add_link").first.click()
    expect(office.locator("#id_members_to")).to_contain_text("Zoe")
    office.get_by_role("button", name="Save").click()
    expect(office.get_by_text("North shops is saved.")).to_be_visible()
    names = set(Team.objects.get(name="North shops").members.values_list("name", flat=True))
    assert names == {"Alice", "Bob", "Zoe"}


def test_a_suspended_users_open_page_leads_to_sign_in(
    office: Page, live_server: LiveServer, bob: User, new_context: object
) -> None:
    other: Page = new_context().new_page()  # type: ignore[operator]
    other.goto(f"{live_server.url}/accounts/login/")
    other.get_by_label("Work e-mail").fill(bob.email)
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other).to_have_url(f"{live_server.url}/")
    open_list(office, "Users")
    office.get_by_role("row", name="Bob").get_by_role("checkbox").check()
    office.get_by_label("Action:").select_option(label="Suspend: end access at once")
    office.get_by_role("button", name="Go", exact=False).click()
    expect(office.get_by_text("Suspended: Bob.")).to_be_visible()
    other.reload()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.fixture
def pages(admin: User, alice: User, bob: User) -> list[str]:
    """Lists and forms of every kind, with rows."""
    set_roles(user=bob, roles=list(Role.objects.exclude(code="administrator")), by=admin, now=NOW)
    add_absence(user=bob, starts_on=NOW.date(), ends_on=None, reason="sick", by=admin, now=NOW)
    sales = Role.objects.get(code="sales_rep")
    return [
        "/admin/",
        *PAGES,
        f"{USERS}?access=active",
        f"{USERS}add/",
        *(page_of(row) for row in (alice, admin, sales, Team.objects.get(name="North shops"))),
        f"{USERS}{bob.pk}/history/",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_have_no_accessibility_findings(
    page: Page, live_server: LiveServer, admin: User, pages: list[str], scheme: str, size: dict[str, int]
) -> None:
    sign_in_browser(page, live_server, admin)  # the policy refuses what axe itself tries, so nobody listens
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size(size)  # type: ignore[arg-type]
    found = {}
    for address in pages:
        page.goto(live_server.url + address)
        lines = [line for line in accessibility_findings(page) if DJANGOS_OWN not in line]
        if lines:
            found[address] = lines
    assert not found, "\n".join(f"{at} {line}" for at, lines in found.items() for line in lines)


def test_lists_of_people_show_every_column(
    page: Page, live_server: LiveServer, admin: User, pages: list[str]
) -> None:
    sign_in_browser(page, live_server, admin)
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.goto(f"{live_server.url}{USERS}")
    assert page.locator(".results").evaluate("list => list.scrollWidth - list.clientWidth") == 0


def test_every_level_of_the_matrix_is_in_view_on_a_phone(
    page: Page, live_server: LiveServer, admin: User
) -> None:
    sign_in_browser(page, live_server, admin)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(live_server.url + page_of(Role.objects.get(code="sales_rep")))
    row = page.get_by_role("row").filter(has_text="Follow-ups").last
    for level in ("None", "View", "Edit", "Manage"):
        word = row.get_by_text(level, exact=True)
        expect(word).to_be_visible()
        box: Any = word.bounding_box()
        assert 0 <= box["x"] <= PHONE["width"] - box["width"]


def test_a_role_stands_beside_its_box(page: Page, live_server: LiveServer, admin: User) -> None:
    sign_in_browser(page, live_server, admin)
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.goto(f"{live_server.url}{USERS}add/")
    labels = page.locator("#id_roles label")
    for label in labels.all():
        box: Any = label.bounding_box()
        assert box["height"] < 40, label.inner_text()
