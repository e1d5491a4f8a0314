"""Customers: made, changed, given away, archived and shared."""

from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Role, User
from activity.models import Entry, Wake
from core.errors import Changed, Denied, Refused
from crm.domain import customer as domain
from crm.models import Action, Customer, CustomerFacts
from tests.factories import NOW, ActionFactory, CustomerFactory, TerritoryFactory

pytestmark = pytest.mark.django_db


def change(customer: Customer, by: User, **changes: Any) -> Customer:
    return domain.change_customer(customer, changes=changes, expected=customer.version, by=by, now=NOW)


def test_a_new_customer_is_its_makers_and_wakes_events(alice: User) -> None:
    made = domain.create_customer(name="Harbour Lane Gifts", city="Whitby", by=alice, now=NOW)
    assert (made.number, made.owner, made.team, made.events_from) == (
        "C-10001",
        alice,
        alice.teams.get(),
        NOW,
    )
    assert CustomerFacts.objects.filter(customer=made).exists()
    entry = Entry.objects.get(verb="customer.created")
    assert (entry.customer_id, entry.by, entry.data["number"]) == (made.pk, alice, "C-10001")
    assert Wake.objects.get().entry == entry


def test_numbers_follow_each_other_and_are_never_taken_twice(alice: User) -> None:
    numbers = [domain.create_customer(name=f"Shop {n}", by=alice, now=NOW).number for n in range(3)]
    assert numbers == ["C-10001", "C-10002", "C-10003"]
    with pytest.raises(Refused, match="C-10002 is taken"):
        domain.create_customer(name="Copy", number="C-10002", by=alice, now=NOW)


def test_the_same_form_sent_twice_makes_one_customer(alice: User) -> None:
    token = uuid4()
    made = [domain.create_customer(name="Shop", by=alice, now=NOW, form_token=token) for _ in range(2)]
    assert made[0].pk == made[1].pk
    assert Entry.objects.filter(verb="customer.created").count() == 1
    assert domain.create_customer(name="Next", by=alice, now=NOW).number == "C-10002"


def test_only_who_may_assign_owners_makes_customers_for_others(alice: User, bob: User, manager: User) -> None:
    with pytest.raises(Denied):
        domain.create_customer(name="Shop", owner=bob, by=alice, now=NOW)
    with pytest.raises(Denied):
        domain.create_customer(name="Shop", territory=TerritoryFactory(), by=alice, now=NOW)
    assert domain.create_customer(name="Shop", owner=bob, by=manager, now=NOW).owner == bob


@pytest.mark.parametrize(
    "text",
    ["münchner", "MUNCHNER bücher", "leeds", "c-10001", "01632 960 114", "+44 1632 960114", "BÜCHER leeds"],
)
def test_a_search_ignores_case_accents_and_spacing(alice: User, text: str) -> None:
    made = domain.create_customer(
        name="Münchner Bücher GmbH",
        city="Leeds",
        phone="+44 (0)1632 960114".replace("(0)", ""),
        by=alice,
        now=NOW,
    )
    domain.create_customer(name="Other", by=alice, now=NOW)
    assert list(Customer.objects.search(text)) == [made]


def test_a_search_asks_for_every_word_and_takes_wildcards_literally(alice: User) -> None:
    domain.create_customer(name="Münchner Bücher", by=alice, now=NOW)
    assert not Customer.objects.search("munchner leeds").exists()
    assert not Customer.objects.search("m_nchner").exists()
    assert not Customer.objects.search("%").exists()


def test_a_change_is_journaled_old_and_new_and_searched(alice: User) -> None:
    customer = domain.create_customer(name="Old", by=alice, now=NOW)
    change(customer, alice, name="New name", city="York")
    row = Customer.objects.get()
    assert (row.name, row.city, row.version) == ("New name", "York", 2)
    assert Entry.objects.get(verb="customer.changed").data == {
        "name": ["Old", "New name"],
        "city": ["", "York"],
    }
    assert list(Customer.objects.search("new york")) == [row]


def test_saving_without_a_change_writes_nothing(alice: User) -> None:
    customer = CustomerFactory(owner=alice, name="Shop")
    change(customer, alice, name="Shop")
    assert Customer.objects.get().version == 1
    assert not Entry.objects.exists()


def test_a_lost_update_is_refused(alice: User) -> None:
    customer = CustomerFactory(owner=alice)
    late = Customer.objects.get()
    change(customer, alice, name="First")
    with pytest.raises(Changed):
        change(late, alice, name="Second")
    assert Customer.objects.get().name == "First"


def test_a_new_owner_takes_along_what_came_to_the_old_one_as_owner(
    manager: User, alice: User, bob: User
) -> None:
    customer = CustomerFactory(owner=alice)
    ruled = ActionFactory(customer=customer, assignee=alice, owner=alice, assign_rule="owner")
    by_hand = ActionFactory(customer=customer, assignee=alice, owner=alice)
    elsewhere = ActionFactory(customer=customer, assignee=manager, owner=alice, assign_rule="owner")
    domain.change_owner(customer, owner=bob, by=manager, now=NOW)
    assert Action.objects.get(pk=ruled.pk).assignee == bob
    assert Action.objects.get(pk=ruled.pk).owner == bob
    assert Action.objects.get(pk=by_hand.pk).assignee == alice
    assert Action.objects.get(pk=elsewhere.pk).assignee == manager
    entry = Entry.objects.get(verb="customer.owner_changed")
    assert entry.data == {"owner": [alice.pk, bob.pk], "follow_ups": [ruled.pk]}
    assert Entry.objects.get(verb="action.assigned").subject_id == ruled.pk


def test_an_owner_must_be_able_to_work_and_only_some_may_choose_him(
    manager: User, alice: User, bob: User, nobody: User
) -> None:
    customer = CustomerFactory(owner=alice)
    with pytest.raises(Denied):
        domain.change_owner(customer, owner=bob, by=alice, now=NOW)
    with pytest.raises(Refused, match="no job function"):
        domain.change_owner(customer, owner=nobody, by=manager, now=NOW)
    bob.suspended_at = NOW
    with pytest.raises(Refused, match="cannot sign in"):
        domain.change_owner(customer, owner=bob, by=manager, now=NOW)
    assert Customer.objects.get().owner == alice


def test_archiving_waits_for_open_follow_ups(manager: User, alice: User) -> None:
    customer = CustomerFactory(owner=alice)
    action = ActionFactory(customer=customer, assignee=alice)
    with pytest.raises(Refused, match="1 open follow-up"):
        domain.archive_customer(customer, by=manager, now=NOW)
    Action.objects.filter(pk=action.pk).delete()
    domain.archive_customer(customer, by=manager, now=NOW)
    assert not Customer.objects.current().exists()
    with pytest.raises(Refused, match="archived already"):
        domain.archive_customer(customer, by=manager, now=NOW)
    domain.restore_customer(customer, by=manager, now=NOW)
    assert Customer.objects.current().exists()
    with pytest.raises(Refused, match="not archived"):
        domain.restore_customer(customer, by=manager, now=NOW)


def test_a_share_opens_one_customer_and_is_taken_back(manager: User, alice: User, charlie: User) -> None:
    customer, other = CustomerFactory(owner=alice), CustomerFactory(owner=alice)
    domain.share_customer(customer, holder=charlie, actions=["view"], by=manager, now=NOW)
    assert list(Customer.objects.visible_to(charlie)) == [customer]
    assert not Customer.objects.visible_to(charlie, "change").exists()
    assert other not in Customer.objects.visible_to(charlie)
    domain.unshare_customer(customer, holder=charlie, actions=["view"], by=manager, now=NOW)
    assert not Customer.objects.visible_to(charlie).exists()


def test_a_share_with_a_role_is_for_its_users(manager: User, alice: User, charlie: User) -> None:
    customer = CustomerFactory(owner=alice)
    reps = Role.objects.get(code="sales_rep")
    domain.share_customer(customer, holder=reps, actions=["view", "change"], by=manager, now=NOW)
    assert list(Customer.objects.visible_to(charlie, "change")) == [customer]
    assert Entry.objects.get(verb="customer.shared").data == {"role": reps.pk, "actions": ["view", "change"]}


def test_sharing_takes_the_right_and_something_to_share(manager: User, alice: User, charlie: User) -> None:
    customer = CustomerFactory(owner=alice)
    with pytest.raises(Denied):
        domain.share_customer(customer, holder=charlie, actions=["view"], by=alice, now=NOW)
    with pytest.raises(Refused, match="Choose what"):
        domain.share_customer(customer, holder=charlie, actions=["delete"], by=manager, now=NOW)
