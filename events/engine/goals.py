"""Goals: follow-ups whose reason has gone close by themselves, unless somebody started."""

from datetime import datetime

from django.db.models import F

from core.faults import point
from crm.domain.action_batch import mark_goal_met, supersede_actions
from crm.models import Action
from events.models import Event


def goal_pass(event: Event, goal: str, *, now: datetime) -> int:
    """Close this event's untouched follow-ups whose goal came true; how many were superseded.

    A follow-up that somebody started or touched stays open and asks instead. Costs by the number of
    open follow-ups, never by the number of customers.
    """
    if goal != "order":
        return 0
    met = Action.objects.filter(
        origin_code=event.code,
        closed_at=None,
        goal_met_at=None,
        customer__facts__last_order_on__gt=F("anchor_on"),
    ).order_by("pk")
    rows = list(met.values_list("pk", "first_touched_at"))
    touched = [pk for pk, touched_at in rows if touched_at is not None]
    untouched = [pk for pk, touched_at in rows if touched_at is None]
    point("engine.goals")
    if touched:
        mark_goal_met(touched, now=now)
    return len(supersede_actions(untouched, now=now)) if untouched else 0
