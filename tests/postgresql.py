"""What tests ask of a PostgreSQL beside them."""

from django.db import connection


def disable_autovacuum() -> None:
    """Leave every table of the test database to the tests alone; nothing to do on SQLite.

    A test's rows are not committed, so PostgreSQL's housekeeper counts none and notes that the tables are
    empty: beside a test with many rows the planner then chooses plans that take minutes, not milliseconds.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(f"ALTER TABLE {name} SET (autovacuum_enabled = false)")
