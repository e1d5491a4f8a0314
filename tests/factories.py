"""Test records with no surprises: each factory makes the smallest valid record."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import factory

from accounts.models import Role, Team, Territory, User
from catalog.models import Item
from core.text import fold
from crm.models import Action, Contact, Customer, CustomerFacts
from orders.models import OrderLine, SalesOrder

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A user who can sign in with ``PASSWORD``; ``roles=["sales_rep"]`` gives shipped roles by code."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"user{n}@example.com")
    name = factory.Sequence(lambda n: f"User {n}")
    created_at = NOW
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def roles(self: Any, create: bool, extracted: list[str] | None, **_: Any) -> None:
        for code in extracted or []:
            role = Role.objects.get(code=code)
            self.user_roles.create(role=role)
            self.groups.add(role.group)


class TeamFactory(factory.django.DjangoModelFactory[Team]):
    """A team; ``members=[user]`` adds members."""

    class Meta:
        model = Team
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Team {n}")

    @factory.post_generation
    def members(self: Any, create: bool, extracted: list[User] | None, **_: Any) -> None:
        for user in extracted or []:
            self.memberships.create(user=user)


class TerritoryFactory(factory.django.DjangoModelFactory[Territory]):
    """A territory."""

    class Meta:
        model = Territory

    name = factory.Sequence(lambda n: f"Territory {n}")


class CustomerFactory(factory.django.DjangoModelFactory[Customer]):
    """An active customer with an empty row of facts."""

    class Meta:
        model = Customer
        skip_postgeneration_save = True

    number = factory.Sequence(lambda n: f"C{n:05d}")
    name = factory.Sequence(lambda n: f"Customer {n}")
    sort_name = factory.LazyAttribute(lambda row: fold(row.name))
    status = Customer.Status.ACTIVE
    created_at = NOW
    events_from = NOW

    @factory.post_generation
    def facts(self: Any, create: bool, extracted: dict[str, Any] | None, **_: Any) -> None:
        CustomerFacts.objects.create(customer=self, **(extracted or {}))


class ContactFactory(factory.django.DjangoModelFactory[Contact]):
    """An unassigned contact."""

    class Meta:
        model = Contact

    first_name = "Ada"
    last_name = factory.Sequence(lambda n: f"Contact{n}")
    sort_name = factory.LazyAttribute(lambda row: fold(f"{row.last_name} {row.first_name}"))
    created_at = NOW


class ItemFactory(factory.django.DjangoModelFactory[Item]):
    """An article."""

    class Meta:
        model = Item

    code = factory.Sequence(lambda n: f"I{n:05d}")
    name = factory.Sequence(lambda n: f"Item {n}")
    created_at = NOW


class OrderFactory(factory.django.DjangoModelFactory[SalesOrder]):
    """A placed sale row without lines and without facts: for reading tests, not for the domain's."""

    class Meta:
        model = SalesOrder

    number = factory.Sequence(lambda n: f"{500000 + n}")
    customer = factory.SubFactory(CustomerFactory)
    currency = "GBP"
    total = Decimal("100.00")
    placed_at = NOW
    placed_on = NOW.date()
    created_at = NOW


class OrderLineFactory(factory.django.DjangoModelFactory[OrderLine]):
    """One line of an order."""

    class Meta:
        model = OrderLine

    order = factory.SubFactory(OrderFactory)
    position = factory.Sequence(lambda n: n + 1)
    item = factory.SubFactory(ItemFactory)
    quantity = 1
    unit_price = Decimal("100.00")
    total = Decimal("100.00")


class ActionFactory(factory.django.DjangoModelFactory[Action]):
    """An open call for a customer, assigned to a rep, due today (``NOW``)."""

    class Meta:
        model = Action

    kind = Action.Kind.CALL
    title = "Call about the missing order"
    customer = factory.SubFactory(CustomerFactory)
    assignee = factory.SubFactory(UserFactory, roles=["sales_rep"])
    due_on = NOW.date()
    original_due_on = NOW.date()
    created_at = NOW


def day(text: str) -> date:
    """``day("2026-11-20")``: shorter than the constructor in tables of test cases."""
    return date.fromisoformat(text)
