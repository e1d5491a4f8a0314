"""Crm's entries of the sidebar."""

from datetime import datetime
from typing import Any

from accounts.domain.organisation import today_at
from core.permissions import requires
from crm.models import Action
from ui.navigation import Item


def open_count(user: Any, now: datetime) -> int:
    """The user's open follow-ups."""
    return Action.objects.live().filter(assignee=user).count()


def overdue_count(user: Any, now: datetime) -> int:
    """The user's follow-ups that were due before today; none for users without the function."""
    if not user.has_perm("crm.view_action"):
        return 0
    return Action.objects.live().filter(assignee=user, due_on__lt=today_at(now)).count()


WORK = (
    Item(
        "Work", "My day", "sun", "crm:my_day", count=overdue_count, count_word="overdue", bottom=True, key="d"
    ),
    Item(
        "Work",
        "Follow-ups",
        "check2-square",
        "crm:followups",
        policy=requires("crm.view_action"),
        count=open_count,
        bottom=True,
        key="f",
    ),
)

CUSTOMERS = (
    Item(
        "Customers",
        "Customers",
        "buildings",
        "crm:customers",
        policy=requires("crm.view_customer"),
        bottom=True,
        key="c",
        search="Search customers",
    ),
    Item(
        "Customers",
        "Contacts",
        "person-lines-fill",
        "crm:contacts",
        policy=requires("crm.view_contact"),
    ),
)
