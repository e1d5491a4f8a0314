"""Follow-ups as rows: what every list of them shows, wherever it stands."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from crm.models import Action, Customer
from ui.blocks import FollowUpRow, RowLink
from ui.tables import Column, Table
from ui.templatetags.ui import hue, near_day

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


def follow_up_rows(
    actions: Iterable[Action],
    user: User,
    *,
    today: date,
    with_links: bool = False,
    with_people: bool = False,
    visible: set[int] | None = None,
) -> list[FollowUpRow]:
    """The rows of ``actions`` as ``user`` may see them.

    The customer of an action may lie outside the user's records: his own action then says "Restricted"
    instead of the customer, that of somebody else also hides its title and reason. ``with_links`` adds
    what can be done with a row, ``with_people`` whose it is. ``visible`` are the customers that the user
    may see, when the caller has asked already.
    """
    actions = list(actions)
    visible = visible_customer_ids(actions, user) if visible is None else visible
    may_change = user.has_perm("crm.change_action")
    rows = [_row(action, user, visible, today, may_change, with_links) for action in actions]
    if not with_people:
        return rows
    return [replace(row, **_person(action)) for row, action in zip(rows, actions, strict=True)]


def _row(
    action: Action, user: User, visible: set[int], today: date, may_change: bool, with_links: bool
) -> FollowUpRow:
    sees = action.customer_id is None or action.customer_id in visible
    is_own = action.assignee_id == user.pk
    can_work = may_change and action.is_live and action.assignee_id is not None and (sees or is_own)
    return FollowUpRow(
        pk=action.pk,
        title=action.title if sees or is_own else RESTRICTED,
        url=action.get_absolute_url(),
        icon=ICONS[Action.Kind(action.kind)],
        kind=action.get_kind_display(),
        customer=_customer_text(action, sees),
        customer_url=action.customer.get_absolute_url() if action.customer and sees else "",
        due_on=action.due_on,
        due_time=action.due_time,
        complete_url=reverse("crm:action_complete", args=[action.pk]) if can_work else "",
        closed_on=action.closed_on,
        claim_url=_claim_url(action, sees and may_change),
        note=_note(action, today),
        links=_links(action, sees) if can_work and with_links else [],
        **_reason(action, sees or is_own),
        **(_contact(action) if with_links and sees else {}),
    )


def _person(action: Action) -> dict[str, str]:
    if action.assignee is not None:
        return {"assignee": action.assignee.name, "assignee_hue": hue(action.assignee)}
    return {"assignee": f"Queue: {action.queue}", "assignee_hue": hue(action.queue)}


def _claim_url(action: Action, may_claim: bool) -> str:
    if action.queue_id is None or not action.is_live or not may_claim:
        return ""
    return reverse("crm:action_claim", args=[action.pk])


def _note(action: Action, today: date) -> str:
    if action.closed_on is not None:
        return action.get_outcome_display()
    if action.snoozed_until is not None and action.snoozed_until > today:
        return f"Snoozed until {near_day(action.snoozed_until, today)}"
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
    parts: dict[str, Any] = {
        "reason_kind": reason_kind(action),
        "reason_event": reason_event(action),
        "reason_fact": str(action.reason.get("sentence", "")) if shown else "",
    }
    if action.origin_code:
        query = urlencode({"event": action.origin_code})
        parts["reason_url"] = f"{reverse('crm:followups')}?{query}"
    return parts


def _contact(action: Action) -> dict[str, str]:
    contact = action.contact
    phone = (contact.phone or contact.mobile if contact else "") or (
        action.customer.phone if action.customer else ""
    )
    if contact is None:
        return {"phone": phone}
    return {"contact": str(contact), "contact_note": contact.job_title, "phone": phone}


def _links(action: Action, sees: bool) -> list[RowLink]:
    log = "action_log" if action.customer_id is not None and sees else "action_complete"
    verbs = (
        ("Log result", log, "l"),
        ("Snooze", "action_snooze", "s"),
        ("Hand over", "action_hand_over", "a"),
    )
    return [RowLink(label, reverse(f"crm:{name}", args=[action.pk]), key) for label, name, key in verbs]
