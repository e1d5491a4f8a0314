"""What the tests of Follow-up Override share: somebody's work, and rerouting it."""

from datetime import timedelta
from typing import Any

from accounts.models import User
from activity.models import Entry
from crm.models import Action
from events.domain.override import Choice, Result, create_override
from tests.factories import NOW, ActionFactory, day

TODAY = NOW.date()  # Friday, 20 Nov 2026
BACK = day("2026-11-30")
LATER = NOW + timedelta(hours=3)


def work_of(user: User, count: int = 1, **fields: Any) -> list[Action]:
    return ActionFactory.create_batch(count, assignee=user, owner=user, **fields)


def reroute(
    actions: list[Action], to: User, *, by: User, giver: User | None = None, **changes: Any
) -> Result:
    values: dict[str, Any] = {
        "from_user": giver or actions[0].assignee,
        "choices": [Choice(row.pk, row.assign_seq, to.pk) for row in actions],
        "strategy": "one",
        "starts_on": TODAY,
        "returns_on": BACK,
        "reason": "sick",
        "note": "Ill until Monday",
        "by": by,
        "now": NOW,
    }
    return create_override(**(values | changes))


def holders(actions: list[Action]) -> list[User | None]:
    return [Action.objects.get(pk=row.pk).assignee for row in actions]


def verbs(action: Action) -> list[str]:
    return list(
        Entry.objects.filter(subject_type="crm.action", subject_id=action.pk)
        .order_by("id")
        .values_list("verb", flat=True)
    )
