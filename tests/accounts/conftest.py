"""Browsers of those who administer."""

import pytest
from django.test import Client

from accounts.domain.role import create_role
from accounts.models import Level, User
from tests.factories import NOW, UserFactory
from tests.people import SignIn


@pytest.fixture
def office(admin: User, sign_in: SignIn) -> Client:
    """The browser of ``admin``."""
    return sign_in(admin)


@pytest.fixture
def personnel(db: None) -> User:
    """An administrator of users who holds little else: customer maintenance, edit, own records."""
    levels = {"user_admin": Level.MANAGE, "customer_maintenance": Level.EDIT}
    role = create_role(name="Personnel", levels=levels, by=None, now=NOW)
    user = UserFactory(email="personnel@example.com", name="Personnel officer")
    user.user_roles.create(role=role)
    user.groups.add(role.group)
    return user


@pytest.fixture
def desk(personnel: User, sign_in: SignIn) -> Client:
    """The browser of ``personnel``."""
    return sign_in(personnel)
