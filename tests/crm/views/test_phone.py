"""A phone in Chromium: what can be pressed or filled in is big enough for a finger."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.crm.views.conftest import World
from tests.factories import OrderFactory
from tests.ui.browser import PHONE, sign_in_browser

pytestmark = pytest.mark.django_db(transaction=True)

# Controls that a finger would miss 21 px above, below, left or right of the middle; a label counts, too.
SMALL = """() => {
  const controls = "button, summary, select, textarea, input:not([type=hidden]), "
    + "a.btn, a.tp-icon-btn, nav.seg a, .tp-tabs a, .pg a, .tp-nav a, .tp-bottom a, .fchip a, "
    + "a.dropdown-item, a.more";
  const found = [];
  for (const control of document.querySelectorAll(controls)) {
    if (!control.checkVisibility()) continue;
    control.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = control.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const own = (dx, dy) => {
      const hit = document.elementFromPoint(x + dx, y + dy);
      return hit && [control, ...(control.labels || [])].some((part) => part.contains(hit));
    };
    if (!own(0, 0)) continue; // below an open menu
    const low = box.height < 44 && !(own(0, -21) && own(0, 21));
    const thin = box.width < 44 && !(own(-21, 0) && own(21, 0));
    const size = `${Math.round(box.width)} x ${Math.round(box.height)}`;
    if (low || thin) found.push(`${size}: ${control.outerHTML.slice(0, 90)}`);
  }
  return found;
}"""


@pytest.fixture
def phone(page: Page, live_server: LiveServer, world: World, alice: User) -> Page:
    """Alice's phone, on her day."""
    sign_in_browser(page, live_server, alice)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(live_server.url)
    return page


def test_controls_are_big_enough_for_a_finger(phone: Page, live_server: LiveServer, world: World) -> None:
    order = OrderFactory(customer=world.customer)
    customer, action = world.customer.pk, world.action.pk
    small: dict[str, Any] = {}
    for address in (
        "/",
        "/followups/?whose=all",
        f"/followups/{action}/",
        f"/followups/{action}/complete/",
        f"/followups/{action}/snooze/",
        "/customers/?tier=C",
        "/customers/?tier=Z",
        f"/customers/{customer}/",
        f"/customers/{customer}/edit/",
        f"/customers/{customer}/log/",
        f"/contacts/{world.contact.pk}/",
        f"/orders/{order.pk}/",
        "/accounts/password/",
    ):
        phone.goto(live_server.url + address)
        phone.evaluate("document.querySelectorAll('main details').forEach((part) => { part.open = true; })")
        if found := phone.evaluate(SMALL):
            small[address] = found
    assert not small, "\n".join(f"{a} {x}" for a, xs in small.items() for x in xs)


def test_menus_and_drawer_are_big_enough_for_a_finger(phone: Page) -> None:
    phone.get_by_label("Theme").click()
    assert phone.evaluate(SMALL) == []
    phone.get_by_role("button", name="More").click()
    phone.get_by_label("Account menu").click()
    assert phone.evaluate(SMALL) == []


def test_the_sign_in_page_is_big_enough_for_a_finger(page: Page, live_server: LiveServer) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{live_server.url}/accounts/login/")
    assert page.evaluate(SMALL) == []


def test_choices_of_a_conversation_stand_below_each_other(
    phone: Page, live_server: LiveServer, world: World
) -> None:
    phone.goto(f"{live_server.url}/customers/{world.customer.pk}/")
    phone.get_by_role("heading", name="Log a conversation").click()
    boxes: list[Any] = [
        phone.locator(f"#id_{name}").bounding_box() for name in ("channel", "direction", "contact")
    ]
    assert {box["x"] for box in boxes} == {boxes[0]["x"]}
    assert min(box["width"] for box in boxes) > PHONE["width"] * 0.75


def test_the_time_of_a_timeline_item_stands_below_its_text(
    phone: Page, live_server: LiveServer, world: World
) -> None:
    phone.goto(f"{live_server.url}/customers/{world.customer.pk}/edit/")
    phone.get_by_label("City").fill("Whitby")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_role("heading", name="Timeline")).to_be_visible()
    item = phone.locator(".tl-i").first
    text: Any = item.locator(".h").bounding_box()
    time: Any = item.locator("time").bounding_box()
    assert time["x"] == text["x"]
    assert time["y"] >= text["y"] + text["height"]
    assert text["width"] > PHONE["width"] * 0.7
