"""Reasons: why a follow-up exists, in words, with the values of the moment it was made.

They are frozen, so every text stays true: the sentence names days instead of counting them, and a fact
that counts says as of which day.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from core.conditions import Names, explain, reference_names, used_fields
from core.dates import day_words, local_day
from core.money import from_minor, money_words
from crm.models import Customer
from events.engine.matching import Question
from events.models import Version


def sentence_day(day: date, made_on: date) -> str:
    """The day in a sentence made on ``made_on``: without the year when both have the same."""
    words = day_words(day)
    return words.removesuffix(f" {day.year}") if day.year == made_on.year else words


def days_words(count: int) -> str:
    """``1 day`` or ``62 days``."""
    return "1 day" if count == 1 else f"{count} days"


@dataclass(frozen=True)
class Background:
    """What routing and reasons need of a customer: ``values`` answers the fields that the condition asks.

    ``names`` are the names of the records that the condition and the values of the whole batch refer to.
    """

    owner_id: int | None
    currency: str
    median_gap: Decimal | None
    values: Mapping[str, Any]
    names: Names


def backgrounds(question: Question, customer_ids: Collection[int]) -> dict[int, Background]:
    """The background of each customer as it stands now: one query, and one per kind of record referred to."""
    fields = sorted(used_fields(question.definition.condition), key=lambda field: field.key)
    keys, paths = [field.key for field in fields], [field.column_path({}, "") for field in fields]
    rows = Customer.objects.filter(pk__in=customer_ids).order_by()
    found = {
        pk: (owner_id, currency, median_gap, dict(zip(keys, values, strict=True)))
        for pk, owner_id, currency, median_gap, *values in rows.values_list(
            "pk", "owner_id", "currency", "facts__median_gap", *paths
        )
    }
    names = reference_names(question.definition.condition, [values for *_, values in found.values()])
    return {pk: Background(*columns, names) for pk, columns in found.items()}


def reason_of(
    question: Question, version: Version, customer: Background, *, anchor: date, score: int, routing: str
) -> dict[str, Any]:
    """The frozen reason of one follow-up, as pages and mails show it.

    ``anchor`` and ``score`` are the occurrence's: the day it counts from, and the order's amount.
    """
    facts = _trigger_facts(question, customer, anchor=anchor, score=score)
    facts += _condition_facts(question, customer)
    return {
        "event_code": question.event.code,
        "event_name": question.event.name,
        "family": question.event.family,
        "version": version.number,
        "sentence": facts[0]["sentence"],
        "facts": [{"label": fact["label"], "text": fact["text"]} for fact in facts],
        "routing": routing,
    }


def _trigger_facts(
    question: Question, customer: Background, *, anchor: date, score: int
) -> list[dict[str, str]]:
    kind = question.definition.trigger.kind
    said = sentence_day(anchor, local_day(question.window.now, question.window.zone))
    if kind == "since":
        return _since_facts(question, anchor, said, customer)
    if kind == "created":
        return [{"label": "Created", "text": day_words(anchor), "sentence": f"Created {said}"}]
    amount = money_words(from_minor(score), customer.currency)
    word = "First order" if question.definition.trigger.first else "Order"
    text = f"{day_words(anchor)}, {amount}"
    return [{"label": word, "text": text, "sentence": f"{word} on {said}, {amount}"}]


def _since_facts(question: Question, anchor: date, said: str, customer: Background) -> list[dict[str, str]]:
    judged = question.window.judged_day
    last = f"{day_words(anchor)}, {days_words((judged - anchor).days)} before {day_words(judged)}"
    asked = f"{days_words(question.definition.trigger.days)} or more without an order"
    facts = [{"label": "Last order", "text": last, "sentence": f"Last order {said}"}]
    if gap := customer.median_gap:
        usual = days_words(round(gap))
        facts[0]["sentence"] += f", usually every {usual}"
        facts.append({"label": "Usual interval", "text": usual})
    return [*facts, {"label": "Event asks for", "text": asked}]


def _condition_facts(question: Question, customer: Background) -> list[dict[str, str]]:
    condition = question.definition.condition
    if not condition:
        return []
    window = question.window
    found = explain(condition, customer.values, day=window.judged_day, zone=window.zone, names=customer.names)
    return [
        {
            "label": leaf.label,
            "text": f"{leaf.value} as of {day_words(window.judged_day)}; event asks for: {leaf.asked}",
        }
        for leaf in found.leaves
    ]
