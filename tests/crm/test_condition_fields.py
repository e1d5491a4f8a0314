"""What conditions may ask about customers: every field on the real tables, today and on a past day."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.conditions import (
    FieldSpec,
    FieldType,
    Operator,
    Stored,
    compile_condition,
    describe,
    explain,
    parse,
    used_fields,
    values_of,
    wired_fields,
)
from crm.condition_fields import FIELDS
from crm.models import Customer
from orders.domain.fact_source import FACTS, WITHOUT_HISTORY, fact_source
from tests.factories import CustomerFactory, OrderFactory, TeamFactory, TerritoryFactory, UserFactory

LONDON = ZoneInfo("Europe/London")
JUDGED = date(2026, 11, 21)
FACT_FIELDS = [field for field in FIELDS if field.path.startswith("facts__")]
PAIRS = [(field, op) for field in FIELDS for op in field.operators]

EXTREMES: dict[FieldType, tuple[Any, Any]] = {
    FieldType.TEXT: ("a", "x" * 200),
    FieldType.MONEY: ("-99999999999999.9999", "99999999999999.9999"),
    FieldType.DATE: ("1900-01-01", "2199-12-31"),
    FieldType.REFERENCE: (1, 2**63 - 1),
}


def asked(field: FieldSpec, op: Operator) -> list[dict[str, Any]]:
    """Leaves with the least and the greatest value that the parser lets through."""
    leaf = {"f": field.key, "op": op.value}
    if op in (Operator.EMPTY, Operator.NOT_EMPTY, Operator.IS_TRUE, Operator.IS_FALSE):
        return [leaf]
    if op in (Operator.OLDER_THAN, Operator.WITHIN_LAST, Operator.WITHIN_NEXT):
        spans = [(1, "days"), (36_500, "days"), (1_200, "months")]
        return [{**leaf, "v": count, "unit": unit} for count, unit in spans]
    low, high = {
        **EXTREMES,
        FieldType.NUMBER: (field.minimum, field.maximum),
        FieldType.CHOICE: (field.choices[0][0], field.choices[-1][0]) if field.choices else (),
    }[field.type]
    if op in (Operator.ONE_OF, Operator.NONE_OF, Operator.BETWEEN):
        return [{**leaf, "v": [low, high]}]
    return [{**leaf, "v": low}, {**leaf, "v": high}]


@pytest.fixture
def customers(db: None) -> list[Customer]:
    """One with facts, one whose facts are all nothing, one without a row of facts, one with an order."""
    owner = UserFactory(name="Ann")
    full = CustomerFactory(
        name="Blue Ltd",
        owner=owner,
        team=TeamFactory(name="North"),
        territory=TerritoryFactory(name="Wales"),
        city="Cardiff",
        facts={
            "first_order_on": date(2025, 1, 7),
            "last_order_on": date(2026, 9, 12),
            "orders_total": 9,
            "orders_365": 4,
            "sales_365": Decimal("1234.50"),
            "median_gap": Decimal("30.5"),
        },
    )
    without = CustomerFactory(name="Grey Ltd")
    without.facts.delete()
    ordered = OrderFactory(placed_on=date(2026, 3, 2), placed_at=datetime(2026, 3, 2, 9, tzinfo=UTC)).customer
    return [full, CustomerFactory(name="Red Ltd"), without, ordered]


def found(condition: dict[str, Any], day: date = JUDGED) -> set[str]:
    asked = compile_condition(parse(condition), day=day, zone=LONDON)
    return set(Customer.objects.filter(asked).values_list("name", flat=True))


@pytest.mark.parametrize(("field", "op"), PAIRS, ids=[f"{field.key} {op}" for field, op in PAIRS])
def test_every_question_has_an_answer_for_every_customer(
    customers: list[Customer], field: FieldSpec, op: Operator
) -> None:
    past = fact_source(date(2026, 6, 30), fields={field.column} & set(FACTS))
    for leaf in asked(field, op):
        for rows, columns in ((Customer.objects.all(), {}), (past.queryset, past.columns)):
            condition = compile_condition(parse(leaf), day=JUDGED, zone=LONDON, columns=columns)
            fits, rest = set(rows.filter(condition)), set(rows.exclude(condition))
            assert fits | rest == set(customers)
            assert not fits & rest


def test_the_wiring_offers_the_fields() -> None:
    assert list(wired_fields().values())[: len(FIELDS)] == list(FIELDS)


def test_every_fact_can_be_asked_and_knows_its_past() -> None:
    """A past day's query names its columns like the facts; a field that misses one would ask about today."""
    assert {field.column for field in FACT_FIELDS} == set(FACTS) - {"last_order_number"}
    for field in FACT_FIELDS:
        assert field.path == f"facts__{field.column}"
        assert field.has_history is (field.column not in WITHOUT_HISTORY), field.key


def test_counts_and_sums_are_nothing_where_facts_are_missing(customers: list[Customer]) -> None:
    for name in ("orders_365", "sales_365"):
        assert "Grey Ltd" in found({"f": name, "op": "is", "v": 0})
        assert "Grey Ltd" in found({"f": name, "op": "lt", "v": 1})
        assert "Grey Ltd" not in found({"f": name, "op": "gt", "v": 0})


def test_a_past_day_is_judged_by_its_own_facts(customers: list[Customer]) -> None:
    leaf = parse({"f": "orders_30", "op": "gte", "v": 1})
    ordered = customers[-1]
    for day, fits in ((date(2026, 3, 1), False), (date(2026, 3, 2), True), (date(2026, 4, 2), False)):
        source = fact_source(day, fields={"orders_30"})
        condition = compile_condition(leaf, day=day, zone=LONDON, columns=source.columns)
        assert source.queryset.filter(condition, pk=ordered.pk).exists() is fits


@pytest.mark.parametrize("field", FACT_FIELDS, ids=lambda field: field.key)
@pytest.mark.parametrize("gaps", [(7, 7, 7, 7), (10, 21, 30, 44, 13)], ids=["even", "uneven"])
def test_what_a_past_day_shows_is_what_is_found_there(
    db: None, field: FieldSpec, gaps: tuple[int, ...]
) -> None:
    """Derived values compare like stored ones: exactly what is read can be asked for."""
    customer, day = CustomerFactory(), date(2026, 1, 5)
    for gap in (0, *gaps):
        day += timedelta(days=gap)
        placed = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        OrderFactory(customer=customer, placed_on=day, placed_at=placed, total=Decimal("0.10"))
    day += timedelta(days=3)
    source = fact_source(day, fields={field.column})
    shown = source.queryset.values_list(source.columns[field.column], flat=True).get()
    if field.stored is Stored.DAYS_SINCE and shown is not None:
        shown = (day - shown).days
    given = shown.isoformat() if isinstance(shown, date) else str(shown)
    same = {"f": field.key, "op": "is", "v": given} if shown is not None else {"f": field.key, "op": "empty"}
    condition = compile_condition(parse(same), day=day, zone=LONDON, columns=source.columns)
    assert source.queryset.filter(condition).exists()
    if shown is not None:
        for op in ("lt", "gt"):
            beside = compile_condition(
                parse({**same, "op": op}), day=day, zone=LONDON, columns=source.columns
            )
            assert not source.queryset.filter(beside).exists()


def test_the_day_of_creation_is_the_organisations_day(db: None) -> None:
    CustomerFactory(name="Late", created_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    assert found({"f": "created_on", "op": "is", "v": "2026-07-01"}) == {"Late"}
    assert not found({"f": "created_on", "op": "is", "v": "2026-06-30"})


def test_days_since_the_last_order_and_the_order_itself_say_the_same(customers: list[Customer]) -> None:
    for days in (69, 70, 71):
        since = {"f": "days_since_order", "op": "gte", "v": days}
        assert found(since) == found({"f": "last_order_on", "op": "older_than", "v": days, "unit": "days"})
        assert ("Blue Ltd" in found(since)) is (days <= 70)
    assert found({"f": "days_since_order", "op": "is", "v": 70}) == {"Blue Ltd"}


def test_a_customer_reads_why(customers: list[Customer], django_assert_num_queries: Any) -> None:
    condition = parse(
        {
            "all": [
                {"f": "last_order_on", "op": "older_than", "v": 60, "unit": "days"},
                {"f": "days_since_order", "op": "lte", "v": 90},
                {"f": "orders_365", "op": "gte", "v": 3},
                {"f": "sales_365", "op": "gt", "v": "1000"},
                {"f": "median_gap", "op": "between", "v": [20, 40]},
                {"f": "tier", "op": "none_of", "v": ["A"]},
                {"f": "owner", "op": "not_empty"},
                {"f": "team", "op": "is", "v": customers[0].team_id},
                {"f": "territory", "op": "one_of", "v": [customers[0].territory_id]},
                {"not": {"f": "is_test", "op": "is_true"}},
                {"f": "created_on", "op": "within_last", "v": 1, "unit": "weeks"},
            ]
        }
    )
    customer = Customer.objects.select_related("facts").get(pk=customers[0].pk)
    values = values_of(customer, used_fields(condition))
    with django_assert_num_queries(3):  # the names of owners, teams and territories
        explained = explain(condition, values, day=JUDGED, zone=LONDON)
    assert explained.holds
    assert [leaf.sentence for leaf in explained.leaves] == [
        "Last order: 12 Sep 2026, 70 days ago; asked: 60 days or more",
        "Days since the last order: 70 days; asked: at most 90 days",
        "Orders in 12 months: 4; asked: at least 3",
        "Sales in 12 months: 1,234.50; asked: more than 1,000.00",
        "Usual interval between orders: 30.5 days; asked: from 20 days to 40 days",
        "Tier: C; asked: not A",
        "Account owner: Ann; asked: not empty",
        "Team: North; asked: North",
        "Territory: Wales; asked: Wales",
        "Test record: no; asked: no",
        "Created: 20 Nov 2026, 1 day ago; asked: in the last week",
    ]
    assert found({"all": [{"f": "name", "op": "starts_with", "v": "BLUE"}]}) == {"Blue Ltd"}


def test_a_customer_without_facts_is_explained_too(customers: list[Customer]) -> None:
    condition = parse(
        {"any": [{"f": "last_order_on", "op": "empty"}, {"f": "orders_365", "op": "gte", "v": 1}]}
    )
    values = values_of(Customer.objects.get(name="Grey Ltd"), used_fields(condition))
    explained = explain(condition, values, day=JUDGED, zone=LONDON)
    assert explained.holds
    assert [leaf.sentence for leaf in explained.leaves] == [
        "Last order: never; asked: empty",
        "Orders in 12 months: 0; asked: at least 1",
    ]


def test_the_definition_in_words() -> None:
    condition = parse(
        {"all": [{"f": "orders_365", "op": "gte", "v": 3}, {"f": "tier", "op": "one_of", "v": ["A", "B"]}]}
    )
    assert describe(condition) == "orders in 12 months at least 3 and tier is A or B"
