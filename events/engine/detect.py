"""Detection: one INSERT … SELECT writes an occurrence for each new match."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, Sum, Value, When
from django.db.models.functions import JSONObject

from core.sql import insert_from_queryset, temporary_table
from events.engine.matching import (
    ROW_REASONS,
    Question,
    as_instant,
    known,
    matches,
    subject_type,
    suppressions,
    unsuppressed,
)
from events.models import Match, Occurrence, Run

COLUMNS = (
    ("subject_id", "m_subject"),
    ("customer_id", "m_customer"),
    ("okey", "m_okey"),
    ("trigger_on", "m_trigger_on"),
    ("anchor_on", "m_anchor_on"),
    ("score", "m_score"),
    ("evidence", "m_evidence"),
)
MATCHED = ("m_subject", "m_customer", "m_okey", "m_trigger_on", "m_anchor_on", "m_score")
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
    rows = matches(question).order_by()
    return _counts(rows.filter(~known(question)), suppressions(question), total=rows.count())


def _counts(unknown: Any, reasons: Mapping[str, Any], *, total: int) -> Counts:
    """The counts of ``total`` matches, of which ``unknown`` are those that the ledger lacks."""
    rows = unknown.annotate(**{f"s_{name}": _flag(predicate) for name, predicate in reasons.items()})
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


def detect(question: Question, *, run: Run, now: datetime) -> tuple[int, Counts]:
    """Write the new occurrences as *queued*; how many, and what the question found in all.

    The question is asked once and its answer kept: known, kept back and new are then told from a table
    that is as small as the answer. For a few subjects, which the journal names, asking twice is cheaper.
    """
    if question.window.subject_ids is not None:
        counts = count(question)
        return _insert(unknown_matches(question), question, run=run, now=now), counts
    with temporary_table(Match):
        total = _keep(question)
        Match.objects.filter(known(question)).delete()
        unknown = Match.objects.annotate(m_guard=question.guard(F("m_customer")))
        counts = _counts(unknown, suppressions(question, kept=True), total=total)
        rows = unsuppressed(unknown.order_by("m_subject"), question, kept=True)
        return _insert(rows, question, run=run, now=now), counts


def _keep(question: Question) -> int:
    """Fill the temporary table with all matches; how many."""
    chosen = suppressions(question)
    never = Value(0, output_field=IntegerField())
    flags = {f"k_{name}": _flag(chosen[name]) if name in chosen else never for name in ROW_REASONS}
    rows = matches(question).order_by().annotate(**flags)
    return insert_from_queryset(
        Match, [*MATCHED, *(f"m_{name}" for name in ROW_REASONS)], rows.values_list(*MATCHED, *flags)
    )


def _insert(rows: Any, question: Question, *, run: Run, now: datetime) -> int:
    """INSERT … SELECT of ``rows``; how many.

    They come ordered by subject, so that two processes never wait for each other in a circle.
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
    rows = rows.annotate(m_evidence=_evidence(), **fixed)
    sources = [*fixed, *(source for _, source in COLUMNS)]
    targets = [*names.values(), *(target for target, _ in COLUMNS)]
    return insert_from_queryset(Occurrence, targets, rows.values_list(*sources), ignore_conflicts=UNIQUE)


def _evidence() -> JSONObject:
    """The facts that fired it, frozen by the same statement that saw them."""
    return JSONObject(trigger_on="m_trigger_on", anchor_on="m_anchor_on", score="m_score")
