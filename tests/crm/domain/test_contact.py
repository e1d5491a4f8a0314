"""Contacts: made, changed, linked, moved and archived."""

import pytest

from accounts.models import User
from activity.models import Entry
from core.errors import Changed, Refused
from crm.domain import contact as domain
from crm.models import Contact, ContactLink, Customer
from tests.factories import NOW, ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(alice: User) -> Customer:
    """A customer of ``alice``."""
    return CustomerFactory(owner=alice)


def open_links(contact: Contact) -> list[tuple[Customer, bool]]:
    return [(link.customer, link.is_main) for link in contact.links.filter(ended_on=None)]


def test_a_contact_is_unassigned_or_made_for_a_customer(alice: User, customer: Customer) -> None:
    loose = domain.create_contact(last_name="Rees", first_name="Nadia", by=alice, now=NOW)
    linked = domain.create_contact(
        last_name="Scott", by=alice, now=NOW, customer=customer, role="buyer", is_main=True
    )
    assert list(Contact.objects.unassigned()) == [loose]
    assert open_links(linked) == [(customer, True)]
    verbs = Entry.objects.filter(subject_id=linked.pk).order_by("pk").values_list("verb", "customer_id")
    assert list(verbs) == [("contact.created", customer.pk), ("contact.linked", customer.pk)]


def test_a_contact_is_found_by_name_mail_and_telephone(alice: User) -> None:
    made = domain.create_contact(
        first_name="Zoë",
        last_name="Núñez",
        email="zoe@shop.example",
        mobile="07700 900123",
        by=alice,
        now=NOW,
    )
    for text in ("nunez zoe", "SHOP.example", "+44 7700 900123".replace("+44 ", "0"), "7700 900 123"):
        assert list(Contact.objects.search(text)) == [made]
    assert not Contact.objects.search("nunez leeds").exists()


def test_a_change_is_journaled_and_guarded_by_the_version(alice: User) -> None:
    contact = ContactFactory(last_name="Old", owner=alice)
    domain.change_contact(contact, changes={"last_name": "New"}, expected=1, by=alice, now=NOW)
    assert Entry.objects.get(verb="contact.changed").data == {"last_name": ["Old", "New"]}
    assert Contact.objects.search("new").exists()
    with pytest.raises(Changed):
        domain.change_contact(contact, changes={"last_name": "Late"}, expected=1, by=alice, now=NOW)
    domain.change_contact(contact, changes={"last_name": "New"}, expected=2, by=alice, now=NOW)
    assert Contact.objects.get().version == 2


def test_one_open_link_per_pair_and_one_main_contact(alice: User, customer: Customer) -> None:
    first, second = ContactFactory(), ContactFactory()
    domain.link_contact(first, customer=customer, is_main=True, by=alice, now=NOW)
    with pytest.raises(Refused, match="already"):
        domain.link_contact(first, customer=customer, by=alice, now=NOW)
    domain.link_contact(second, customer=customer, is_main=True, by=alice, now=NOW)
    assert open_links(first) == [(customer, False)]
    domain.make_main_contact(first, customer=customer, by=alice, now=NOW)
    assert list(ContactLink.objects.filter(is_main=True).values_list("contact", flat=True)) == [first.pk]


def test_a_stranger_is_never_main_contact(alice: User, customer: Customer) -> None:
    main, stranger = ContactFactory(), ContactFactory()
    domain.link_contact(main, customer=customer, is_main=True, by=alice, now=NOW)
    with pytest.raises(Refused, match="does not belong"):
        domain.make_main_contact(stranger, customer=customer, by=alice, now=NOW)
    assert open_links(main) == [(customer, True)]


def test_who_leaves_is_unassigned_and_may_come_back(alice: User, customer: Customer) -> None:
    contact = ContactFactory()
    domain.link_contact(contact, customer=customer, is_main=True, by=alice, now=NOW)
    domain.unlink_contact(contact, customer=customer, by=alice, now=NOW)
    assert list(Contact.objects.unassigned()) == [contact]
    with pytest.raises(Refused, match="does not belong"):
        domain.unlink_contact(contact, customer=customer, by=alice, now=NOW)
    domain.link_contact(contact, customer=customer, by=alice, now=NOW)
    assert open_links(contact) == [(customer, False)]


def test_an_unassigned_contact_moves_to_one_customer(alice: User, customer: Customer) -> None:
    contact, other = ContactFactory(), CustomerFactory(owner=alice)
    domain.move_contact(contact, customer=customer, role="buyer", by=alice, now=NOW)
    with pytest.raises(Changed, match="has a customer already"):
        domain.move_contact(contact, customer=other, by=alice, now=NOW)
    assert open_links(contact) == [(customer, False)]


def test_what_is_archived_takes_no_links(alice: User, customer: Customer) -> None:
    contact = ContactFactory(owner=alice)
    domain.link_contact(contact, customer=customer, by=alice, now=NOW)
    domain.archive_contact(contact, by=alice, now=NOW)
    assert open_links(contact) == []
    assert not Contact.objects.current().exists()
    for call in (domain.archive_contact, domain.link_contact):
        with pytest.raises(Refused):
            call(
                contact, by=alice, now=NOW, **({"customer": customer} if call is domain.link_contact else {})
            )
    domain.restore_contact(contact, by=alice, now=NOW)
    assert Contact.objects.current().exists()
    with pytest.raises(Refused, match="not archived"):
        domain.restore_contact(contact, by=alice, now=NOW)


def test_who_works_elsewhere_too_is_not_archived_from_here(
    alice: User, charlie: User, customer: Customer, manager: User
) -> None:
    contact, hidden = ContactFactory(owner=alice), CustomerFactory(owner=charlie, name="Secret Ltd")
    domain.link_contact(contact, customer=customer, by=alice, now=NOW)
    domain.link_contact(contact, customer=hidden, by=charlie, now=NOW)
    with pytest.raises(Refused, match="end your links instead") as refused:
        domain.archive_contact(contact, by=alice, now=NOW)
    assert "Secret" not in refused.value.message
    assert len(open_links(contact)) == 2
    domain.unlink_contact(contact, customer=hidden, by=charlie, now=NOW)
    domain.archive_contact(contact, by=alice, now=NOW)
    assert open_links(contact) == []
