"""Entries of the sidebar for CRM management."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.domain.organisation import today_at
from core.permissions import requires
from crm.models import Action

# import here: the number beside Status is the one on the board, counted from the same rows
from events.domain.status import overdue_rows
from ui.navigation import Item


def overdue_ones(user: Any, now: datetime) -> QuerySet[Action]:
    """The overdue follow-ups that Status shows the user."""
    return overdue_rows(user, day=today_at(now))


MANAGEMENT: tuple[Item, ...] = (
    Item(
        "CRM management",
        "Events",
        "lightning-charge",
        "events:events",
        policy=requires("events.view_event"),
        key="e",
    ),
    Item(
        "CRM management",
        "Status",
        "grid-3x3",
        "events:status",
        policy=requires("events.view_status"),
        count=overdue_ones,
        count_word="overdue",
        bottom=3,
        key="s",
    ),
    Item(
        "CRM management",
        "Follow-up Override",
        "signpost-split",
        "events:override",
        policy=requires("events.view_override"),
        key="r",
    ),
)
