"""Many contacts at once: what imports do to them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.domain.organisation import today_at
from accounts.models import User
from activity.domain import Line, record_many
from activity.models import Cause
from crm.domain.contact import found_by
from crm.models import Contact, ContactLink


@transaction.atomic
def add_contacts(
    rows: Sequence[tuple[Contact, int, str, bool]],
    *,
    by: User | None,
    now: datetime,
    cause: str = Cause.IMPORT,
) -> list[Contact]:
    """Write many new contacts, each linked to one customer from today, with a journal entry each.

    ``rows`` are (contact, customer id, role there, whether he is the main contact); a customer has at
    most one main contact, and a second one raises ``IntegrityError``.
    """
    for contact, *_ in rows:
        contact.created_at, contact.created_by = now, by
        contact.search, contact.sort_name = found_by(contact).values()
    made = Contact.objects.bulk_create([contact for contact, *_ in rows], batch_size=500)
    today = today_at(now)
    links = [
        ContactLink(contact=contact, customer_id=customer_id, role=role, is_main=is_main, started_on=today)
        for contact, customer_id, role, is_main in rows
    ]
    ContactLink.objects.bulk_create(links, batch_size=500)
    lines = [Line(contact, {"name": str(contact)}, customer_id) for contact, customer_id, *_ in rows]
    record_many(lines, "contact.created", by=by, now=now, cause=cause)
    return made
