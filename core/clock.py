"""The only reader of a clock.

Everything below views, tasks and commands gets the time as an argument. The instant comes from the
database, so that machines with clocks that differ agree about what is due.
"""

from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Func

POSTGRESQL = "clock_timestamp()"
# SQLite runs in this process: its clock is the machine's, with milliseconds.
SQLITE = "strftime('%Y-%m-%dT%H:%M:%f', 'now')"


def database_now() -> datetime:
    """The database server's present instant, aware, in UTC."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT {POSTGRESQL}")
            return cursor.fetchone()[0].astimezone(UTC)
        cursor.execute(f"SELECT {SQLITE}")
        return datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC)


class DatabaseNow(Func):
    """The same instant as a column, for a statement that is asked anyway."""

    output_field = DateTimeField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=POSTGRESQL, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # Doubled twice: for the template, and for the statement's parameters.
        return self.as_sql(compiler, connection, template=SQLITE.replace("%", "%%%%"), **context)
