"""People of the tests of CRM events: three of sales support, who see every customer."""

import pytest

from accounts.models import User
from tests.factories import UserFactory


@pytest.fixture
def ann(db: None) -> User:
    """Whose work is rerouted."""
    return UserFactory(name="Ann Lee", roles=["sales_support"])


@pytest.fixture
def bo(db: None) -> User:
    """Who stands in."""
    return UserFactory(name="Bo Diaz", roles=["sales_support"])


@pytest.fixture
def cy(db: None) -> User:
    """A third one."""
    return UserFactory(name="Cy Ox", roles=["sales_support"])
