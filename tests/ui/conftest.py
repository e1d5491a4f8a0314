"""The small site of ``tests.ui.site`` in place of the product's, and customers on it."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from core.registry import wired, wired_map
from crm.models import Customer
from tests.factories import CustomerFactory
from tests.people import SignIn


@pytest.fixture
def small_site(settings: Settings) -> Iterator[None]:
    """Routes and wiring of ``tests.ui.site``; what the registry has cached is read anew."""
    settings.ROOT_URLCONF = settings.WIRING = "tests.ui.site"
    for cached in (wired, wired_map):
        cached.cache_clear()
    yield
    for cached in (wired, wired_map):
        cached.cache_clear()


@pytest.fixture
def rep(small_site: None, alice: User, sign_in: SignIn) -> Client:
    """Alice's browser on the small site."""
    return sign_in(alice)


@pytest.fixture
def customer(alice: User) -> Customer:
    """A customer that Alice owns."""
    return CustomerFactory(name="Harbour Lane Gifts", owner=alice)
