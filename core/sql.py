"""The one door to SQL that Django's query language cannot say.

What is compiled here comes from querysets: the statements are Django's own, with its parameters bound.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import DateField, Func, Model, QuerySet, TextField


def is_postgresql() -> bool:
    """Whether the default database is PostgreSQL."""
    return connection.vendor == "postgresql"


def insert_from_queryset(
    model: type[Model], columns: Sequence[str], rows: "QuerySet[Any, Any]", *, ignore_conflicts: Sequence[str] = ()
) -> int:
    """INSERT … SELECT: write one ``model`` row per row of ``rows``; the number of rows written.

    ``rows`` is a ``values_list`` with exactly the ``columns`` (field names of ``model``) in that order.
    ``ignore_conflicts`` names the fields of the unique constraint whose violation means "already there";
    such rows are left out, any other violation raises.
    """
    quote = connection.ops.quote_name
    targets = ", ".join(quote(_column(model, name)) for name in columns)
    select, params = rows.query.sql_with_params()
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({targets}) {select}"
    if ignore_conflicts:
        unique = ", ".join(quote(_column(model, name)) for name in ignore_conflicts)
        statement += f" ON CONFLICT ({unique}) DO NOTHING"
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


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


def lock_for_share(rows: "QuerySet[Any, Any]") -> list[Any]:
    """Fetch ``rows`` with FOR SHARE on PostgreSQL: writers wait until this transaction ends.

    On SQLite the writing transaction is alone anyway.
    """
    if not is_postgresql():
        return list(rows)
    statement, params = rows.query.sql_with_params()
    return list(rows.model._default_manager.raw(f"{statement} FOR SHARE", params))


def set_statement_timeout(seconds: int) -> None:
    """Limit each statement of the present transaction; SQLite has no such limit."""
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])


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
        return self.as_sql(compiler, connection, template="strftime('%%%%Y-%%%%m-%%%%d', %(expressions)s)", **context)


class DayPlus(Func):
    """A date some calendar days later; ``days`` is a whole number known when the query is built."""

    output_field = DateField()

    def __init__(self, day: Any, days: int) -> None:
        super().__init__(day)
        self.days = int(days)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=f"((%(expressions)s)::date + {self.days})", **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=f"date(%(expressions)s, '{self.days:+d} days')", **context)
