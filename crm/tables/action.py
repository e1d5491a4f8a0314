"""Follow-ups as rows: what every list of them shows, wherever it stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from accounts.models import User
from core.routes import page_url, record_url
from crm.models import Action, Contact, ContactLink, Customer
from ui.blocks import FollowUpRow, RowLink
from ui.tables import Column, Table
from ui.templatetags.ui import hue, told_day

ICONS = {
    Action.Kind.CALL: "telephone",
    Action.Kind.EMAIL: "envelope",
    Action.Kind.VISIT: "geo-alt",
    Action.Kind.PACKAGE: "gift",
    Action.Kind.TASK: "check2-square",
}
RESTRICTED = "Restricted"

# What a row reads from other tables.
RELATED = ("customer", "contact", "assignee", "queue", "created_by")

OPEN_ACTIONS = Table(
    caption="Follow-ups",
    order="due",
    columns=(Column("due", "Due", sort="due_on"),),
)
CLOSED_ACTIONS = Table(
    caption="Closed follow-ups",
    order="-closed",
    columns=(Column("closed", "Closed", sort="closed_on"),),
)


def visible_customer_ids(actions: Iterable[Action], user: User) -> set[int]:
    """Which customers of the actions the user may see: one query for any number of them."""
    ids = {action.customer_id for action in actions if action.customer_id is not None}
    if not ids:
        return set()
    return set(Customer.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))


@dataclass(frozen=True)
class _Viewer:
    """Who looks at the rows of one list, and what he may see of them.

    ``visible`` are ids of customers, ``openable`` of actions; None means every one of the list. ``contacts``
    are the main contacts by customer, ``back`` is the page that the acts return to.
    """

    user: User
    today: date
    visible: set[int]
    openable: set[int] | None
    with_links: bool
    contacts: Mapping[int, Contact]
    back: str

    @cached_property
    def may_change(self) -> bool:
        """Whether he may work on follow-ups at all."""
        return self.user.has_perm("crm.change_action")

    @cached_property
    def may_list(self) -> bool:
        """Whether the list of follow-ups opens for him."""
        return self.user.has_perm("crm.view_action")

    def opens(self, action: Action) -> bool:
        """Whether the page of the action opens for him."""
        return self.openable is None or action.pk in self.openable

    def sees_customer(self, action: Action) -> bool:
        """Whether the action hides nothing of whom it is for."""
        return self.opens(action) and (action.customer_id is None or action.customer_id in self.visible)


def follow_up_rows(
    actions: Iterable[Action],
    user: User,
    *,
    today: date,
    with_links: bool = False,
    with_people: bool = False,
    visible: set[int] | None = None,
    may_be_hidden: bool = False,
    back: str = "",
) -> list[FollowUpRow]:
    """The rows of ``actions`` as ``user`` may see them.

    The customer of an action may lie outside the user's records: his own action then says "Restricted"
    instead of the customer, that of somebody else also hides its title and reason. ``with_links`` adds
    what can be done with a row, going on at the page ``back``, and whom to call; ``with_people`` adds whose
    it is. ``visible`` are the customers that the user may see, when the caller has asked already.
    ``may_be_hidden``: among the actions may be some that the user may not open; their rows say "Restricted"
    too, and lead nowhere.
    """
    actions = list(actions)
    visible = visible_customer_ids(actions, user) if visible is None else visible
    openable = _openable_ids(actions, user) if may_be_hidden else None
    contacts = _main_contacts(actions, user) if with_links else {}
    viewer = _Viewer(user, today, visible, openable, with_links, contacts, back)
    rows = [_row(action, viewer) for action in actions]
    if not with_people:
        return rows
    return [replace(row, **_person(action)) for row, action in zip(rows, actions, strict=True)]


def _openable_ids(actions: Iterable[Action], user: User) -> set[int]:
    ids = [action.pk for action in actions]
    return set(Action.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))


def _row(action: Action, viewer: _Viewer) -> FollowUpRow:
    sees = viewer.sees_customer(action)
    is_own = action.assignee_id == viewer.user.pk
    held = action.is_live and action.assignee_id is not None
    can_work = viewer.may_change and held and (sees or is_own)
    return FollowUpRow(
        pk=action.pk,
        title=action.title if sees or is_own else RESTRICTED,
        url=action.get_absolute_url() if viewer.opens(action) else "",
        icon=ICONS[Action.Kind(action.kind)],
        kind=action.get_kind_display(),
        customer=_customer_text(action, sees),
        customer_url=action.customer.get_absolute_url() if action.customer and sees else "",
        due_on=action.due_on,
        due_time=action.due_time,
        complete_url=record_url("crm:action_complete", action.pk) if can_work else "",
        closed_on=action.closed_on,
        claim_url=_claim_url(action, sees and viewer.may_change),
        note=_note(action, viewer.today),
        links=_links(action, sees, viewer.back) if can_work and viewer.with_links else [],
        reason_url=_reason_url(action) if viewer.may_list else "",
        **_reason(action, sees or is_own),
        **(_contact(action, viewer.contacts) if viewer.with_links and sees else {}),
    )


def _person(action: Action) -> dict[str, Any]:
    if action.assignee is not None:
        return {"assignee": action.assignee.name, "assignee_hue": hue(action.assignee)}
    return {"assignee": f"Queue of {action.queue}", "in_queue": True}


def _claim_url(action: Action, may_claim: bool) -> str:
    if action.queue_id is None or not action.is_live or not may_claim:
        return ""
    return record_url("crm:action_claim", action.pk)


def _note(action: Action, today: date) -> str:
    if action.closed_on is not None:
        return action.get_outcome_display()
    if action.snoozed_until is not None and action.snoozed_until > today:
        return f"Snoozed until {told_day(action.snoozed_until, today)}"
    return ""


def _customer_text(action: Action, sees: bool) -> str:
    if action.customer is None:
        return ""
    return action.customer.name if sees else RESTRICTED


def reason_kind(action: Action) -> str:
    """What the reason line is drawn as: process, marketing or manual."""
    if action.origin == Action.Origin.MANUAL:
        return "manual"
    return "marketing" if action.reason.get("family") == "marketing" else "process"


def reason_event(action: Action) -> str:
    """Who or what made the follow-up: the event's name, or who added it."""
    if action.origin == Action.Origin.EVENT:
        return str(action.reason.get("event_name") or action.origin_code)
    return f"Added by {action.created_by.name}" if action.created_by else "Added by hand"


def _reason(action: Action, shown: bool) -> dict[str, Any]:
    return {
        "reason_kind": reason_kind(action),
        "reason_event": reason_event(action),
        "reason_fact": str(action.reason.get("sentence", "")) if shown else "",
    }


def _reason_url(action: Action) -> str:
    if not action.origin_code:
        return ""
    return f"{page_url('crm:followups')}?{urlencode({'event': action.origin_code})}"


def _main_contacts(actions: Iterable[Action], user: User) -> dict[int, Contact]:
    """The main contact of each customer whose follow-up names nobody, in one query."""
    asked = {action.customer_id for action in actions if action.contact_id is None and action.customer_id}
    if not asked or not user.has_perm("crm.view_contact"):
        return {}
    links = ContactLink.objects.filter(customer__in=asked, is_main=True, ended_on=None)
    return {link.customer_id: link.contact for link in links.select_related("contact")}


def _contact(action: Action, main_contacts: Mapping[int, Contact]) -> dict[str, str]:
    """Whom to call: the contact of the follow-up, else the customer's main one."""
    contact = action.contact or main_contacts.get(action.customer_id or 0)
    phone = (contact.phone or contact.mobile if contact else "") or (
        action.customer.phone if action.customer else ""
    )
    if contact is None:
        return {"phone": phone}
    return {"contact": str(contact), "contact_note": contact.job_title, "phone": phone}


def _links(action: Action, sees: bool, back: str) -> list[RowLink]:
    log = "action_log" if action.customer_id is not None and sees else "action_complete"
    verbs = (
        ("Log result", log, "l"),
        ("Snooze", "action_snooze", "s"),
        ("Hand over", "action_hand_over", "a"),
    )
    after = f"?{urlencode({'next': back})}" if back else ""
    return [
        RowLink(label, f"{record_url(f'crm:{name}', action.pk)}{after}", key) for label, name, key in verbs
    ]
