"""Detection: one INSERT … SELECT writes an occurrence for each new match."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, Sum, Value, When
from django.db.models.functions import JSONObject

from core.sql import insert_from_queryset
from events.engine.matching import (
    Question,
    as_instant,
    known,
    matches,
    subject_type,
    suppressions,
    unsuppressed,
)
from events.models import Occurrence, Run

COLUMNS = (
    ("subject_id", "m_subject"),
    ("customer_id", "m_customer"),
    ("okey", "m_okey"),
    ("trigger_on", "m_trigger_on"),
    ("anchor_on", "m_anchor_on"),
    ("score", "m_score"),
    ("evidence", "m_evidence"),
)
UNIQUE = ("event", "subject_type", "subject_id", "okey")


@dataclass
class Counts:
    """What the question finds: all that match, those already in the ledger, those kept back."""

    matched: int = 0
    already_known: int = 0
    suppressed: dict[str, int] = field(default_factory=dict)

    @property
    def new(self) -> int:
        """What detection would write."""
        return self.matched - self.already_known - self.suppressed.get("any", 0)


def count(question: Question) -> Counts:
    """The counts of one question: how many match, and why those that the ledger lacks are kept back."""
    return _counts(question, matches(question).order_by().count())


def count_beside(question: Question, *, written: int) -> Counts:
    """The counts as they were before detection wrote ``written`` occurrences.

    Where these are all that match, nothing was known or kept back, and the reasons need not be asked.
    """
    total = matches(question).order_by().count()
    if total == written:
        return Counts(matched=written)
    found = _counts(question, total)
    found.already_known -= written
    return found


def _counts(question: Question, total: int) -> Counts:
    """The counts of ``total`` matches. The reasons are asked only of those that the ledger lacks."""
    reasons = suppressions(question)
    rows = matches(question).order_by().filter(~known(question))
    rows = rows.annotate(**{f"s_{name}": _flag(predicate) for name, predicate in reasons.items()})
    any_reason = Q()
    for name in reasons:
        any_reason |= Q(**{f"s_{name}": 1})
    sums = {f"n_{name}": Sum(f"s_{name}", default=0) for name in reasons}
    found = rows.aggregate(n=Count("m_subject"), n_any=Count("m_subject", filter=any_reason), **sums)
    suppressed = {name: found[f"n_{name}"] for name in reasons if found[f"n_{name}"]}
    if found["n_any"]:
        suppressed["any"] = found["n_any"]
    return Counts(matched=total, already_known=total - found["n"], suppressed=suppressed)


def _flag(predicate: Any) -> Case:
    return Case(When(predicate, then=Value(1)), default=Value(0), output_field=IntegerField())


def unknown_matches(question: Question) -> Any:
    """Matches that are neither in the ledger nor suppressed, in the order of subjects."""
    return unsuppressed(matches(question).filter(~known(question)), question)


def insert(question: Question, *, run: Run, now: datetime) -> int:
    """Write the new occurrences as *queued*; how many.

    The rows come ordered by subject, so that two processes never wait for each other in a circle.
    """
    fixed = {
        "f_event": Value(question.event.pk),
        "f_version": Value(run.version_id),
        "f_run": Value(run.pk),
        "f_subject_type": Value(subject_type(question.definition)),
        "f_state": Value(Occurrence.State.QUEUED.value),
        "f_detected": as_instant(now),
        "f_changed": as_instant(now),
    }
    names = {
        "f_event": "event",
        "f_version": "version",
        "f_run": "run",
        "f_subject_type": "subject_type",
        "f_state": "state",
        "f_detected": "detected_at",
        "f_changed": "state_changed_at",
    }
    rows = unknown_matches(question).annotate(m_evidence=_evidence(), **fixed)
    sources = [*fixed, *(source for _, source in COLUMNS)]
    targets = [*names.values(), *(target for target, _ in COLUMNS)]
    return insert_from_queryset(Occurrence, targets, rows.values_list(*sources), ignore_conflicts=UNIQUE)


def _evidence() -> JSONObject:
    """The facts that fired it, frozen by the same statement that saw them."""
    return JSONObject(trigger_on="m_trigger_on", anchor_on="m_anchor_on", score="m_score")
