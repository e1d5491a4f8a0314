"""The one door to SQL that Django's query language cannot say.

What is compiled here comes from querysets: the statements are Django's own, with its parameters bound.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from io import StringIO
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import (
    DateField,
    Func,
    IntegerField,
    JSONField,
    Model,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast


def is_postgresql() -> bool:
    """Whether the default database is PostgreSQL."""
    return connection.vendor == "postgresql"


def insert_from_queryset(
    model: type[Model],
    columns: Sequence[str],
    rows: "QuerySet[Any, Any]",
    *,
    ignore_conflicts: Sequence[str] = (),
) -> int:
    """INSERT … SELECT: write one ``model`` row per row of ``rows``; the number of rows written.

    ``rows`` is a ``values_list`` with exactly the ``columns`` (field names of ``model``) in that order.
    ``ignore_conflicts`` names the fields of the unique constraint whose violation means "already there";
    such rows are left out, any other violation raises.
    """
    conflict = ""
    if ignore_conflicts:
        conflict = f"ON CONFLICT ({_columns(model, ignore_conflicts)}) DO NOTHING"
    return _insert_select(model, columns, rows, conflict)


def upsert_from_queryset(
    model: type[Model],
    columns: Sequence[str],
    rows: "QuerySet[Any, Any]",
    *,
    unique: Sequence[str],
    keep: Sequence[str] = (),
) -> int:
    """INSERT … SELECT that overwrites: the number of rows written, new and old.

    As :func:`insert_from_queryset`; where a row with the same ``unique`` fields exists, its other
    ``columns`` get the selected values. What ``columns`` leaves out keeps its value, and so do the
    columns in ``keep``, whose selected values are for new rows only.
    """
    quote = connection.ops.quote_name
    names = [quote(_column(model, name)) for name in columns if name not in {*unique, *keep}]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names)
    return _insert_select(
        model, columns, rows, f"ON CONFLICT ({_columns(model, unique)}) DO UPDATE SET {changes}"
    )


def _insert_select(
    model: type[Model], columns: Sequence[str], rows: "QuerySet[Any, Any]", conflict: str
) -> int:
    table = connection.ops.quote_name(model._meta.db_table)
    try:
        select, params = rows.query.sql_with_params()
    except EmptyResultSet:  # Django saw by itself that no row can match
        return 0
    with connection.cursor() as cursor:
        # What stands between the values is compiled by Django from fields and querysets.
        cursor.execute(f"INSERT INTO {table} ({_columns(model, columns)}) {select} {conflict}", params)
        return int(cursor.rowcount)


@contextmanager
def temporary_table(model: type[Model]) -> Iterator[None]:
    """The table of an unmanaged ``model`` for the statements of a block, inside a transaction.

    Only this connection sees it; when the block or the transaction fails, it goes with what they wrote.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(
        f"{connection.ops.quote_name(str(field.column))} {field.db_type(connection)} NOT NULL"
        for field in model._meta.local_concrete_fields
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {table} ({columns})")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {table}")


def insert_rows(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Write many plain rows several times faster than ``bulk_create``, which builds an object for each.

    ``rows`` hold values as the columns store them (text, whole numbers or None; :func:`core.money.to_minor`
    for amounts), in the order of ``columns``. The number of rows written; constraints apply as always.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    names = _columns(model, columns)
    with connection.cursor() as cursor:
        if is_postgresql():
            with connection.wrap_database_errors:  # Django's cursor wraps no copy
                cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", StringIO(_copy_text(rows)))
        else:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608
    return len(rows)


def insert_alike(pattern: Model, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Write many rows that are like ``pattern``, a record that is not saved; the number of rows.

    ``rows`` hold, in the order of ``columns`` (field names), what is each row's own; everything else
    stands in the pattern and is prepared once. As :func:`insert_rows`, but dates, times and JSON values
    may be given too.
    """
    meta = type(pattern)._meta
    own = [meta.get_field(name) for name in columns]
    shared = [field for field in meta.concrete_fields if not field.primary_key and field not in own]
    same = tuple(_stored(field, getattr(pattern, field.attname)) for field in shared)
    names = [*(field.name for field in shared), *columns]
    return insert_rows(type(pattern), names, [(*same, *map(_stored, own, row)) for row in rows])


def _stored(field: Any, value: Any) -> Any:
    """``value`` as the column takes it in plain text."""
    if value is None or type(value) in (int, str):
        return value
    if isinstance(field, JSONField):
        return json.dumps(value, cls=field.encoder)
    return field.get_db_prep_save(value, connection)


_COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copy_text(rows: Sequence[Sequence[Any]]) -> str:
    """``rows`` in the text format of PostgreSQL's COPY."""
    return "".join("\t".join(map(_copy_cell, row)) + "\n" for row in rows)


def _copy_cell(value: Any) -> str:
    if value is None:
        return "\\N"
    return value.translate(_COPY_ESCAPES) if isinstance(value, str) else str(value)


def _columns(model: type[Model], names: Sequence[str]) -> str:
    return ", ".join(connection.ops.quote_name(_column(model, name)) for name in names)


def _column(model: type[Model], name: str) -> str:
    column = model._meta.get_field(name).column  # type: ignore[union-attr]
    return str(column)


def try_advisory_lock(space: int, key: int) -> bool:
    """Take PostgreSQL's transaction-scoped advisory lock without waiting; false when another holds it.

    Must run inside a transaction; the lock ends with it, so nothing can stay locked.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [space, key])
        return bool(cursor.fetchone()[0])


def lock_for_share(rows: "QuerySet[Any, Any]", *, against_locks_only: bool = False) -> list[Any]:
    """Fetch ``rows`` with FOR SHARE on PostgreSQL: writers wait until this transaction ends.

    ``against_locks_only`` keeps off only who locks a row FOR UPDATE before he writes it, and lets plain
    writes pass, such as the time of a sign-in. On SQLite the writing transaction is alone anyway.
    """
    if not is_postgresql():
        return list(rows)
    try:
        statement, params = rows.query.sql_with_params()
    except EmptyResultSet:  # Django saw by itself that no row can match
        return []
    lock = "FOR KEY SHARE" if against_locks_only else "FOR SHARE"
    return list(rows.model._default_manager.raw(f"{statement} {lock}", params))


def set_statement_timeout(seconds: int) -> None:
    """Limit each statement of the present transaction; SQLite has no such limit."""
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])


@contextmanager
def statement_timeout(seconds: int) -> Iterator[None]:
    """Another limit for the statements of a block, for work that may take longer than a web request.

    For use outside transactions; SQLite has no such limit.
    """
    if not is_postgresql():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        before = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{seconds}s"])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [before])


def expect_quick_pages() -> None:
    """Tell PostgreSQL's planner, for the present transaction, that single pages are read quickly.

    They are in memory or on a solid-state disk. With its usual guess the planner reads a whole table
    rather than some thousand rows by their index, and the work grows with rows that nobody asked for.
    """
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('random_page_cost', '1.1', true)")


def analyze(*models: type[Model]) -> None:
    """Refresh the planner's statistics of the tables; needed after each bulk load.

    A freshly loaded table without statistics turned an 11 ms anti-join into four seconds.
    """
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def in_transaction() -> bool:
    """Whether the present thread is inside an atomic block."""
    return bool(transaction.get_connection().in_atomic_block)


class DayText(Func):
    """A date as ``YYYY-MM-DD`` text, the same on every database."""

    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="to_char(%(expressions)s, 'YYYY-MM-DD')", **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="strftime('%%%%Y-%%%%m-%%%%d', %(expressions)s)", **context
        )


class DayPlus(Func):
    """A date some calendar days later; ``days`` is a whole number known when the query is built."""

    output_field = DateField()

    def __init__(self, day: Any, days: int) -> None:
        super().__init__(day)
        self.days = int(days)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template=f"((%(expressions)s)::date + {self.days})", **context
        )

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template=f"date(%(expressions)s, '{self.days:+d} days')", **context
        )


class DaysLater(Func):
    """A date as many calendar days later as a whole-number expression of the same row says."""

    output_field = DateField()

    def __init__(self, day: Any, days: Any) -> None:
        super().__init__(day, Cast(days, IntegerField()))  # PostgreSQL adds nothing wider to a date

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" + ", **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "date(%(expressions)s || ' days')"
        return self.as_sql(compiler, connection, template=template, arg_joiner=", ", **context)


class DaysUntil(Func):
    """The whole number of days from a date to ``day``; negative when it lies behind ``day``."""

    output_field = IntegerField()

    def __init__(self, start: Any, day: date) -> None:
        super().__init__(Value(day, output_field=DateField()), start)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" - ", **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST(julianday(%(expressions)s) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **context)


class DoubledMedianGap(Subquery):
    """Twice the median number of days between the dates of ``days``; null for fewer than two dates.

    ``days`` is a queryset of one column named ``day`` with distinct dates, usually tied to the outer row.
    Doubled, because the median of whole numbers may end in a half, and a whole number is the same on
    every database.
    """

    template = """(SELECT SUM(ranked.gap) * 2 / COUNT(*) FROM (
        SELECT gaps.gap, ROW_NUMBER() OVER (ORDER BY gaps.gap) AS place, COUNT(*) OVER () AS total FROM (
            SELECT {gap} AS gap FROM (%(subquery)s) AS listed) AS gaps
        WHERE gaps.gap IS NOT NULL) AS ranked
        WHERE ranked.place * 2 IN (ranked.total, ranked.total + 1, ranked.total + 2))"""
    output_field = IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        gap = "listed.day - LAG(listed.day) OVER (ORDER BY listed.day)"
        return self.as_sql(compiler, connection, template=self.template.replace("{gap}", gap), **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        gap = "CAST(julianday(listed.day) - julianday(LAG(listed.day) OVER (ORDER BY listed.day)) AS INTEGER)"
        return self.as_sql(compiler, connection, template=self.template.replace("{gap}", gap), **context)
