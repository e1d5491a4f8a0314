"""Who may do what with an action: questions only, nothing is written here."""

from datetime import date
from typing import Any

from django.utils.formats import date_format

from accounts.domain.scope import led_team_ids
from accounts.models import Absence, TeamMember, User
from core.errors import Denied, Refused
from core.sql import lock_for_share
from crm.models import Action, Customer


def leads(user: User, other_id: int | None) -> bool:
    """Whether ``user`` may dispose of the work of the user ``other_id``.

    True for the lead of a team he is in (or of one above it) and for whoever may change account owners.
    """
    if user.has_perm("crm.assign_owner"):
        return True
    teams = led_team_ids(user)
    return bool(teams) and TeamMember.objects.filter(user_id=other_id, team_id__in=teams).exists()


def may_dispose(action: Action, user: User) -> bool:
    """Whether ``user`` may hand the action over, snooze or cancel it: the assignee, or who leads him."""
    return action.assignee_id == user.pk or leads(user, action.assignee_id)


def check_live(action: Action) -> None:
    """Refuse when the action is closed; the sentence says by whom."""
    if action.is_live:
        return
    who = action.closed_by.name if action.closed_by else "the event engine"
    raise Refused(f"This follow-up was already closed by {who}.")


def check_held(action: Action) -> None:
    """Refuse while the action waits in a queue: somebody has to claim it first."""
    if action.assignee_id is None:
        raise Refused(f"This follow-up waits in the queue of {action.queue}: claim it first.")


def check_disposer(action: Action, user: User) -> None:
    """Refuse unless ``user`` is the assignee or leads him."""
    if not may_dispose(action, user):
        raise Denied(
            f"This follow-up is {action.assignee}'s: only {action.assignee} or the team lead can do this."
        )


def check_receiver(user: User, customer: Customer | None, *, by: User, day: date, field: str) -> None:
    """Refuse a person who cannot do the work: no access, no function, away, or the customer is hidden.

    The customer is named only to whoever sees it: one's own follow-up may be about one that he does not.
    Inside a transaction, which whoever closes the account waits for: he then sees the work given out.
    """
    stored = lock_for_share(User.objects.filter(pk=user.pk), against_locks_only=True)
    if not (user.can_sign_in and all(row.can_sign_in for row in stored)):
        raise Refused(f"{user.name} cannot sign in at present: choose somebody else.", field=field)
    if not user.has_perm("crm.change_action"):
        raise Refused(f"{user.name} has no job function for follow-ups: choose somebody else.", field=field)
    away = Absence.objects.on(day).filter(user=user).first()
    if away is not None:
        until = f"until {date_format(away.ends_on, 'j M Y')}" if away.ends_on else "until further notice"
        raise Refused(f"{user.name} is away {until}: choose somebody else.", field=field)
    if customer is not None and not sees_customer(user, customer.pk):
        whom = customer.name if sees_customer(by, customer.pk) else "the customer"
        raise Refused(f"{user.name} may not see {whom}: choose somebody else.", field=field)


def sees_customer(user: Any, customer_id: int) -> bool:
    """Whether the customer is inside the user's records."""
    return bool(Customer.objects.visible_to(user).filter(pk=customer_id).exists())
