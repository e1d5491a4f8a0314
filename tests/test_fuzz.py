"""Nonsense from outside is answered, never crashed on: every route, every parameter, every form.

The routes come from the resolver, the parameters from the pages themselves and from the filter and form
classes of the views, so that a new page is tried without a line here. Every route meets some of the values,
drawn by its name, and every value meets many routes; with ``TOUCHPOINT_FUZZ=all`` each route meets each
value, which takes many minutes.
"""

import itertools
import logging
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from html.parser import HTMLParser
from random import Random
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, resolve
from django.urls.resolvers import RegexPattern

from accounts.models import Absence, User
from core.clock import database_now
from crm.models import Communication
from events.domain.heartbeat import beat
from events.models import Event, Override
from tests.factories import (
    NOW,
    ActionFactory,
    ContactFactory,
    CustomerFactory,
    OrderLineFactory,
    TerritoryFactory,
)
from tests.people import SignIn

pytestmark = [pytest.mark.long, pytest.mark.django_db]

HUGE = str(10**30)
TEXTS = (
    "\x00",
    "a\x00b\x1b[31m",
    "\u202etxt",
    "x" * 5000,
    "9" * 400,
    HUGE,
    "-1",
    "NaN",
    "Infinity",
    "1e999999",
    "0x1F",
    "١٢٣",
    "2026-02-30",
    "0000-00-00",
    "99999-12-31",
    "25:61",
    "' OR 1=1 --",
    "%_\\",
    "{{ 7 }}{% now %}",
    "[[[",
    '{"a": [1e999]}',
    "null",
    "🙂" * 60,
)
VISIBLE = TEXTS[3:]  # without control characters, which no address may hold
METHODS = ("put", "patch", "delete", "options", "head")
IDS = ("0", "-1", HUGE, str(2**63 - 1), str(2**63), "1.5", "x", "%00", "%ff%fe", "%2e%2e", "9" * 400)
QUERIES = (
    "%ff%fe=%c0%80",
    "page=%ff",
    "a[]=1&a[]=2&page[]=3",
    "&&&==&=;",
    "page=" + quote("\ud83d", errors="surrogatepass"),
    "&".join(f"u{number}=1" for number in range(6000)),
)
BODIES = (
    ("application/json", b'{"a": 1e999999, "b": "\\u0000"'),
    ("application/x-www-form-urlencoded", b"a=%ff%fe&b=%00&version=" + HUGE.encode()),
    ("application/x-www-form-urlencoded; charset=utf-99", b"a=1"),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff'),
    ("text/plain", b"\x00" * 100),
)
HEADERS = (
    {"HX-Request": "true", "HX-Target": "\x7f" * 300, "HX-Current-URL": "http://[bad", "HX-Trigger": "ü"},
    {"Accept-Language": "xx-\x01;q=1e99,*;q=NaN", "Cookie": "sid=\x00; csrf=; =;;", "Accept": "q/q;q=x"},
    {"If-Modified-Since": "yesterday", "Range": "bytes=9-1", "X-Forwarded-For": "1.2.3.4.5, \u00e9"},
    {"Host": "exam ple.com:99999"},
    {"Referer": "http://[::1", "Content-Length": "-5"},
)


def some(values: Sequence[Any], count: int, *by: object) -> Sequence[Any]:
    """``count`` of ``values``, the same each time for ``by``; all of them when everything is asked for."""
    if os.environ.get("TOUCHPOINT_FUZZ") == "all":
        return values
    return Random(str(by)).sample(values, count)


# --- routes


@dataclass(frozen=True)
class Route:
    """A route as text with its places, such as ``/customers/<int:pk>/edit/``."""

    text: str

    PLACE = re.compile(r"<(?:\w+:)?(\w+)>")

    def filled(self, *values: str) -> str:
        """The address with ``values`` in its places, the last one again and again."""
        supply = itertools.chain(values, itertools.repeat(values[-1] if values else ""))
        return self.PLACE.sub(lambda _: next(supply), self.text)

    @property
    def has_places(self) -> bool:
        """Whether the address depends on something."""
        return bool(self.PLACE.search(self.text))


def routes() -> list[Route]:
    """Every route of the product, the administrators' pages included."""
    return [Route(text) for text in dict.fromkeys(_walk(get_resolver().url_patterns, "/"))]


def _walk(patterns: Iterable[Any], prefix: str) -> Iterator[str]:
    for entry in patterns:
        text = str(entry.pattern)
        if isinstance(entry.pattern, RegexPattern):
            text = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", text).strip("^$")
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, prefix + text)
        else:
            yield prefix + text


ROUTES = routes()


# --- what there is to ask about


@pytest.fixture
def world(alice: User, admin: User, bob: User) -> dict[str, str]:
    """One record of each kind by the first part of its address, owned by ``alice``."""
    customer = CustomerFactory(owner=alice, territory=TerritoryFactory())
    contact = ContactFactory()
    contact.links.create(customer=customer, started_on=NOW.date())
    action = ActionFactory(customer=customer, assignee=alice)
    order = OrderLineFactory(order__customer=customer).order
    Communication.objects.create(
        customer=customer, channel="call", subject="Asked", happened_at=NOW, created_at=NOW
    )
    Absence.objects.create(user=bob, substitute=alice, starts_on=NOW.date(), created_at=NOW)
    override = Override.objects.create(
        from_user=bob, starts_on=NOW.date(), reason="sick", note="Ill", strategy="one", created_at=NOW
    )
    beat(now=database_now(), took_ms=1)
    return {
        "customers": str(customer.pk),
        "contacts": str(contact.pk),
        "followups": str(action.pk),
        "orders": str(order.pk),
        "events": str(Event.objects.earliest("pk").pk),
        "override": str(override.pk),
        "overrides": str(override.pk),
        "admin": str(bob.pk),
    }


def known(route: Route, world: dict[str, str]) -> str:
    """The address of the route for a record that exists, as far as ``world`` has one."""
    words = [word for word in route.text.split("/") if word in world]
    return route.filled(world[words[-1]] if words else "1")


# --- what a page offers to fill in


class Fields(HTMLParser):
    """The names and values of the fields of all forms of a page, and the parameters of its links."""

    def __init__(self) -> None:
        super().__init__()
        self.posted: list[tuple[str, dict[str, str]]] = []
        self.asked: set[str] = set()
        self.form: tuple[str, str, dict[str, str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.form = (given.get("method", "get").lower(), given.get("action", ""), {})
        for link in (given.get("href", ""), given.get("hx-get", "")):
            self.asked.update(name for name, _ in parse_qsl(urlsplit(link).query))
        if self.form and tag in ("input", "select", "textarea", "button") and given.get("name"):
            self.form[2].setdefault(given["name"], given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.form:
            method, action, fields = self.form
            if method == "post":
                self.posted.append((action, fields))
            else:
                self.asked.update(fields)
            self.form = None


def read(response: Any) -> Fields:
    """The fields of an answer; none for what is no page."""
    fields = Fields()
    if response.status_code in (200, 422) and "html" in response.get("Content-Type", ""):
        fields.feed(response.content.decode())
    return fields


def parameters(address: str, page: Fields) -> list[str]:
    """The parameters that the route could read: from its page, its filters, and the usual ones."""
    view = getattr(resolve(address).func, "view_class", None)
    filters = getattr(getattr(view, "filter_class", None), "base_filters", {})
    names = {"q", "page", "sort", "rows", "next", "day", "user", "event", *filters, *page.asked}
    return sorted(names)


def form_names(address: str) -> list[str]:
    """The fields of the view's form class, for addresses that only take a POST."""
    view = getattr(resolve(address).func, "view_class", None)
    return list(getattr(getattr(view, "form_class", None), "base_fields", {}))


def without_doubles(forms: list[tuple[str, dict[str, str]]]) -> list[tuple[str, dict[str, str]]]:
    """One form for each address and set of fields."""
    return list({(target, *sorted(fields)): (target, fields) for target, fields in forms}.values())


# --- trying


class Trial:
    """Asks as one user and remembers what went wrong; nothing that is asked stays."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.client.raise_request_exception = False
        self.wrong: list[str] = []

    def ask(self, method: str, *args: Any, **extra: Any) -> Any:
        """One request, taken back afterwards; an answer of 500 or more is remembered."""
        cookies = deepcopy(self.client.cookies)
        with transaction.atomic():
            response = getattr(self.client, method)(*args, **extra)
            transaction.set_rollback(True)
        self.client.cookies = cookies  # signing out is taken back as well
        if response.status_code >= 500:
            error = getattr(response, "exc_info", None)
            what = repr(error[1])[:300] if error else response.status_code
            asked = " ".join(str(arg)[:200] for arg in [*args, extra or ""])
            self.wrong.append(f"{method.upper()} {asked}: {what}")
        return response


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of warnings about refused requests would be written otherwise."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(params=["admin", "alice", "visitor"])
def trial(request: pytest.FixtureRequest, sign_in: SignIn, world: dict[str, str]) -> Trial:
    """Somebody who may do everything, somebody who may do little, and a stranger."""
    if request.param == "visitor":
        return Trial(Client())
    return Trial(sign_in(request.getfixturevalue(request.param)))


def test_the_walk_finds_forms_and_parameters(admin: User, world: dict[str, str], sign_in: SignIn) -> None:
    """What makes the other tests worth something: there is something to fill in."""
    trial = Trial(sign_in(admin))
    pages = {route: read(trial.ask("get", known(route, world))) for route in ROUTES}
    posted = {route.text for route, page in pages.items() if any(fields for _, fields in page.posted)}
    assert {"/customers/new/", "/followups/<int:pk>/complete/"} <= posted
    assert len(posted) > 25
    assert {"q", "sort"} <= pages[Route("/customers/")].asked


def test_impossible_addresses(trial: Trial) -> None:
    for route in ROUTES:
        for value in some(IDS, 4, route) if route.has_places else ():
            trial.ask("get", route.filled(value))
        trial.ask("post", route.filled(HUGE))
    assert trial.wrong == []


def test_methods_and_headers(trial: Trial, world: dict[str, str]) -> None:
    for route in ROUTES:
        address = known(route, world)
        for method in some(METHODS, 1, route):
            trial.ask(method, address)
        for content_type, body in some(BODIES, 2, route):
            trial.ask("generic", "POST", address, data=body, content_type=content_type)
        for headers in some(HEADERS, 1, route):
            trial.ask("get", address, headers=headers)
    assert trial.wrong == []


def test_parameters(trial: Trial, world: dict[str, str]) -> None:
    """All parameters nonsense at once, then one at a time."""
    for route in ROUTES:
        address = known(route, world)
        names = parameters(address, read(trial.ask("get", address)))
        for text in some(TEXTS, 6, route):
            trial.ask("get", f"{address}?{urlencode(dict.fromkeys(names, text))}")
        for name in names:
            for text in some(VISIBLE, 1, route, name):
                trial.ask("get", f"{address}?{urlencode([(name, text), (name, '1')])}")
        for query in some(QUERIES, 1, route):
            trial.ask("get", f"{address}?{query}")
    assert trial.wrong == []


def test_forms(trial: Trial, world: dict[str, str]) -> None:
    """All fields nonsense at once, then one at a time beside what the page itself would send."""
    for route in ROUTES:
        address = known(route, world)
        page = read(trial.ask("get", address))
        forms = [(urlsplit(action).path or address, fields) for action, fields in page.posted]
        forms.append((address, dict.fromkeys(form_names(address), "")))
        for target, fields in without_doubles(forms):
            names = [name for name in fields if name != "csrfmiddlewaretoken"]
            for text in some(TEXTS, 4, route):
                trial.ask("post", target, dict.fromkeys(names, text))
            for name in names:
                for text in some(TEXTS, 1, route, name):
                    trial.ask("post", target, {**fields, name: [text, text]})
    assert trial.wrong == []
