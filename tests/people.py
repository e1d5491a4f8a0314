"""The people of the tests, by first name or by job: who they are says what each may see.

::

    north (lead)            south
      └ north shops           └ charlie
         ├ alice
         └ bob

``alice``, ``bob`` and ``charlie`` are sales reps. ``lead`` leads the upper team *north* and may reroute
his teams' work. ``overseer`` sees everybody's status, and the records of nobody else. ``manager`` (Sales
manager), ``executive``, ``support`` (Sales support), ``credit``, ``reader`` (Read-only) and ``admin``
(Administrator) see all records. ``nobody`` has no role.
"""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.domain.role import sync_group
from accounts.models import JobFunction, Level, Role, Team, User
from tests.factories import TeamFactory, UserFactory

SignIn = Callable[[User], Client]


def person(name: str, *roles: str) -> User:
    """A user called ``name`` with the shipped roles of these codes."""
    return UserFactory(email=f"{name}@example.com", name=name.capitalize(), roles=list(roles))


@pytest.fixture
def team_lead_role(db: None) -> Role:
    """A role made by administrators: drafts events and reroutes within own teams, not all records."""
    role = Role.objects.create(name="Team lead", group=Group.objects.create(name="role:team_lead"))
    role.functions.create(function=JobFunction.objects.get(code="crm_management"), level=Level.EDIT)
    sync_group(role)
    return role


@pytest.fixture
def lead(team_lead_role: Role) -> User:
    """Leads *north*: sees the teams below it, and may reroute their follow-ups."""
    user = person("lead", "account_manager")
    user.user_roles.create(role=team_lead_role)
    user.groups.add(team_lead_role.group)
    return user


@pytest.fixture
def overseer(db: None) -> User:
    """Answers for everybody's follow-ups in CRM management, but sees the records of nobody else."""
    role = Role.objects.create(name="Overseer", group=Group.objects.create(name="role:overseer"))
    for code, level in (("crm_management", Level.MANAGE), ("follow_ups", Level.EDIT)):
        role.functions.create(function=JobFunction.objects.get(code=code), level=level)
    sync_group(role)
    user = person("overseer")
    user.user_roles.create(role=role)
    user.groups.add(role.group)
    return user


@pytest.fixture
def north(lead: User) -> Team:
    """The upper team, led by ``lead``."""
    return TeamFactory(name="North", lead=lead)


@pytest.fixture
def north_shops(north: Team) -> Team:
    """The team of ``alice`` and ``bob``, below *north*."""
    return TeamFactory(name="North shops", parent=north)


@pytest.fixture
def south(db: None) -> Team:
    """The team of ``charlie``."""
    return TeamFactory(name="South")


@pytest.fixture
def alice(north_shops: Team) -> User:
    """A sales rep of *north shops*."""
    user = person("alice", "sales_rep")
    north_shops.memberships.create(user=user)
    return user


@pytest.fixture
def bob(north_shops: Team) -> User:
    """A sales rep in the same team as ``alice``."""
    user = person("bob", "sales_rep")
    north_shops.memberships.create(user=user)
    return user


@pytest.fixture
def charlie(south: Team) -> User:
    """A sales rep of another team: a stranger to the customers of ``alice``."""
    user = person("charlie", "sales_rep")
    south.memberships.create(user=user)
    return user


@pytest.fixture
def manager(db: None) -> User:
    """A sales manager."""
    return person("manager", "sales_manager")


@pytest.fixture
def executive(db: None) -> User:
    """An executive: reads everything, management screens included."""
    return person("executive", "executive")


@pytest.fixture
def support(db: None) -> User:
    """A user of sales support."""
    return person("support", "sales_support")


@pytest.fixture
def credit(db: None) -> User:
    """A user of the credit department."""
    return person("credit", "credit")


@pytest.fixture
def reader(db: None) -> User:
    """A user who only reads."""
    return person("reader", "read_only")


@pytest.fixture
def admin(db: None) -> User:
    """An administrator."""
    return person("admin", "administrator")


@pytest.fixture
def nobody(db: None) -> User:
    """A user without any role."""
    return person("nobody")


@pytest.fixture
def sign_in() -> SignIn:
    """``sign_in(alice)``: a test client with the session of that user."""

    def client_of(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return client_of
