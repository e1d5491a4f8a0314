"""What people type is found in the middle of words: on PostgreSQL by trigrams, on SQLite by reading."""

from typing import Any

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

INDEXES = {"customer_search": "crm_customer", "contact_search": "crm_contact"}


def make(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name, table in INDEXES.items():
            schema_editor.execute(f"CREATE INDEX {name} ON {table} USING gin (search gin_trgm_ops)")


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("crm", "0006_outcome_words")]

    operations = [TrigramExtension(), migrations.RunPython(make, drop)]
