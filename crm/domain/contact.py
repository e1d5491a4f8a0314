"""What people do with contacts and their links to customers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.domain.organisation import today_at
from accounts.models import User
from activity.domain import record
from core.errors import Changed, Refused
from core.once import made_before, save_once
from core.text import fold, phone_digits
from crm.domain.versioned import differences, write
from crm.models import Contact, ContactLink, Customer

DETAILS = ("first_name", "last_name", "job_title", "email", "phone", "mobile", "do_not_contact")


def found_by(contact: Contact) -> dict[str, str]:
    """The columns that lists search and sort by, folded as the customer's: sorted by the last name.

    The search looks through name, job title, e-mail and the digits of both telephones.
    """
    words = fold(f"{contact.first_name} {contact.last_name} {contact.job_title} {contact.email}")
    digits = f"{phone_digits(contact.phone)} {phone_digits(contact.mobile)}"
    return {
        "search": f"{words} {digits}".strip()[:300],
        "sort_name": fold(f"{contact.last_name} {contact.first_name}")[:120],
    }


@transaction.atomic
def create_contact(
    *,
    last_name: str,
    by: User,
    now: datetime,
    customer: Customer | None = None,
    role: str = ContactLink.Role.OTHER,
    is_main: bool = False,
    form_token: UUID | None = None,
    **details: Any,
) -> Contact:
    """A contact, linked to ``customer``, or unassigned without one. Owner is the maker."""
    if earlier := made_before(Contact, token=form_token, by=by):
        return earlier
    if unknown := details.keys() - set(DETAILS):
        raise TypeError(f"Not a field of a contact: {', '.join(sorted(unknown))}.")
    row = Contact(
        last_name=last_name,
        owner=by,
        team=by.teams.first(),
        events_from=now,
        created_by=by,
        created_at=now,
        **details,
    )
    row.search, row.sort_name = found_by(row).values()
    contact, made = save_once(row, token=form_token, by=by)
    if made:
        data = {"name": str(contact)}
        record(
            contact,
            "contact.created",
            by=by,
            now=now,
            data=data,
            customer_id=customer.pk if customer else None,
        )
        if customer is not None:
            link_contact(contact, customer=customer, role=role, is_main=is_main, by=by, now=now)
    return contact


@transaction.atomic
def change_contact(
    contact: Contact, *, changes: Mapping[str, Any], expected: int, by: User, now: datetime
) -> Contact:
    """Write what ``changes`` alters, if nobody saved since version ``expected`` was read."""
    differing = differences(contact, changes, DETAILS)
    if not differing:
        return contact
    renamed = Contact(**{name: getattr(contact, name) for name in DETAILS})
    for name, (_, new) in differing.items():
        setattr(renamed, name, new)
    write(contact, differing, expected=expected, **found_by(renamed))
    record(contact, "contact.changed", by=by, now=now, data=differing)
    return contact


@transaction.atomic
def link_contact(
    contact: Contact,
    *,
    customer: Customer,
    by: User,
    now: datetime,
    role: str = ContactLink.Role.OTHER,
    is_main: bool = False,
) -> ContactLink:
    """Say that the contact works for the customer from today; one open link per pair."""
    _lock(customer)
    if contact.archived_at is not None or customer.archived_at is not None:
        raise Refused("You cannot link what is archived.", field="customer")
    if ContactLink.objects.filter(contact=contact, customer=customer, ended_on=None).exists():
        raise Refused(f"{contact} belongs to {customer} already.", field="customer")
    if is_main:
        _no_main(customer)
    link = ContactLink.objects.create(
        contact=contact, customer=customer, role=role, is_main=is_main, started_on=today_at(now)
    )
    data = {"name": str(contact), "role": role, "main": is_main}
    record(contact, "contact.linked", by=by, now=now, data=data, customer_id=customer.pk)
    return link


@transaction.atomic
def move_contact(
    contact: Contact,
    *,
    customer: Customer,
    by: User,
    now: datetime,
    role: str = ContactLink.Role.OTHER,
    is_main: bool = False,
) -> ContactLink:
    """Give an unassigned contact his customer; refused when he has one meanwhile."""
    Contact.objects.select_for_update().get(pk=contact.pk)
    if ContactLink.objects.filter(contact=contact, ended_on=None).exists():
        raise Changed(f"{contact} has a customer already: look at the contact again.")
    return link_contact(contact, customer=customer, role=role, is_main=is_main, by=by, now=now)


@transaction.atomic
def unlink_contact(contact: Contact, *, customer: Customer, by: User, now: datetime) -> None:
    """Say that the contact left the customer today; without another customer he is unassigned then."""
    links = ContactLink.objects.filter(contact=contact, customer=customer, ended_on=None)
    if links.update(ended_on=today_at(now), is_main=False) != 1:
        raise Refused(f"{contact} does not belong to {customer}.")
    record(contact, "contact.unlinked", by=by, now=now, data={"name": str(contact)}, customer_id=customer.pk)


@transaction.atomic
def make_main_contact(contact: Contact, *, customer: Customer, by: User, now: datetime) -> None:
    """Name the customer's one main contact."""
    _lock(customer)
    _no_main(customer)
    links = ContactLink.objects.filter(contact=contact, customer=customer, ended_on=None)
    if links.update(is_main=True) != 1:
        raise Refused(f"{contact} does not belong to {customer}.")
    record(
        contact, "contact.main_changed", by=by, now=now, data={"name": str(contact)}, customer_id=customer.pk
    )


def _lock(customer: Customer) -> None:
    """Two people who link contacts to one customer follow each other, so that it has one main contact."""
    Customer.objects.select_for_update().get(pk=customer.pk)


def _no_main(customer: Customer) -> None:
    ContactLink.objects.filter(customer=customer, ended_on=None, is_main=True).update(is_main=False)


@transaction.atomic
def archive_contact(contact: Contact, *, by: User, now: datetime) -> None:
    """Take the contact out of lists; links end today, history stays.

    Refused while a link leads to a customer that ``by`` may not change: it is not his to end.
    """
    if contact.archived_at is not None:
        raise Refused(f"{contact} is archived already.")
    links = ContactLink.objects.filter(contact=contact, ended_on=None)
    if links.exclude(customer__in=Customer.objects.visible_to(by, "change")).exists():
        raise Refused(
            f"{contact} also belongs to a customer that you may not change: end your links instead."
        )
    write(contact, {"archived_at": [None, now]}, expected=contact.version)
    links.update(ended_on=today_at(now), is_main=False)
    record(contact, "contact.archived", by=by, now=now, data={"name": str(contact)})


@transaction.atomic
def restore_contact(contact: Contact, *, by: User, now: datetime) -> None:
    """Take the contact out of the archive; he is unassigned."""
    if contact.archived_at is None:
        raise Refused(f"{contact} is not archived.")
    write(contact, {"archived_at": [contact.archived_at, None]}, expected=contact.version)
    record(contact, "contact.restored", by=by, now=now, data={"name": str(contact)})
