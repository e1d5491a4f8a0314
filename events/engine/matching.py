"""Matching: the question of an event, compiled to one query.

Every use of an event asks through :func:`matches`: evaluation, journal, preview, dry run and the check
before release. Each row carries ``m_subject, m_customer, m_okey, m_guard, m_trigger_on, m_anchor_on,
m_score``; the key is computed from data alone, so asking twice gives the same key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    DateField,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat, TruncDate

from core.conditions import compile_condition, used_fields
from core.sql import DayPlus, DayText
from crm.models import Action, Customer, FactsDay
from events.definition import Definition
from events.engine.window import Window
from events.models import Event, Occurrence
from orders.domain.fact_source import FACTS, fact_source
from orders.models import SalesOrder

Rows = QuerySet[Any, Any]


@dataclass(frozen=True)
class Question:
    """An event with its typed definition and the window it is asked for."""

    event: Event
    definition: Definition
    window: Window
    replay: bool = False  # a past day: facts are derived from the orders up to it

    def key(self, *parts: Any) -> Any:
        """The occurrence key: the event's epoch, then ``parts``."""
        return Concat(Value(f"{self.event.key_epoch}|"), *parts, output_field=CharField())

    def guard(self, customer: Any) -> Any:
        """The guard key of the follow-up: one live follow-up per customer and reason."""
        prefix = Value(f"{self.definition.action.guard}:customer:")
        return Concat(prefix, Cast(customer, TextField()), output_field=CharField())


@dataclass(frozen=True)
class Source:
    """Customer rows, and the path of each fact on them."""

    rows: Rows
    columns: Mapping[str, str]


def facts_for(question: Question) -> Source:
    """Customers with their facts as of the judged day.

    A real run reads the columns that the orders keep; only a look back derives them from orders.
    """
    if not question.replay:
        return Source(Customer.objects.all(), {})
    asked = {field.column or "" for field in used_fields(question.definition.condition)}
    found = fact_source(
        question.window.judged_day, fields={"last_order_on", "sales_365", *(asked & set(FACTS))}
    )
    return Source(found.queryset, found.columns)


def matches(question: Question) -> Rows:
    """The rows for which the event is true inside the window; archived customers never count."""
    rows = TRIGGERS[question.definition.trigger.kind](question)
    return rows.order_by("m_subject")


def _since(question: Question) -> Rows:
    window, days = question.window, question.definition.trigger.days
    source = facts_for(question)
    anchor = source.columns.get("last_order_on", "facts__last_order_on")
    rows = source.rows.filter(**{f"{anchor}__lte": window.judged_day - timedelta(days=days)})
    if window.after is not None:
        rows = rows.filter(**{f"{anchor}__gt": window.after - timedelta(days=days)})
    if window.subject_ids is not None:
        rows = rows.filter(pk__in=window.subject_ids)
    sales = source.columns.get("sales_365", "facts__sales_365")
    return _conditioned(rows, question, source.columns, "").annotate(
        m_subject=F("pk"),
        m_customer=F("pk"),
        m_okey=question.key(Value("since:order:"), DayText(F(anchor))),
        m_guard=question.guard(F("pk")),
        m_trigger_on=DayPlus(F(anchor), days),
        m_anchor_on=Cast(F(anchor), DateField()),
        m_score=_score(F(sales)),
    )


def _created(question: Question) -> Rows:
    rows = _instants(Customer.objects.filter(events_from__lte=F("created_at")), "created_at", question.window)
    if question.window.subject_ids is not None:
        rows = rows.filter(pk__in=question.window.subject_ids)
    return _conditioned(rows, question, {}, "").annotate(
        m_subject=F("pk"),
        m_customer=F("pk"),
        m_okey=question.key(Value("new")),
        m_guard=question.guard(F("pk")),
        m_trigger_on=TruncDate("created_at", tzinfo=question.window.zone),
        m_anchor_on=TruncDate("created_at", tzinfo=question.window.zone),
        m_score=_score(Value(0)),
    )


def _order(question: Question) -> Rows:
    window, first = question.window, question.definition.trigger.first
    rows = _instants(
        SalesOrder.objects.all().sales().filter(events_from__lte=F("placed_at")), "placed_at", window
    )
    if window.subject_ids is not None:
        rows = rows.filter(**{"customer_id__in" if first else "pk__in": window.subject_ids})
    if first:
        rows = rows.filter(~Exists(_earlier_sales()))
    return _conditioned(rows, question, {}, "customer__").annotate(
        m_subject=F("customer_id") if first else F("pk"),
        m_customer=F("customer_id"),
        m_okey=question.key(Value("first")) if first else question.key(Value("order:"), F("number")),
        m_guard=question.guard(F("customer_id")),
        m_trigger_on=F("placed_on"),
        m_anchor_on=F("placed_on"),
        m_score=_score(F("total")),
    )


def _earlier_sales() -> Rows:
    earlier = Q(placed_at__lt=OuterRef("placed_at")) | Q(
        placed_at=OuterRef("placed_at"), pk__lt=OuterRef("pk")
    )
    return SalesOrder.objects.all().sales().filter(earlier, customer=OuterRef("customer"))


def _instants(rows: Rows, name: str, window: Window) -> Rows:
    rows = rows.filter(**{f"{name}__lte": window.until})
    return rows if window.after_instant is None else rows.filter(**{f"{name}__gt": window.after_instant})


def _score(value: Any) -> Any:
    """Money as its stored whole number: greater sales are released first."""
    return Cast(value, BigIntegerField())


def _conditioned(rows: Rows, question: Question, columns: Mapping[str, str], prefix: str) -> Rows:
    rows = rows.filter(**{f"{prefix}archived_at": None})
    if not question.definition.condition:
        return rows
    asked = compile_condition(
        question.definition.condition,
        day=question.window.judged_day,
        zone=question.window.zone,
        columns=columns,
        prefix=prefix,
    )
    return rows.filter(asked)


def admitted(question: Question) -> Rows:
    """Customers whom the condition alone admits today, whatever the trigger says."""
    return _conditioned(Customer.objects.all(), question, {}, "")


TRIGGERS: dict[str, Callable[[Question], Rows]] = {"since": _since, "created": _created, "order": _order}


def subject_type(definition: Definition) -> str:
    """What an occurrence is about: the customer, or each order."""
    trigger = definition.trigger
    return "order" if trigger.kind == "order" and not trigger.first else "customer"


def known(question: Question) -> Exists:
    """Whether the ledger already holds the row's key."""
    ledger = Occurrence.objects.filter(
        event=question.event,
        subject_type=subject_type(question.definition),
        subject_id=OuterRef("m_subject"),
        okey=OuterRef("m_okey"),
    )
    return Exists(ledger)


# Reasons that stand on the customer himself: the column and its value.
ROW_REASONS: dict[str, tuple[str, Any]] = {
    "test_record": ("is_test", True),
    "not_trading": ("status__in", ["on_hold", "inactive", "closed"]),
    "do_not_contact": ("do_not_contact", True),
}


def suppressions(question: Question, *, kept: bool = False) -> dict[str, Any]:
    """The predicates that keep a match from becoming an occurrence, by reason, on matching rows.

    ``kept``: on rows of :class:`Match`, which hold what the matching rows said.

    Suppressed rows leave no trace in the ledger: the event fires by itself when the reason ends while
    the trigger time is still inside the window.
    """
    prefix = "customer__" if question.definition.trigger.kind == "order" else ""
    live = Action.objects.filter(guard_key=OuterRef("m_guard"), closed_at=None)
    reasons: dict[str, Any] = {}
    for name in question.definition.suppress:
        path, value = ROW_REASONS[name]
        reasons[name] = Q(**({f"m_{name}": 1} if kept else {f"{prefix}{path}": value}))
    return {**reasons, "open_follow_up": Exists(live)}


def unsuppressed(rows: Rows, question: Question, *, kept: bool = False) -> Rows:
    """``rows`` of the question without those that one of its reasons keeps back."""
    for predicate in suppressions(question, kept=kept).values():
        rows = rows.exclude(predicate) if isinstance(predicate, Q) else rows.filter(~predicate)
    return rows


def is_suppressed(question: Question) -> Case:
    """Whether one of the question's reasons keeps a matching row back, as a column."""
    reasons = [When(predicate, then=Value(True)) for predicate in suppressions(question).values()]
    return Case(*reasons, default=Value(False), output_field=BooleanField())


def as_instant(value: datetime) -> Value:
    """A bound instant for INSERT … SELECT."""
    return Value(value, output_field=DateTimeField())


def as_day(value: date) -> Value:
    """A bound date for INSERT … SELECT."""
    return Value(value, output_field=DateField())


def facts_day() -> date | None:
    """The day that all facts were rolled to."""
    return FactsDay.objects.filter(pk=1).values_list("rolled_on", flat=True).first()
