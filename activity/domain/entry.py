"""Writing the journal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, Model, QuerySet, Value
from django.db.models.functions import JSONObject

from activity.models import Cause, Entry, Wake
from activity.verbs import Verb, verb_named
from core.registry import wired_text
from core.sql import in_transaction, insert_from_queryset
from core.tasks import wake as wake_task

ENTRY_COLUMNS = ("subject_type", "subject_id", "customer_id", "verb", "at", "happened_at", "cause", "data")


@dataclass(frozen=True)
class Line:
    """One entry to write: the subject, what changed, and on whose timeline it stands, since when.

    ``happened_at`` None means that it happens now.
    """

    subject: Model
    data: Mapping[str, Any] = field(default_factory=dict)
    customer_id: int | None = None
    happened_at: datetime | None = None


def record(
    subject: Model,
    verb: str,
    *,
    by: Any,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    customer_id: int | None = None,
    happened_at: datetime | None = None,
    cause: str = Cause.USER,
    wake: bool | None = None,
) -> Entry:
    """Write one journal entry in the caller's transaction; see :func:`record_many`."""
    line = Line(subject=subject, data=data or {}, customer_id=customer_id, happened_at=happened_at)
    return record_many([line], verb, by=by, now=now, cause=cause, wake=wake)[0]


def record_many(
    lines: Iterable[Line],
    verb: str,
    *,
    by: Any,
    now: datetime,
    cause: str = Cause.USER,
    wake: bool | None = None,
) -> list[Entry]:
    """Write one entry per line, with a wake row each where CRM events may react.

    ``data`` holds plain values; a change is written ``{"field": [old, new]}``. ``by`` is the user, or
    None for the engine. Imports are silent: with ``cause`` import no wake rows are written unless
    ``wake`` is true. Raises ``UnknownVerb`` for an undeclared verb and ``TransactionManagementError``
    outside a transaction, because an entry without its change would lie.
    """
    word = _word(verb)
    entries = [_entry(line, word, by=by, now=now, cause=cause) for line in lines]
    Entry.objects.bulk_create(entries, batch_size=1000)
    if word.wakes and (cause != Cause.IMPORT if wake is None else wake):
        rows = [Wake(entry=entry, verb=word.name, not_before=now) for entry in entries]
        Wake.objects.bulk_create(rows, batch_size=1000)
        wake_task(wired_text("WAKE_TASK"))
    return entries


def record_rows(
    rows: "QuerySet[Any]", verb: str, *, now: datetime, cause: str, data: Mapping[str, Any]
) -> int:
    """Write one entry per row of ``rows`` by a single statement; the number of entries.

    For records that carry their customer in ``customer_id``, and for verbs to which no CRM event reacts.
    ``data`` holds an expression on the row for each key. Otherwise as :func:`record_many`, by nobody.
    """
    word = _word(verb)
    if word.wakes:
        raise ValueError(f"CRM events react to {verb!r}: it needs a wake row each.")
    entries = rows.order_by("pk").annotate(
        entry_type=Value(rows.model._meta.label_lower),
        entry_verb=Value(word.name),
        entry_at=Value(now, output_field=DateTimeField()),
        entry_cause=Value(str(cause)),
        entry_data=JSONObject(**data),
    )
    sources = (
        "entry_type",
        "pk",
        "customer_id",
        "entry_verb",
        "entry_at",
        "entry_at",
        "entry_cause",
        "entry_data",
    )
    return insert_from_queryset(Entry, ENTRY_COLUMNS, entries.values_list(*sources))


def _word(verb: str) -> Verb:
    """The declared verb, for an entry in the transaction of its change."""
    word = verb_named(verb)
    if not in_transaction():
        raise transaction.TransactionManagementError("A journal entry needs the transaction of its change.")
    return word


def _entry(line: Line, word: Verb, *, by: Any, now: datetime, cause: str) -> Entry:
    meta = line.subject._meta
    return Entry(
        subject_type=meta.label_lower,
        subject_id=line.subject.pk,
        customer_id=line.subject.pk if meta.label_lower == "crm.customer" else line.customer_id,
        verb=word.name,
        at=now,
        happened_at=line.happened_at or now,
        by=by,
        cause=cause,
        data={key: plain(value) for key, value in line.data.items()},
    )


def plain(value: Any) -> Any:
    """``value`` as JSON carries it: records by id, dates and times as ISO text, decimals as text."""
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """``{"field": [old, new]}`` for the fields of ``after`` that differ from ``before``."""
    return {key: [before.get(key), value] for key, value in after.items() if before.get(key) != value}
