"""The sample tables, made once for each test process."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.core.conditions.samples import Sample, SampleFacts, SampleLine, fetch_rows, make_rows


@pytest.fixture(scope="session")
def sample_tables(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The tables of the samples, beside those of the product."""
    tables = [SampleFacts, Sample, SampleLine]
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        for model in tables:
            editor.create_model(model)
    yield
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        for model in reversed(tables):
            editor.delete_model(model)


@pytest.fixture
def samples(sample_tables: None, db: None) -> dict[int, dict[str, object]]:
    """The nasty rows, as plain values by primary key."""
    make_rows()
    return fetch_rows()
