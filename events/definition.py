"""What an event's version says, typed and checked.

A version stores JSON; nothing below this module reads it raw. Each ``parse`` refuses what it does not
know with a sentence, so that a definition either means exactly one thing or cannot be published.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.conditions import Condition, describe, parse
from core.errors import Refused
from crm.models import Action
from events.models import Version

RULES = ("owner", "role_round_robin", "role_least_loaded", "user")
SUPPRESS_CHOICES = ("test_record", "not_trading", "do_not_contact")


@dataclass(frozen=True)
class Trigger:
    """When it comes true: ``created``, ``order`` (``first`` only or each), or ``since`` an anchor."""

    kind: str
    first: bool = False
    anchor: str = ""
    days: int = 0

    @property
    def is_clock(self) -> bool:
        """Whether it asks about time passed, which only a clock can answer."""
        return self.kind == "since"


@dataclass(frozen=True)
class ActionSpec:
    """The follow-up to make. ``due_days`` are business days after the day of detection."""

    kind: str
    title: str
    body: str
    due_days: int
    guard: str


@dataclass(frozen=True)
class Limits:
    """How many follow-ups at most: per run, and per person and day."""

    per_run: int = 200
    per_person_day: int = 15


@dataclass(frozen=True)
class Definition:
    """A version, typed."""

    trigger: Trigger
    condition: Condition
    suppress: tuple[str, ...]
    goal: str
    action: ActionSpec
    rules: tuple[Mapping[str, Any], ...]
    queue: str
    limits: Limits = field(default_factory=Limits)


def definition_of(version: Version) -> Definition:
    """The typed definition of ``version``; ``Refused`` names the first part that is wrong."""
    rules, queue = _assign(_object(version.assign, "assignment"))
    goal = _object(version.goal or {}, "goal")
    return Definition(
        trigger=_trigger(_object(version.trigger, "trigger")),
        condition=parse(version.condition or {}),
        suppress=_suppress(version.suppress or []),
        goal=_choice(goal.get("kind", "none"), ("none", "order"), "goal"),
        action=_action(_object(version.action, "follow-up"), version.event.code),
        rules=rules,
        queue=queue,
        limits=_limits(_object(version.limits or {}, "limits")),
    )


def _object(data: Any, part: str) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise Refused(f"The {part} must be an object.", field=part)
    return data


def _list(data: Any, part: str) -> list[Any]:
    if not isinstance(data, list):
        raise Refused(f"The {part} must be a list.", field=part)
    return data


def _choice(value: Any, allowed: tuple[str, ...], part: str) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise Refused(f"The {part} {value!r} is unknown: use one of {', '.join(allowed)}.", field=part)
    return value


def _number(value: Any, low: int, high: int, part: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Refused(f"The {part} must be a whole number from {low} to {high}.", field=part)
    return value


def _trigger(data: Mapping[str, Any]) -> Trigger:
    kind = _choice(data.get("kind"), ("created", "order", "since"), "trigger")
    if kind == "order":
        if not isinstance(first := data.get("first", False), bool):
            raise Refused("Whether only the first order counts must be true or false.", field="trigger")
        return Trigger(kind, first=first)
    if kind == "since":
        anchor = _choice(data.get("anchor"), ("order",), "anchor")
        return Trigger(kind, anchor=anchor, days=_number(data.get("days"), 1, 3650, "number of days"))
    return Trigger(kind)


def _suppress(data: Any) -> tuple[str, ...]:
    return tuple(_choice(reason, SUPPRESS_CHOICES, "suppression") for reason in _list(data, "suppression"))


def _action(data: Mapping[str, Any], code: str) -> ActionSpec:
    title = str(data.get("title", "")).strip()
    if not title or len(title) > 160:
        raise Refused("The follow-up needs a title of at most 160 characters.", field="title")
    return ActionSpec(
        kind=_choice(data.get("kind"), tuple(Action.Kind.values), "kind of follow-up"),
        title=title,
        body=str(data.get("body", ""))[:4000],
        due_days=_number(data.get("due_days", 0), 0, 365, "number of days until due"),
        guard=str(data.get("guard") or code.lower()),
    )


def _assign(data: Mapping[str, Any]) -> tuple[tuple[Mapping[str, Any], ...], str]:
    rules = tuple(_object(rule, "assignment rule") for rule in _list(data.get("rules", []), "assignment"))
    for rule in rules:
        _check_rule(rule)
    queue = data.get("queue")
    if not isinstance(queue, str) or not queue:
        raise Refused(
            "The event needs a fallback queue: the role that takes what fits nobody.", field="queue"
        )
    return rules, queue


def _check_rule(rule: Mapping[str, Any]) -> None:
    kind = _choice(rule.get("rule"), RULES, "assignment rule")
    if kind.startswith("role_") and not rule.get("role"):
        raise Refused("A rule that asks a role needs its name.", field="assignment rule")
    if kind == "user" and not isinstance(rule.get("user"), int):
        raise Refused("A rule that names one person needs his id.", field="assignment rule")


def _limits(data: Mapping[str, Any]) -> Limits:
    return Limits(
        per_run=_number(data.get("per_run", 200), 1, 10_000, "limit per run"),
        per_person_day=_number(data.get("per_person_day", 15), 1, 1000, "limit per person and day"),
    )


def in_words(definition: Definition) -> dict[str, str]:
    """The definition by part, each going on where its word leaves off: when, if, then, who, until."""
    return {
        "when": _when(definition.trigger),
        "if": describe(definition.condition) if definition.condition else "every customer",
        "then": f"{Action.Kind(definition.action.kind).label}: {definition.action.title},"
        f" due in {_days(definition.action.due_days)}",
        "who": _who(definition),
        "until": "a new order closes it on its own" if definition.goal == "order" else "somebody closes it",
    }


def sentence(definition: Definition) -> str:
    """The definition in one line, for lists."""
    words = in_words(definition)
    return f"When {words['when']}, {words['who']}: {definition.action.title}"


def _when(trigger: Trigger) -> str:
    if trigger.kind == "created":
        return "a customer is created"
    if trigger.kind == "order":
        return "a customer places the first order" if trigger.first else "a customer places an order"
    return f"a customer has not ordered for {trigger.days} days or more"


def _days(count: int) -> str:
    return "1 business day" if count == 1 else f"{count} business days"


def _who(definition: Definition) -> str:
    words = {
        "owner": "the account owner",
        "role_round_robin": "{role} in turn",
        "role_least_loaded": "whoever of {role} has least to do",
        "user": "one person",
    }
    parts = []
    for rule in definition.rules:
        role = str(rule.get("role", "")).replace("_", " ")
        parts.append(words[rule["rule"]].format(role=role))
    return ", else ".join([*parts, f"the queue of {definition.queue.replace('_', ' ')}"])
