"""Every route declares who may call it, and means it: walked through the resolver, so that none is missed."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, path, resolve
from django.urls.resolvers import RegexPattern

from accounts.functions import function_of
from accounts.middleware import PolicyMiddleware, policy_of
from accounts.models import User
from activity.models import Entry
from config.policies import FOREIGN
from core.permissions import Policy, permissions_named
from tests.factories import ActionFactory, ContactFactory, CustomerFactory, OrderFactory
from tests.people import SignIn

# What a visitor may call; anything new here is a decision, not an accident.
PUBLIC = {"account_login", "account_logout", "healthz", "readyz"}
# A value for each kind of parameter of a route. Nothing has this id: functions are asked before records.
SAMPLES = {
    "int": "987654",
    "str": "x",
    "slug": "x",
    "path": "987654",
    "uuid": "0" * 8 + "-0000" * 3 + "-" + "0" * 12,
}
# Addresses for routes that Django's admin writes as regular expressions.
EXPRESSIONS = {
    r"^(?P<app_label>accounts)/$": "accounts/",
    r"(?P<url>.*)$": "no-such-page",
}


def addresses(patterns: list[Any], prefix: str = "/") -> Iterator[str]:
    """One address for each route below ``patterns``."""
    for entry in patterns:
        here = prefix + sample(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, here)
        else:
            assert isinstance(entry, URLPattern)
            yield here


def sample(pattern: Any) -> str:
    """A text that ``pattern`` matches."""
    text = str(pattern)
    if isinstance(pattern, RegexPattern):
        return EXPRESSIONS[text]
    for name, converter in pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        text = text.replace(f"<{kind}:{name}>", SAMPLES[kind]).replace(f"<{name}>", SAMPLES[kind])
    return text


ROUTES = list(dict.fromkeys(addresses(get_resolver().url_patterns)))
POLICIES: dict[str, Policy | None] = {address: policy_of(resolve(address)) for address in ROUTES}
GUARDED = [address for address, policy in POLICIES.items() if policy and policy.permissions]
PRIVATE = [address for address, policy in POLICIES.items() if policy and not policy.public]


def test_the_walk_finds_the_routes() -> None:
    assert len(ROUTES) > 40
    assert {"/", "/customers/", "/orders/", "/accounts/login/", "/admin/accounts/user/"} <= set(ROUTES)
    assert len(GUARDED) > 30


@pytest.mark.parametrize("address", ROUTES)
def test_every_route_declares_its_policy(address: str) -> None:
    assert POLICIES[address] is not None, f"{resolve(address).view_name} declares no policy"


def test_only_these_routes_are_public() -> None:
    names = {resolve(address).view_name for address, policy in POLICIES.items() if policy and policy.public}
    assert names == PUBLIC
    assert all(policy.why for policy in POLICIES.values() if policy and policy.public)


def test_no_exemption_is_stale() -> None:
    matches = [resolve(address) for address in ROUTES]
    foreign = [
        match for match in matches if not hasattr(getattr(match.func, "view_class", match.func), "policy")
    ]
    used = {match.view_name for match in foreign} | {f"{match.namespace}:*" for match in foreign}
    assert set(FOREIGN) <= used


@pytest.mark.django_db
def test_every_permission_asked_for_exists_and_belongs_to_a_job_function() -> None:
    names = {name for policy in POLICIES.values() if policy for name in policy.permissions}
    assert set(permissions_named(names)) == names
    assert [name for name in sorted(names) if function_of(name) is None] == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", PRIVATE)
def test_visitors_are_sent_to_sign_in(address: str) -> None:
    client = Client()
    for method in ("get", "post", "put", "delete"):
        response = getattr(client, method)(address)
        assert response.status_code == 302, method
        assert response["Location"].startswith("/accounts/login/?next="), method
    answer = client.get(address, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer["HX-Redirect"].startswith("/accounts/login/")
    assert answer.content == b""


@pytest.mark.parametrize("address", GUARDED)
def test_who_lacks_the_function_is_refused(address: str, nobody: User, sign_in: SignIn) -> None:
    client = sign_in(nobody)
    for method in ("get", "post", "put", "delete"):
        assert getattr(client, method)(address).status_code == 403, method
    assert not Entry.objects.exists()


def test_the_refusal_names_the_job_function(nobody: User, sign_in: SignIn) -> None:
    page = sign_in(nobody).get("/customers/").content.decode()
    assert "Customer maintenance" in page


@pytest.mark.django_db
def test_a_route_without_policy_answers_nobody(rf: RequestFactory, admin: User) -> None:
    def forgotten(request: Any) -> HttpResponse:
        return HttpResponse("secret")

    request = rf.get("/forgotten/")
    request.user = admin
    request.resolver_match = path("forgotten/", forgotten).resolve("forgotten/")
    with pytest.raises(ImproperlyConfigured, match="declares no policy"):
        PolicyMiddleware(forgotten).process_view(request, forgotten, (), {})


# --- records of others


@pytest.fixture
def hers(alice: User) -> dict[str, int]:
    """One record of ``alice`` for each first part of an address."""
    customer = CustomerFactory(owner=alice)
    contact = ContactFactory()
    contact.links.create(customer=customer, started_on=customer.created_at.date())
    return {
        "customers": customer.pk,
        "contacts": contact.pk,
        "followups": ActionFactory(customer=customer, assignee=alice).pk,
        "orders": OrderFactory(customer=customer).pk,
    }


RECORDS = [
    address
    for address in ROUTES
    if address.split("/")[1] in {"customers", "contacts", "followups", "orders"} and "987654" in address
]


def test_there_are_routes_of_records() -> None:
    assert {address.split("/")[1] for address in RECORDS} == {"customers", "contacts", "followups", "orders"}


@pytest.mark.parametrize("address", RECORDS)
def test_hidden_records_are_not_there(
    address: str, hers: dict[str, int], alice: User, charlie: User, sign_in: SignIn
) -> None:
    """For a stranger the record of somebody else answers exactly like one that does not exist."""
    url = address.replace("987654", str(hers[address.split("/")[1]]), 1)
    policy = POLICIES[address]
    assert policy is not None
    refused = {404} if policy.allows(charlie) else {403}
    stranger = sign_in(charlie)
    for method in ("get", "post"):
        response = getattr(stranger, method)(url)
        assert response.status_code in refused | {405}, method
        assert response.status_code == getattr(stranger, method)(address).status_code, method
    assert stranger.get(url).status_code in refused or stranger.post(url).status_code in refused
    assert not Entry.objects.exists()
    if policy.allows(alice) and address.count("987654") == 1:
        assert sign_in(alice).get(url).status_code in {200, 405}
