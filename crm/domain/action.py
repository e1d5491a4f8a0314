"""What people do with one action. What the engine and overrides do with many is in ``action_batch``."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.domain.organisation import business_day_after, today_at
from accounts.models import Role, User
from activity.domain import record
from core.errors import Changed, Denied, Refused
from core.once import save_once
from crm.domain.action_batch import (
    Move,
    cancel_actions,
    create_event_actions,
    mark_goal_met,
    reassign_many,
    supersede_actions,
)
from crm.domain.action_rules import (
    check_disposer,
    check_held,
    check_live,
    check_receiver,
    leads,
    sees_customer,
)
from crm.models import Action, Contact, ContactLink, Customer

__all__ = [
    "MAX_ATTEMPTS",
    "MAX_SNOOZES",
    "MAX_SNOOZE_DAYS",
    "Move",
    "cancel_action",
    "cancel_actions",
    "claim_action",
    "complete_action",
    "create_action",
    "create_event_actions",
    "hand_over_action",
    "mark_goal_met",
    "open_work_of",
    "reassign_many",
    "reopen_action",
    "snooze_action",
    "start_action",
    "supersede_actions",
    "touch_action",
    "wake_action",
]

MAX_SNOOZES = 3
MAX_SNOOZE_DAYS = 14
MAX_ATTEMPTS = 3  # calls without an answer; the last one closes the action
RETRY_DAYS = 2  # business days until the next attempt

# What a person may say came of it; the others are said by the engine.
OUTCOMES = (
    Action.Outcome.REACHED,
    Action.Outcome.ORDER,
    Action.Outcome.NO_INTEREST,
    Action.Outcome.NO_ANSWER,
    Action.Outcome.NOT_RELEVANT,
    Action.Outcome.GOAL_MET,
    Action.Outcome.OTHER,
)


@transaction.atomic
def create_action(
    *,
    title: str,
    due_on: date,
    by: User,
    now: datetime,
    customer: Customer | None = None,
    contact: Contact | None = None,
    assignee: User | None = None,
    queue: Role | None = None,
    kind: str = Action.Kind.TASK,
    body: str = "",
    priority: int = 3,
    form_token: UUID | None = None,
) -> Action:
    """A follow-up added by hand, for ``assignee`` (oneself when nobody and no queue is named)."""
    today = today_at(now)
    receiver = assignee if assignee or queue else by
    if customer is not None and customer.archived_at is not None:
        raise Refused(f"{customer.name} is archived: it takes no new follow-ups.")
    if due_on < today:
        raise Refused("The due date is in the past: choose today or later.", field="due_on")
    if receiver is not None and receiver != by:
        check_receiver(receiver, customer, by=by, day=today, field="assignee")
    _check_contact(contact, customer)
    row = Action(
        title=title,
        due_on=due_on,
        original_due_on=due_on,
        customer=customer,
        contact=contact,
        kind=kind,
        body=body,
        priority=priority,
        assignee=receiver,
        queue=None if receiver else queue,
        owner=receiver,
        created_by=by,
        created_at=now,
    )
    action, made = save_once(row, token=form_token, by=by)
    if made:
        _record(
            action,
            "action.created",
            by=by,
            now=now,
            data={"assignee": receiver, "queue": queue, "due_on": due_on},
        )
    return action


def _check_contact(contact: Contact | None, customer: Customer | None) -> None:
    if contact is None:
        return
    if (
        customer is None
        or not ContactLink.objects.filter(contact=contact, customer=customer, ended_on=None).exists()
    ):
        raise Refused("This contact does not belong to the customer: choose another.", field="contact")


@transaction.atomic
def start_action(action: Action, *, by: User, now: datetime) -> None:
    """Say that the work has begun."""
    check_live(action)
    check_held(action)
    check_disposer(action, by)
    if action.status == Action.Status.IN_PROGRESS:
        return
    _change(
        action, status=Action.Status.IN_PROGRESS, snoozed_until=None, first_touched_at=_touched(action, now)
    )
    _record(action, "action.started", by=by, now=now)


@transaction.atomic
def touch_action(action: Action, *, now: datetime) -> None:
    """Note that somebody has begun to work on it, for example by logging a conversation."""
    if action.is_live and action.first_touched_at is None:
        _change(action, first_touched_at=now)


@transaction.atomic
def complete_action(action: Action, *, outcome: str, by: User, now: datetime, note: str = "") -> Action:
    """Close the action with what came of it.

    "No answer" does not close it at first: it comes back after two business days, and the third call
    without an answer closes it.
    """
    check_live(action)
    check_held(action)
    if outcome not in OUTCOMES:
        raise Refused("Choose what came of it.", field="outcome")
    attempts = action.attempts + (outcome == Action.Outcome.NO_ANSWER)
    if outcome == Action.Outcome.NO_ANSWER and attempts < MAX_ATTEMPTS:
        return _try_again(action, attempts, note=note, by=by, now=now)
    before = action.status
    _change(
        action,
        status=Action.Status.DONE,
        outcome=outcome,
        outcome_note=note,
        closed_at=now,
        closed_on=today_at(now),
        closed_by=by,
        snoozed_until=None,
        attempts=attempts,
        first_touched_at=_touched(action, now),
    )
    data = {"status": [before, action.status], "outcome": outcome, "note": note}
    _record(action, "action.closed", by=by, now=now, data=data)
    return action


def _try_again(action: Action, attempts: int, *, note: str, by: User, now: datetime) -> Action:
    due_on = business_day_after(today_at(now), RETRY_DAYS)
    data = {"attempt": attempts, "due_on": [action.due_on, due_on], "note": note}
    _change(
        action,
        attempts=attempts,
        due_on=due_on,
        status=Action.Status.OPEN,
        snoozed_until=due_on,
        first_touched_at=_touched(action, now),
    )
    _record(action, "action.attempted", by=by, now=now, data=data)
    return action


@transaction.atomic
def snooze_action(action: Action, *, until: date, by: User, now: datetime) -> None:
    """Hide the action from the day's list until ``until``, which also becomes its due date if later.

    The first due date stays in ``original_due_on``, which "on time" is measured by.
    """
    today = today_at(now)
    check_live(action)
    check_held(action)
    check_disposer(action, by)
    if action.snooze_count >= MAX_SNOOZES:
        raise Refused(
            f"This follow-up was snoozed {MAX_SNOOZES} times already: do it, hand it over or close it."
        )
    if not today < until <= today + timedelta(days=MAX_SNOOZE_DAYS):
        raise Refused(f"Choose a day within the next {MAX_SNOOZE_DAYS} days.", field="until")
    due_on = max(action.due_on, until)
    data = {"until": until, "due_on": [action.due_on, due_on]}
    _change(
        action,
        snoozed_until=until,
        due_on=due_on,
        snooze_count=action.snooze_count + 1,
        status=Action.Status.OPEN,
        first_touched_at=_touched(action, now),
    )
    _record(action, "action.snoozed", by=by, now=now, data=data)


@transaction.atomic
def wake_action(action: Action, *, by: User, now: datetime) -> None:
    """Bring a snoozed action back onto the day's list today; it is then due today at the earliest."""
    today = today_at(now)
    check_live(action)
    check_held(action)
    check_disposer(action, by)
    if action.snoozed_until is None or action.snoozed_until <= today:
        raise Refused("This follow-up is not snoozed.")
    due_on = max(action.original_due_on, today)
    data = {"due_on": [action.due_on, due_on]}
    _change(action, snoozed_until=None, due_on=due_on)
    _record(action, "action.woken", by=by, now=now, data=data)


@transaction.atomic
def hand_over_action(action: Action, *, to: User, reason: str, by: User, now: datetime) -> None:
    """Give the action to a colleague who can do it; by its assignee or whoever leads him."""
    check_live(action)
    if action.assignee_id is None and not (leads(by, None) or _in_queue(action, by)):
        raise Denied(f"Only members of {action.queue} can hand this follow-up over.")
    if action.assignee_id is not None:
        check_disposer(action, by)
    if to.pk == action.assignee_id:
        raise Refused(f"This follow-up is {to.name}'s already: choose somebody else.", field="to")
    if not reason:
        raise Refused("Say why you hand this follow-up over.", field="reason")
    check_receiver(to, action.customer, by=by, day=today_at(now), field="to")
    hands = {"assignee": [action.assignee_id, to.pk], "reason": reason}
    note = f"Handed over by {by.name}: {reason}"[:250]
    _change(
        action,
        assignee=to,
        queue=None,
        assign_rule="manual",
        assign_note=note,
        assign_seq=action.assign_seq + 1,
    )
    _record(action, "action.handed_over", by=by, now=now, data=hands)


@transaction.atomic
def claim_action(action: Action, *, by: User, now: datetime) -> None:
    """Take an action out of the queue of one's role; of two people at the same time one gets it."""
    check_live(action)
    if action.queue_id is None:
        raise Changed(f"{action.assignee} has this follow-up already.")
    if not _in_queue(action, by):
        raise Denied(f"You cannot claim this follow-up because you do not have the role {action.queue}.")
    if action.customer_id is not None and not sees_customer(by, action.customer_id):
        raise Refused("You cannot claim this follow-up because its customer is outside your records.")
    hands = {"assignee": [None, by.pk], "queue": [action.queue_id, None]}
    note = f"Claimed from the queue of {action.queue}."
    _change(action, assignee=by, queue=None, assign_note=note, assign_seq=action.assign_seq + 1)
    _record(action, "action.claimed", by=by, now=now, data=hands)


def _in_queue(action: Action, user: User) -> bool:
    return bool(user.roles.filter(pk=action.queue_id).exists())


@transaction.atomic
def cancel_action(action: Action, *, reason: str, by: User, now: datetime) -> None:
    """Close the action without doing it; by its assignee or whoever leads him, with a reason."""
    check_live(action)
    check_disposer(action, by)
    if not reason:
        raise Refused("Say why this follow-up is cancelled.", field="reason")
    before = action.status
    _change(
        action,
        status=Action.Status.CANCELLED,
        outcome=Action.Outcome.OTHER,
        outcome_note=reason,
        closed_at=now,
        closed_on=today_at(now),
        closed_by=by,
        snoozed_until=None,
    )
    _record(
        action, "action.closed", by=by, now=now, data={"status": [before, action.status], "reason": reason}
    )


@transaction.atomic
def reopen_action(action: Action, *, by: User, now: datetime) -> None:
    """Take back that one has closed the action, on the day it was closed."""
    if action.is_live:
        raise Refused("This follow-up is open.")
    if action.closed_by_id != by.pk or action.closed_on != today_at(now):
        raise Refused("Only whoever closed this follow-up can open it again, on the same day.")
    if action.assignee is not None and not action.assignee.is_active:
        raise Refused(f"You cannot open it again because {action.assignee} no longer works here.")
    before = action.status
    try:
        with transaction.atomic():
            _change(
                action,
                status=Action.Status.OPEN,
                outcome="",
                outcome_note="",
                closed_at=None,
                closed_on=None,
                closed_by=None,
            )
    except IntegrityError:
        raise Refused(
            "You cannot open it again because a newer follow-up for the same reason is open."
        ) from None
    _record(action, "action.reopened", by=by, now=now, data={"status": [before, action.status]})


def open_work_of(user: User, *, without: Collection[str] | None = None) -> list[str]:
    """Sentences about the live actions that are still the user's, for whoever wants to close his account.

    ``without`` are permissions that he loses: then only what he could not do any more.
    """
    if without is not None and "crm.change_action" not in without:
        return []
    count = Action.objects.live().filter(assignee=user).count()
    if not count:
        return []
    return [f"{count:,} open follow-up{'' if count == 1 else 's'}: reroute or close them."]


def _touched(action: Action, now: datetime) -> datetime:
    return action.first_touched_at or now


def _change(action: Action, **values: Any) -> None:
    """Write ``values`` if nobody changed the action since it was read; else refuse."""
    if not action.update_guarded(**values):
        raise Changed("Somebody changed this follow-up at the same moment: look at it again.")


def _record(
    action: Action, verb: str, *, by: Any, now: datetime, data: Mapping[str, Any] | None = None
) -> None:
    data = {"title": action.title, **(data or {})}
    record(action, verb, by=by, now=now, data=data, customer_id=action.customer_id)
