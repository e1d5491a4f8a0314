"""The events that ship with Touchpoint, all off until somebody activates them."""

from datetime import datetime
from typing import Any

OWNER_FIRST = {"rules": [{"rule": "owner"}], "queue": "sales_support"}

LIBRARY: tuple[dict[str, Any], ...] = (
    {
        "code": "WELCOME",
        "name": "New customer",
        "family": "process",
        "catchup_days": 7,
        "version": {
            "trigger": {"kind": "created"},
            "suppress": ["test_record"],
            "goal": {"kind": "none"},
            "action": {
                "kind": "package",
                "title": "Send the welcome package",
                "body": "Send the welcome package, and check address and main contact.",
                "due_days": 2,
            },
            "assign": {
                "rules": [{"rule": "role_round_robin", "role": "sales_support"}],
                "queue": "sales_support",
            },
        },
    },
    {
        "code": "FIRSTORDER",
        "name": "First order",
        "family": "process",
        "catchup_days": 7,
        "version": {
            "trigger": {"kind": "order", "first": True},
            "suppress": ["test_record", "do_not_contact"],
            "goal": {"kind": "none"},
            "action": {
                "kind": "call",
                "title": "Thank for the first order",
                "body": "Thank for the order, and ask about delivery and service.",
                "due_days": 4,
            },
            "assign": OWNER_FIRST,
        },
    },
    {
        "code": "NOORDER60",
        "name": "No orders in 60 days",
        "family": "process",
        "catchup_days": 30,
        "version": {
            "trigger": {"kind": "since", "anchor": "order", "days": 60},
            "suppress": ["test_record", "not_trading", "do_not_contact"],
            "goal": {"kind": "order"},
            "action": {
                "kind": "call",
                "title": "Call about the missing order",
                "body": "Ask why no order came, and offer help.",
                "due_days": 3,
                "guard": "lapse",
            },
            "assign": OWNER_FIRST,
        },
    },
)


def install(*, event_model: Any, version_model: Any, schedule_model: Any, now: datetime) -> int:
    """Create the shipped events that are not there yet; how many. What exists is left as it is.

    Takes the models as arguments because a migration brings historical ones.
    """
    made = 0
    for shipped in LIBRARY:
        if event_model.objects.filter(code=shipped["code"]).exists():
            continue
        fields = {key: value for key, value in shipped.items() if key != "version"}
        event = event_model.objects.create(created_at=now, **fields)
        schedule_model.objects.create(event=event)
        version_model.objects.create(event=event, number=1, created_at=now, **shipped["version"])
        made += 1
    return made
