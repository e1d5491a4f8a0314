"""The compiler against the oracle, on whichever database the suite runs; both must pass, so both agree."""

import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q, Sum
from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st

from core.conditions import FieldSpec, Operator, compile_condition, explain, parse, reference_names, values_of
from core.conditions.ast import used_fields
from core.conditions.letters import fold_case
from tests.core.conditions import oracle
from tests.core.conditions.samples import (
    DAY,
    LETTERS,
    LONDON,
    REGISTRY,
    SPECS,
    ZONES,
    Sample,
    SampleLine,
    annotated,
)
from tests.core.conditions.strategies import conditions, leaf

Rows = dict[int, dict[str, Any]]

# The rows are read and never changed, so examples may share them.
relaxed = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
days = st.sampled_from(
    [DAY, DAY + timedelta(days=1), date(2024, 2, 29), date(1900, 1, 1), date(2199, 12, 31)]
)
zones = st.sampled_from(ZONES)


def compiled(condition: dict[str, Any], day: date = DAY, zone: ZoneInfo = LONDON, **paths: Any) -> Q:
    return compile_condition(parse(condition, registry=REGISTRY), day=day, zone=zone, **paths)


def keys(rows: Any) -> set[int]:
    return set(rows.values_list("pk", flat=True))


def expected(condition: dict[str, Any], samples: Rows, day: date = DAY, zone: ZoneInfo = LONDON) -> set[int]:
    return {key for key, row in samples.items() if oracle.truth(condition, row, day, zone)}


@settings(relaxed, max_examples=400)
@given(condition=conditions, day=days, zone=zones)
def test_the_database_finds_what_the_oracle_finds(
    samples: Rows, condition: dict[str, Any], day: date, zone: ZoneInfo
) -> None:
    asked = compiled(condition, day, zone)
    assert keys(Sample.objects.filter(asked)) == expected(condition, samples, day, zone)


@settings(relaxed, max_examples=200)
@given(condition=conditions, day=days, zone=zones)
def test_not_is_exactly_the_rest(samples: Rows, condition: dict[str, Any], day: date, zone: ZoneInfo) -> None:
    asked = compiled(condition, day, zone)
    rest = set(samples) - keys(Sample.objects.filter(asked))
    assert keys(Sample.objects.filter(~asked)) == rest
    assert keys(Sample.objects.exclude(asked)) == rest
    assert keys(Sample.objects.filter(~(~asked))) == set(samples) - rest


@settings(relaxed, max_examples=150)
@given(condition=conditions, day=days, zone=zones)
def test_annotations_and_subqueries_may_replace_the_columns(
    samples: Rows, condition: dict[str, Any], day: date, zone: ZoneInfo
) -> None:
    rows, columns = annotated()
    asked = compiled(condition, day, zone, columns=columns)
    assert keys(rows.filter(asked)) == expected(condition, samples, day, zone)
    assert keys(rows.exclude(asked)) == set(samples) - expected(condition, samples, day, zone)


@pytest.fixture
def lines(samples: Rows) -> None:
    """One line below each sample."""
    SampleLine.objects.bulk_create(SampleLine(sample_id=key, amount=1) for key in samples)


@settings(relaxed, max_examples=100)
@given(condition=conditions, zone=zones)
def test_a_prefix_leads_to_the_subject(
    lines: None, samples: Rows, condition: dict[str, Any], zone: ZoneInfo
) -> None:
    subjects = SampleLine.objects.filter(compiled(condition, DAY, zone, prefix="sample__"))
    assert set(subjects.values_list("sample", flat=True)) == expected(condition, samples, DAY, zone)


@settings(relaxed, max_examples=60)
@given(condition=conditions, day=days, zone=zones)
def test_the_explanation_agrees_with_the_database(
    samples: Rows, condition: dict[str, Any], day: date, zone: ZoneInfo
) -> None:
    parsed = parse(condition, registry=REGISTRY)
    fits = keys(Sample.objects.filter(compile_condition(parsed, day=day, zone=zone)))
    fields = used_fields(parsed)
    records = list(Sample.objects.select_related("facts"))
    rows = {record.pk: values_of(record, fields) for record in records}
    names = reference_names(parsed, rows.values())
    found = {key: explain(parsed, row, day=day, zone=zone, names=names) for key, row in rows.items()}
    assert {key for key, explained in found.items() if explained.holds} == fits
    assert all("None" not in one.sentence for explained in found.values() for one in explained.leaves)


PAIRS = [(spec, op) for spec in SPECS for op in spec.operators]


@pytest.mark.parametrize(("spec", "op"), PAIRS, ids=[f"{spec.key} {op}" for spec, op in PAIRS])
def test_each_operator_of_each_field_tells_rows_apart(samples: Rows, spec: FieldSpec, op: Operator) -> None:
    """For each pair some value divides the rows, so that agreement with the oracle means something."""
    divided = []

    @seed(1)
    @settings(relaxed, max_examples=25, database=None)
    @given(condition=leaf(spec, op))
    def agrees(condition: dict[str, Any]) -> None:
        found = keys(Sample.objects.filter(compiled(condition)))
        assert found == expected(condition, samples)
        divided.append(0 < len(found) < len(samples))

    agrees()
    assert any(divided)


@settings(relaxed, max_examples=150)
@given(
    stored=st.text(LETTERS, max_size=12),
    needle=st.text(LETTERS, min_size=1, max_size=3).filter(str.strip),
    op=st.sampled_from(["contains", "starts_with", "is", "is_not"]),
)
def test_text_is_searched_alike_whatever_its_letters(
    sample_tables: None, db: None, stored: str, needle: str, op: str
) -> None:
    Sample.objects.all().delete()
    row = Sample.objects.create(text=stored)
    condition = {"f": "text", "op": op, "v": needle}
    values = {"text": stored}
    assert Sample.objects.filter(compiled(condition)).exists() is oracle.truth(condition, values, DAY, LONDON)
    found = explain(parse(condition, registry=REGISTRY), {"text": row.text}, day=DAY, zone=LONDON)
    assert found.holds is oracle.truth(condition, values, DAY, LONDON)


anything = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), min_size=1, max_size=8)


@settings(relaxed, max_examples=150)
@given(before=anything, middle=anything, after=anything, swap=st.booleans())
def test_any_writing_is_found_in_the_other_case(
    sample_tables: None, db: None, before: str, middle: str, after: str, swap: bool
) -> None:
    stored = unicodedata.normalize("NFC", before + middle + after)
    needle = unicodedata.normalize("NFC", "".join(other_case(char) for char in middle) if swap else middle)
    assume(needle.strip())
    Sample.objects.all().delete()
    Sample.objects.create(text=stored)
    found = Sample.objects.filter(compiled({"f": "text", "op": "contains", "v": needle})).exists()
    assert found is (fold_case(needle) in fold_case(stored))


def other_case(char: str) -> str:
    """The letter in upper case if it is a lower-case one, and the other way round, where one exists."""
    return char.swapcase() if len(char.swapcase()) == 1 else char


@pytest.mark.parametrize(
    ("op", "asked", "fits"),
    [
        ("is", "1.00", True),
        ("is", 1, True),
        ("is", "1.0001", False),
        ("lt", "1.00", False),
        ("lte", "1", True),
        ("gte", "1.00", True),
        ("gt", "0.9999", True),
        ("between", ["1.00", "1.00"], True),
    ],
)
def test_ten_times_a_tenth_is_exactly_one(
    sample_tables: None, db: None, op: str, asked: Any, fits: bool
) -> None:
    sample = Sample.objects.create()
    SampleLine.objects.bulk_create(SampleLine(sample=sample, amount=Decimal("0.10")) for _ in range(10))
    rows = SampleLine.objects.values("sample").annotate(total=Sum("amount"))
    condition = {"f": "amount", "op": op, "v": asked}
    assert rows.filter(compiled(condition, columns={"amount": "total"})).exists() is fits
    assert rows.exclude(compiled(condition, columns={"amount": "total"})).exists() is not fits


def test_what_asks_nothing_is_true_of_every_row(samples: Rows) -> None:
    assert keys(Sample.objects.filter(compiled({}))) == set(samples)
    assert not Sample.objects.exclude(compiled({})).exists()
    assert not Sample.objects.filter(compiled({}), pk=0).exists()


TWO_VALUES: dict[str, tuple[Any, Any]] = {
    "text": ("x1' OR 1=1 --", "%s"),
    "number": (987_654, 123_456),
    "amount": ("98765.4321", "123.4"),
    "ratio": ("98765.4", "1.5"),
    "day": ("1987-06-05", "2026-03-04"),
    "age": (98_765, 3),
    "moment": ("1987-06-05", "2026-03-04"),
    "choice": ("a", "b"),
    "ref": (98_765_432_101, 2),
}
VALUE_OPERATORS = set(Operator) - {Operator.EMPTY, Operator.NOT_EMPTY, Operator.IS_TRUE, Operator.IS_FALSE}


@pytest.mark.parametrize("key", TWO_VALUES)
def test_values_are_bound_and_never_part_of_the_statement(key: str) -> None:
    """Two values give the same statement, so neither stands in it."""
    for op in VALUE_OPERATORS & set(REGISTRY[key].operators):
        statements = set()
        for value in TWO_VALUES[key]:
            condition: dict[str, Any] = {"f": key, "op": op.value, "v": value}
            if op in (Operator.OLDER_THAN, Operator.WITHIN_LAST, Operator.WITHIN_NEXT):
                condition |= {"v": 7 if value == TWO_VALUES[key][0] else 70, "unit": "days"}
            elif op in (Operator.ONE_OF, Operator.NONE_OF):
                condition["v"] = [value]
            elif op is Operator.BETWEEN:
                condition["v"] = [value, value]
            statements.add(Sample.objects.filter(compiled(condition)).query.sql_with_params()[0])
        assert len(statements) == 1, op


def edge(unit: str, count: int, op: str, day: date) -> set[date]:
    """The stored dates around the judged day that fit."""
    shown = [day + timedelta(days=shift) for shift in range(-100, 101)]
    Sample.objects.bulk_create(Sample(day=one) for one in shown)
    asked = compiled({"f": "day", "op": op, "v": count, "unit": unit}, day)
    return set(Sample.objects.filter(asked).values_list("day", flat=True))


@pytest.mark.parametrize(
    ("op", "count", "unit", "day", "first", "last"),
    [
        ("within_last", 60, "days", date(2026, 3, 31), date(2026, 1, 31), date(2026, 3, 31)),
        ("within_last", 2, "weeks", date(2026, 3, 31), date(2026, 3, 18), date(2026, 3, 31)),
        ("within_last", 1, "months", date(2026, 3, 31), date(2026, 3, 1), date(2026, 3, 31)),
        ("within_last", 1, "months", date(2024, 3, 31), date(2024, 3, 1), date(2024, 3, 31)),
        ("within_last", 2, "months", date(2026, 1, 15), date(2025, 11, 16), date(2026, 1, 15)),
        ("within_next", 1, "months", date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28)),
        ("within_next", 7, "days", date(2026, 3, 28), date(2026, 3, 29), date(2026, 4, 4)),
        ("older_than", 60, "days", date(2026, 3, 31), date(2025, 12, 21), date(2026, 1, 30)),
        ("older_than", 1, "months", date(2026, 3, 31), date(2025, 12, 21), date(2026, 2, 28)),
    ],
)
def test_spans_of_time_begin_and_end_on_exact_days(
    sample_tables: None, db: None, op: str, count: int, unit: str, day: date, first: date, last: date
) -> None:
    found = edge(unit, count, op, day)
    assert (min(found), max(found)) == (first, last)
    assert len(found) == (last - first).days + 1
