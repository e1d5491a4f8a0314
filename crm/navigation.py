"""Crm's entries of the sidebar."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.domain.organisation import today_at
from core.permissions import requires
from crm.models import Action
from ui.navigation import Item


def open_ones(user: Any, now: datetime) -> QuerySet[Action]:
    """The user's open follow-ups."""
    return Action.objects.live().filter(assignee=user)


def overdue_ones(user: Any, now: datetime) -> QuerySet[Action]:
    """The user's follow-ups that were due before today; none for users without the function."""
    if not user.has_perm("crm.view_action"):
        return Action.objects.none()
    return open_ones(user, now).filter(due_on__lt=today_at(now))


WORK = (
    Item("Work", "My day", "sun", "crm:my_day", count=overdue_ones, count_word="overdue", bottom=1, key="d"),
    Item(
        "Work",
        "Follow-ups",
        "check2-square",
        "crm:followups",
        policy=requires("crm.view_action"),
        count=open_ones,
        bottom=4,
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
        bottom=2,
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
