"""The only reader of a clock.

Everything below views, tasks and commands gets the time as an argument. The instant comes from the
database, so that machines with clocks that differ agree about what is due.
"""

from datetime import UTC, datetime

from django.db import connection


def database_now() -> datetime:
    """The database server's present instant, aware, in UTC."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")
            return cursor.fetchone()[0].astimezone(UTC)
        # SQLite runs in this process: its clock is the machine's, with milliseconds.
        cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")
        return datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC)
