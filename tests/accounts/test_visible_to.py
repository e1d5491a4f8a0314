"""Which records each person sees and may change: exact sets, for every way to a record."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.domain.role import create_role
from accounts.domain.scope import record_scope, record_scopes
from accounts.domain.user import deactivate, suspend
from accounts.models import Role, Team, Territory, User
from core import querysets
from core.permissions import share_record, unshare_record
from crm.models import Action, Communication, Contact, Customer
from orders.models import SalesOrder
from tests.factories import (
    NOW,
    ActionFactory,
    ContactFactory,
    CustomerFactory,
    OrderFactory,
    TeamFactory,
    TerritoryFactory,
    UserFactory,
)

KINDS = (Customer, Contact, Action, SalesOrder, Communication)


@pytest.fixture
def area(db: None) -> Territory:
    """A territory below another."""
    return TerritoryFactory(name="Lakes", parent=TerritoryFactory(name="Mountains"))


@pytest.fixture
def ranger(area: Territory) -> User:
    """Works the upper territory; in no team."""
    user = UserFactory(name="Ranger", roles=["sales_rep"])
    assert area.parent
    area.parent.memberships.create(user=user)
    return user


@pytest.fixture
def records(
    alice: User, bob: User, charlie: User, north: Team, north_shops: Team, south: Team, area: Territory
) -> dict[str, Customer]:
    """Customers named by the one way that leads to them, each with one row of every kind."""
    columns: dict[str, dict[str, Any]] = {
        "alice": {"owner": alice},
        "bob": {"owner": bob},
        "north": {"team": north},
        "north shops": {"team": north_shops},
        "south": {"team": south},
        "charlie": {"owner": charlie},
        "lakes": {"territory": area},
        "mountains": {"territory": area.parent},
        "nobody's": {},
        "alice in south": {"owner": alice, "team": south},
    }
    made = {name: CustomerFactory(name=name, **values) for name, values in columns.items()}
    for name, customer in made.items():
        contact = ContactFactory(last_name=name)
        contact.links.create(customer=customer, started_on=NOW.date())
        other = UserFactory(name="Somebody else")
        ActionFactory(title=name, customer=customer, assignee=other)
        OrderFactory(number=name, customer=customer)
        call = {"channel": "call", "happened_at": NOW, "created_at": NOW}
        Communication.objects.create(customer=customer, subject=name, **call)
    return made


def seen(model: type[Any], user: Any, action: str = "view") -> set[str]:
    """The names of the rows that ``user`` may see or change."""
    column = {
        Customer: "name",
        Contact: "last_name",
        Action: "title",
        SalesOrder: "number",
        Communication: "subject",
    }
    return set(model.objects.visible_to(fresh(user), action).values_list(column[model], flat=True))


def fresh(user: Any) -> Any:
    """The user as the next request loads him: without remembered rights."""
    return User.objects.get(pk=user.pk) if user.pk else user


ALICE = {"alice", "alice in south", "north shops"}
BOB = {"bob", "north shops"}
CHARLIE = {"charlie", "south", "alice in south"}
LEAD = {"north", "north shops"}
RANGER = {"lakes", "mountains"}


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.__name__)
@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("alice", ALICE),
        ("bob", BOB),
        ("charlie", CHARLIE),
        ("lead", LEAD),
        ("ranger", RANGER),
        ("nobody", set()),
    ],
)
def test_each_sees_exactly_his_own(
    records: dict[str, Customer],
    request: pytest.FixtureRequest,
    model: type[Any],
    who: str,
    expected: set[str],
) -> None:
    user = request.getfixturevalue(who)
    request.getfixturevalue("ranger")
    assert seen(model, user) == expected
    if model is not SalesOrder and model is not Communication:
        assert seen(model, user, "change") == expected


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("who", ["manager", "executive", "support", "credit", "reader", "admin"])
def test_roles_with_all_records_see_everything(
    records: dict[str, Customer], request: pytest.FixtureRequest, model: type[Any], who: str
) -> None:
    assert seen(model, request.getfixturevalue(who)) == set(records)


def test_who_only_reads_changes_nothing(records: dict[str, Customer], reader: User, executive: User) -> None:
    for user in (reader, executive):
        assert all(seen(model, user, "change") == set() for model in KINDS)


def test_reading_everything_does_not_widen_what_another_role_changes(
    records: dict[str, Customer], alice: User
) -> None:
    everything = Role.objects.get(code="read_only")
    alice.user_roles.create(role=everything)
    alice.groups.add(everything.group)
    for model in (Customer, Contact, Action):
        assert seen(model, alice) == set(records)
        assert seen(model, alice, "change") == ALICE


def test_no_function_no_rows_however_many_are_owned(records: dict[str, Customer], alice: User) -> None:
    alice.user_roles.all().delete()
    alice.groups.clear()
    assert all(seen(model, alice) == set() for model in KINDS)


@pytest.mark.parametrize("close", [suspend, deactivate])
def test_a_closed_account_sees_nothing(
    records: dict[str, Customer], alice: User, admin: User, manager: User, close: Callable[..., Any]
) -> None:
    share_record(records["charlie"], alice, ["view", "change"])
    Action.objects.update(assignee=admin)
    for user in (alice, manager):
        close(user=user, by=admin, now=NOW)
        assert all(seen(model, user) == set() for model in KINDS)
        assert record_scope(fresh(user)).team_ids == frozenset()


def test_visitors_see_nothing(records: dict[str, Customer]) -> None:
    assert all(seen(model, AnonymousUser()) == set() for model in KINDS)


def test_a_leads_scope_ends_where_the_teams_end(lead: User, north: Team, north_shops: Team) -> None:
    deep = TeamFactory(name="Deep", parent=north_shops)
    above = TeamFactory(name="Above")
    Team.objects.filter(pk=north.pk).update(parent=above)
    assert record_scope(lead).team_ids == {north.pk, north_shops.pk, deep.pk}


def test_a_circle_in_the_data_ends_the_walk(lead: User, north: Team, north_shops: Team) -> None:
    Team.objects.filter(pk=north.pk).update(parent=north_shops)
    assert record_scope(lead).team_ids == {north.pk, north_shops.pk}


def test_scopes_of_many_equal_the_scopes_of_each(
    records: dict[str, Customer],
    alice: User,
    bob: User,
    lead: User,
    ranger: User,
    manager: User,
    reader: User,
) -> None:
    people = [alice, bob, lead, ranger, manager, reader]
    assert record_scopes([user.pk for user in people]) == {user.pk: record_scope(user) for user in people}


# --- shares


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.__name__)
def test_a_share_to_view_shows_and_does_not_open(
    records: dict[str, Customer], charlie: User, model: type[Any]
) -> None:
    share_record(records["alice"], charlie, ["view"])
    assert seen(model, charlie) == CHARLIE | {"alice"}
    if model in (Customer, Contact, Action):
        assert seen(model, charlie, "change") == CHARLIE


@pytest.mark.parametrize("granted", [["change"], ["view", "change"]])
def test_a_share_to_change_shows_too(records: dict[str, Customer], charlie: User, granted: list[str]) -> None:
    share_record(records["alice"], charlie, granted)
    for model in (Customer, Contact, Action):
        assert seen(model, charlie) == seen(model, charlie, "change") == CHARLIE | {"alice"}
    unshare_record(records["alice"], charlie, granted)
    assert seen(Customer, charlie) == CHARLIE


def test_a_share_with_a_role_reaches_its_people(
    records: dict[str, Customer], alice: User, lead: User
) -> None:
    share_record(records["charlie"], Role.objects.get(code="sales_rep").group, ["view"])
    assert seen(Customer, alice) == ALICE | {"charlie"}
    assert seen(Customer, lead) == LEAD


def test_a_share_gives_nobody_the_function(records: dict[str, Customer], nobody: User) -> None:
    share_record(records["alice"], nobody, ["view", "change"])
    assert all(seen(model, nobody) == set() for model in KINDS)


@pytest.mark.parametrize("listed", [0, 1, 2, 500])
@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.__name__)
def test_few_and_many_shares_give_the_same_rows(
    records: dict[str, Customer],
    charlie: User,
    model: type[Any],
    listed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(querysets, "LISTED_SHARES", listed)
    share_record(records["alice"], charlie, ["view", "change"])
    share_record(records["lakes"], charlie, ["view"])
    share_record(records["lakes"], Role.objects.get(code="sales_rep").group, ["view"])
    share_record(records["nobody's"], Role.objects.get(code="sales_rep").group, ["view"])
    assert seen(model, charlie) == CHARLIE | {"alice", "lakes", "nobody's"}
    rows = model.objects.visible_to(charlie)
    assert rows.count() == len({row.pk for row in rows}) == 6
    if model in (Customer, Contact, Action):
        assert seen(model, charlie, "change") == CHARLIE | {"alice"}


def test_more_than_five_hundred_shares(charlie: User) -> None:
    made = [Customer(number=f"N{n}", name=f"n{n}", created_at=NOW) for n in range(520)]
    share_record_many(Customer.objects.bulk_create(made), charlie)
    CustomerFactory(name="hidden")
    visible = Customer.objects.visible_to(charlie)
    assert visible.count() == 520
    assert "UNION" in str(visible.query)
    assert not visible.filter(name="hidden").exists()
    assert visible.filter(name__startswith="n51").order_by("name").count() == 11


def share_record_many(customers: list[Customer], user: User) -> None:
    from django.contrib.auth.models import Permission

    permission = Permission.objects.get(codename="view_customer")
    table = Customer.user_share_model  # type: ignore[attr-defined]
    table.objects.bulk_create(
        [table(user=user, permission=permission, content_object=row) for row in customers]
    )


# --- contacts and actions have further ways


def test_an_unassigned_contact_is_seen_by_his_own_columns(alice: User, bob: User, charlie: User) -> None:
    contact = ContactFactory(last_name="loose", owner=alice)
    left = ContactFactory(last_name="left", owner=alice)
    customer = CustomerFactory(owner=charlie)
    left.links.create(customer=customer, started_on=NOW.date(), ended_on=NOW.date() + timedelta(1))
    assert seen(Contact, alice) == {"loose", "left"}
    assert seen(Contact, bob) == seen(Contact, charlie) == set()
    contact.links.create(customer=customer, started_on=NOW.date())
    assert seen(Contact, charlie) == {"loose"}, "the customer decides as soon as there is one"
    assert seen(Contact, alice) == {"left"}


def test_a_contact_of_two_customers_is_seen_with_either_and_once(alice: User, charlie: User) -> None:
    contact = ContactFactory()
    for owner in (alice, charlie):
        contact.links.create(customer=CustomerFactory(owner=owner), started_on=NOW.date())
    for user in (alice, charlie):
        assert list(Contact.objects.visible_to(user)) == [contact]


def test_an_action_is_seen_by_whoever_has_to_do_it(
    records: dict[str, Customer], charlie: User, bob: User
) -> None:
    ActionFactory(title="for charlie", customer=records["alice"], assignee=charlie)
    queue = Role.objects.get(code="sales_rep")
    ActionFactory(title="for reps", customer=records["nobody's"], assignee=None, queue=queue)
    assert seen(Action, charlie) == CHARLIE | {"for charlie", "for reps"}
    assert seen(Action, charlie, "change") == CHARLIE | {"for charlie", "for reps"}
    assert seen(Action, bob) == BOB | {"for reps"}
    assert "alice" not in seen(Customer, charlie), "the work does not open the customer"


def test_an_action_without_customer_is_its_makers_and_its_assignees(
    alice: User, bob: User, charlie: User
) -> None:
    ActionFactory(title="a", customer=None, assignee=bob, created_by=alice)
    assert seen(Action, alice) == seen(Action, bob) == {"a"}
    assert seen(Action, charlie) == set()


def test_a_role_of_ones_own_making_with_all_records(records: dict[str, Customer], nobody: User) -> None:
    role = create_role(name="Auditor", levels={"order_entry": 1}, all_records=True, by=None, now=NOW)
    nobody.user_roles.create(role=role)
    nobody.groups.add(role.group)
    assert seen(SalesOrder, nobody) == set(records)
    assert seen(Customer, nobody) == set()


# --- cost


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.__name__)
def test_the_number_of_queries_does_not_grow(
    records: dict[str, Customer], charlie: User, model: type[Any]
) -> None:
    def queries() -> int:
        user = fresh(charlie)
        with CaptureQueriesContext(connection) as captured:
            list(model.objects.visible_to(user))
        return len(captured)

    queries()  # content types are remembered from the first time on
    before = queries()
    for _ in range(3):
        TeamFactory(members=[charlie], parent=TeamFactory(lead=charlie))
        TerritoryFactory(parent=TerritoryFactory()).memberships.create(user=charlie)
        share_record(CustomerFactory(), charlie, ["view"])
    assert queries() == before <= 10
