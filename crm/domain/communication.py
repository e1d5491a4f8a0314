"""Logging what was said, written or met about."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.domain.organisation import today_at
from accounts.models import User
from activity.domain import record
from core.errors import Refused
from core.once import save_once
from crm.domain.action import complete_action, touch_action
from crm.domain.customer_facts import note_contact
from crm.models import Action, Communication, Contact, ContactLink, Customer


@transaction.atomic
def log_communication(
    *,
    customer: Customer,
    channel: str,
    subject: str,
    by: User,
    now: datetime,
    happened_at: datetime | None = None,
    contact: Contact | None = None,
    direction: str = Communication.Direction.OUT,
    body: str = "",
    action: Action | None = None,
    outcome: str = "",
    form_token: UUID | None = None,
) -> Communication:
    """One conversation; moves the customer's last contact, touches ``action`` and, with an ``outcome``,
    completes it.

    ``happened_at`` is now when it is not given. The follow-up must be the customer's and open.
    """
    happened_at = happened_at or now
    if happened_at > now:
        raise Refused("The conversation lies in the future: enter when it was.", field="happened_at")
    _check(customer, contact, action)
    row = Communication(
        customer=customer, contact=contact, action=action, channel=channel, direction=direction,
        happened_at=happened_at, subject=subject, body=body, created_by=by, created_at=now,
    )  # fmt: skip
    communication, made = save_once(row, token=form_token, by=by)
    if not made:
        return communication
    note_contact(customer_id=customer.pk, day=today_at(happened_at))
    data = {"channel": channel, "direction": direction, "subject": subject, "contact": str(contact or "")}
    record(
        communication, "communication.logged", by=by, now=now, data=data, customer_id=customer.pk,
        happened_at=happened_at,
    )  # fmt: skip
    if action is not None and outcome:
        complete_action(action, outcome=outcome, note=body[:2000], by=by, now=now)
    elif action is not None:
        touch_action(action, now=now)
    return communication


def _check(customer: Customer, contact: Contact | None, action: Action | None) -> None:
    if customer.archived_at is not None:
        raise Refused(f"{customer.name} is archived: restore it to log a conversation.")
    links = ContactLink.objects.filter(contact=contact, customer=customer, ended_on=None)
    if contact is not None and not links.exists():
        raise Refused("This contact does not belong to the customer: choose another.", field="contact")
    if action is not None and action.customer_id != customer.pk:
        raise Refused("This follow-up is not about this customer: choose another.", field="action")
    if action is not None and not action.is_live:
        raise Refused("This follow-up was closed meanwhile: log the conversation without it.", field="action")
