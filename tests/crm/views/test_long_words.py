"""Very long values in Chromium: no page scrolls sideways, no name pushes other columns out of view."""

from typing import Any

import pytest
from django.db.models import CharField, EmailField, Model, TextField, URLField
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from activity.models import Entry
from core.clock import database_now
from crm.models import Communication
from tests.crm.views.conftest import World
from tests.factories import ActionFactory, OrderFactory, OrderLineFactory
from tests.ui.browser import DESKTOP, PHONE, sign_in_browser

pytestmark = pytest.mark.django_db(transaction=True)

LONGEST_TEXT = 300
KEPT = {"number", "origin_key", "origin_code", "search", "currency", "time_zone", "password", "theme"}


def fill_up(row: Model) -> None:
    """Give every text of ``row`` its greatest length, as one word."""
    values: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if not isinstance(field, CharField | TextField) or field.choices or field.name in KEPT:
            continue
        length = field.max_length or LONGEST_TEXT
        word = "WM" * (length // 2)
        if isinstance(field, EmailField):
            word = "m" * (length - 12) + f"{row.pk}@example.com"[-12:]
        elif isinstance(field, URLField):
            word = f"https://example.com/{word}"[:length]
        values[field.name] = word
    type(row)._default_manager.filter(pk=row.pk).update(**values)


@pytest.fixture
def addresses(world: World, alice: User) -> list[str]:
    """Every page of crm and orders, on records whose texts are as long as they may be."""
    order = OrderFactory(customer=world.customer, contact=world.contact)
    line = OrderLineFactory(order=order)
    closed = ActionFactory(
        customer=world.customer,
        assignee=alice,
        status="done",
        outcome="reached",
        closed_at=database_now(),
        closed_on=database_now().date(),
    )
    word = "WM" * 80
    reason = {"event_name": word, "family": "process", "sentence": word}
    for action in (world.action, closed):
        fill_up(action)
        type(action).objects.filter(pk=action.pk).update(reason=reason)
    note = {"title": word, "note": word, "city": [word, word]}
    Entry.objects.create(
        subject_type="crm.customer",
        subject_id=world.customer.pk,
        customer_id=world.customer.pk,
        verb="customer.changed",
        by=alice,
        at=database_now(),
        happened_at=database_now(),
        data=note,
    )
    for row in (world.customer, world.contact, world.loose, order, line, line.item, alice, alice.teams.get()):
        fill_up(row)
    fill_up(Communication.objects.get())
    customer, contact, action = world.customer.pk, world.contact.pk, world.action.pk
    return [
        "/",
        "/followups/?whose=all&status=all",
        f"/followups/?whose=all&event={word[:90]}",
        f"/followups/{action}/",
        f"/followups/{closed.pk}/",
        f"/followups/{action}/complete/",
        f"/followups/{action}/hand-over/",
        f"/customers/{customer}/followup/",
        "/customers/",
        f"/customers/?q={word[:90]}&owner={alice.pk}",
        f"/customers/{customer}/",
        f"/customers/{customer}/edit/",
        f"/customers/{customer}/timeline/",
        f"/customers/{customer}/log/",
        "/contacts/",
        f"/contacts/?customer={customer}",
        f"/contacts/{contact}/",
        f"/contacts/{world.loose.pk}/move/",
        "/orders/",
        f"/orders/?customer={customer}",
        f"/orders/{order.pk}/",
    ]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_scrolls_sideways(
    page: Page, live_server: LiveServer, addresses: list[str], alice: User, size: dict[str, int]
) -> None:
    sign_in_browser(page, live_server, alice)
    page.set_viewport_size(size)  # type: ignore[arg-type]
    wide = {}
    for address in addresses:
        page.goto(live_server.url + address)
        expect(page.get_by_role("main")).to_be_visible()
        beyond = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if beyond > 0:
            wide[address] = beyond
    assert wide == {}


@pytest.mark.parametrize("address", ["/customers/", "/contacts/", "/orders/"])
def test_a_long_name_leaves_the_other_columns_in_view(
    page: Page, live_server: LiveServer, addresses: list[str], alice: User, address: str
) -> None:
    sign_in_browser(page, live_server, alice)
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.goto(live_server.url + address)
    assert page.locator(".tp-scroll").evaluate("list => list.scrollWidth - list.clientWidth") == 0
