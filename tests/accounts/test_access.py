"""What a request reads of its user is read once, in one query, and never kept for the next request."""

from typing import Any

import pytest
from django.test import Client

from accounts.domain.organisation import change_organisation, keeping, organisation
from accounts.domain.scope import accesses
from accounts.domain.user import set_roles
from accounts.models import Organisation, Role, Team, User
from core.clock import DatabaseNow, database_now
from core.permissions import share_record, unshare_record
from crm.models import Customer
from tests.factories import NOW, CustomerFactory, TeamFactory, TerritoryFactory
from tests.people import SignIn

pytestmark = pytest.mark.django_db


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_access_is_one_query_for_any_number_of_users(
    alice: User, lead: User, manager: User, django_assert_num_queries: Any
) -> None:
    TeamFactory(members=[alice], parent=TeamFactory(lead=alice))
    TerritoryFactory(parent=TerritoryFactory()).memberships.create(user=alice)
    with django_assert_num_queries(1):
        assert set(accesses([alice.pk, lead.pk, manager.pk])) == {alice.pk, lead.pk, manager.pk}
    user = fresh(alice)
    with django_assert_num_queries(1):
        assert user.has_perm("crm.view_customer")
        assert user.record_scope.team_ids
        assert not user.has_perm("events.view_status")


def test_access_says_what_the_tables_say(lead: User, north: Team, north_shops: Team, alice: User) -> None:
    territory = TerritoryFactory(parent=TerritoryFactory())
    territory.parent.memberships.create(user=alice)
    role = Role.objects.get(code="sales_rep")
    access = fresh(alice).access
    groups = alice.groups.values_list("permissions__content_type__app_label", "permissions__codename")
    assert access.permissions == {f"{app}.{codename}" for app, codename in groups}
    assert access.scope.role_ids == {role.pk}
    assert access.scope.team_ids == {north_shops.pk}
    assert access.scope.territory_ids == {territory.pk, territory.parent.pk}
    assert access.scope.all_for == frozenset()
    assert fresh(lead).record_scope.led_team_ids == {north.pk, north_shops.pk}


def test_only_the_roles_with_all_records_widen(alice: User) -> None:
    reader = Role.objects.get(code="read_only")
    set_roles(user=alice, roles=[reader, *alice.roles.all()], by=None, now=NOW)
    scope = fresh(alice).record_scope
    assert scope.covers_all("crm.view_customer")
    assert not scope.covers_all("crm.change_customer")


def test_a_role_taken_away_acts_on_the_very_next_request(manager: User, alice: User, sign_in: SignIn) -> None:
    client: Client = sign_in(manager)
    customer = CustomerFactory(owner=alice)
    assert client.get(customer.get_absolute_url()).status_code == 200
    set_roles(user=manager, roles=[Role.objects.get(code="sales_rep")], by=None, now=NOW)
    assert client.get("/status/").status_code == 403
    assert client.get(customer.get_absolute_url()).status_code == 404
    set_roles(user=manager, roles=[], by=None, now=NOW)
    assert client.get("/customers/").status_code == 403


def test_shares_are_read_once_and_again_after_a_change(alice: User, django_assert_num_queries: Any) -> None:
    mine, theirs = CustomerFactory(owner=alice), CustomerFactory()
    user = fresh(alice)
    assert set(Customer.objects.visible_to(user)) == {mine}
    share_record(theirs, user, ["view"])
    assert set(Customer.objects.visible_to(user)) == {mine, theirs}
    with django_assert_num_queries(2):
        assert set(Customer.objects.visible_to(user, "change")) == {mine}
        assert Customer.objects.visible_to(user).count() == 2
    unshare_record(theirs, user, ["view"])
    assert set(Customer.objects.visible_to(user)) == {mine}


def test_the_organisation_of_a_request_is_read_once_and_again_after_a_change(
    django_assert_num_queries: Any,
) -> None:
    row = organisation()
    with keeping(row):
        with django_assert_num_queries(0):
            assert organisation() is row
        values = {name: getattr(row, name) for name in ("currency", "country", "opens_at", "closes_at")}
        days = row.working_days
        change_organisation(
            name="Renamed", time_zone="Europe/Athens", working_days=days, by=None, now=NOW, **values
        )
        assert organisation().name == "Renamed"
    assert organisation().time_zone == "Europe/Athens"


def test_the_instant_beside_the_organisation_is_that_of_the_clock() -> None:
    organisation()
    before = database_now()
    row = Organisation.objects.annotate(now=DatabaseNow()).get()
    assert before <= row.now <= database_now()
    assert row.now.utcoffset() == before.utcoffset()
