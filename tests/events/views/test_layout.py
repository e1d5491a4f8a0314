"""Where things stand on the management screens, measured in Chromium on wide pages and on phones."""

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from crm.models import Customer
from events.models import Event
from tests.events.views.conftest import follow_up
from tests.ui.browser import DESKTOP, PHONE, sign_in_browser

pytestmark = pytest.mark.django_db(transaction=True)
NARROW = {"width": 1024, "height": 900}


@pytest.fixture
def site(
    page: Page, live_server: LiveServer, manager: User, ann: User, bo: User, lapse: Event, today: date
) -> Iterator[str]:
    """The address of the product with the manager signed in; Ann has overdue work."""
    for late in (9, 4, 1, 0):
        follow_up(ann, today, late=late)
    follow_up(ann, today, origin="manual", origin_code="", origin_key=None, reason={})
    follow_up(bo, today)
    sign_in_browser(page, live_server, manager)
    return live_server.url


def size(page: Page, viewport: dict[str, int]) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]


def middle(box: Locator) -> float:
    found = box.bounding_box()
    assert found is not None
    return found["y"] + found["height"] / 2


def top(box: Locator) -> float:
    found = box.bounding_box()
    assert found is not None
    return found["y"]


def text_middle(box: Locator) -> float:
    """The middle of what is written, not of the box around it."""
    return float(
        box.evaluate(
            "box => { const range = document.createRange(); range.selectNodeContents(box);"
            " const found = range.getBoundingClientRect(); return found.top + found.height / 2; }"
        )
    )


class TestBoard:
    def test_what_stands_in_a_row_stands_in_its_middle(self, page: Page, site: str) -> None:
        size(page, DESKTOP)
        page.goto(f"{site}/status/")
        row = page.get_by_role("row", name="Ann Lee")
        cell = row.locator("td").first
        assert abs(text_middle(cell.locator(".mx-c")) - middle(cell)) <= 2
        gap = cell.evaluate(
            "cell => { const [over, under] = [...cell.querySelectorAll('a')].map(link =>"
            " { const range = document.createRange(); range.selectNodeContents(link);"
            " return range.getBoundingClientRect(); }); return under.top - over.bottom; }"
        )
        assert gap <= 6
        ages = row.locator("td.mx-age")
        assert abs(text_middle(ages) - middle(ages)) <= 4
        last = page.locator(".mx tfoot tr")
        assert abs(text_middle(last.locator("th")) - middle(last)) <= 2

    def test_the_focus_ring_stays_within_its_row(self, page: Page, site: str) -> None:
        size(page, DESKTOP)
        page.goto(f"{site}/status/")
        link = page.get_by_role("row", name="Ann Lee").get_by_role("link", name="open").first
        link.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        assert link.evaluate("link => getComputedStyle(link).outlineOffset") == "-2px"

    def test_nothing_runs_over_on_a_narrow_page(self, page: Page, site: str) -> None:
        size(page, NARROW)
        page.goto(f"{site}/status/")
        wide = "tiles => tiles.filter(tile => tile.scrollWidth > tile.clientWidth).length"
        assert page.locator(".tp-tile, .tp-tile .d").evaluate_all(wide) == 0


class TestPhone:
    def test_figures_say_what_they_count(self, page: Page, site: str) -> None:
        size(page, PHONE)
        page.goto(f"{site}/events/")
        row = page.get_by_role("row", name="No orders in 60 days")
        expect(row.get_by_text("open", exact=True)).to_be_visible()
        expect(row.get_by_text("overdue", exact=True)).to_be_visible()
        words = row.locator(".cw")
        assert words.first.evaluate("word => word.getBoundingClientRect().width") > 20
        size(page, DESKTOP)
        assert words.first.evaluate("word => word.getBoundingClientRect().width") <= 1

    def test_status_keeps_its_context_and_names_each_event_once(self, page: Page, site: str) -> None:
        size(page, PHONE)
        page.goto(f"{site}/status/")
        expect(page.get_by_text("3 belong to Ann Lee")).to_be_visible()
        person = page.locator(".mx-mob details").filter(has_text="Ann Lee")
        person.locator("summary").click()
        line = person.locator(".mx-mob-l").filter(has_text="No orders in 60 days")
        expect(line).to_have_count(1)
        late, live = line.get_by_role("link", name="overdue"), line.get_by_role("link", name="open")
        assert abs(middle(late) - middle(live)) <= 1

    def test_the_chart_begins_with_the_newest_week(self, page: Page, site: str) -> None:
        size(page, PHONE)
        page.goto(f"{site}/status/")
        newest = page.locator("svg.ch").get_by_text("now", exact=True)
        page.locator(".ch-scroll").scroll_into_view_if_needed()
        box = page.locator(".ch-scroll").bounding_box()
        found = newest.bounding_box()
        assert box is not None
        assert found is not None
        assert page.locator(".ch-scroll").evaluate("box => box.scrollWidth > box.clientWidth")
        assert box["x"] <= found["x"] <= box["x"] + box["width"]


class TestPreview:
    def test_what_would_happen_comes_before_what_to_choose(
        self, page: Page, site: str, lapse: Event, silent: list[Customer]
    ) -> None:
        size(page, PHONE)
        page.goto(f"{site}/events/{lapse.pk}/activate/")
        result = page.get_by_role("heading", name="If it ran now")
        choice = page.get_by_role("heading", name="What about the 3 customers")
        sample = page.get_by_role("heading", name="First in line")
        assert top(result) < top(choice) < top(sample)
        size(page, DESKTOP)
        assert abs(top(result) - top(choice)) <= 4
