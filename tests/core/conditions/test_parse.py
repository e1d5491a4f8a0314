"""What the parser takes and what it refuses, and that it does nothing else."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.conditions import (
    Always,
    ConditionError,
    FieldRegistry,
    FieldSpec,
    FieldType,
    Stored,
    compile_condition,
    describe,
    parse,
    to_json,
    used_fields,
    wired_fields,
)
from core.errors import Refused
from tests.core.conditions.samples import CHOICES, DAY, LONDON, REGISTRY, Sample
from tests.core.conditions.strategies import conditions, junk, mutated

relaxed = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
LEAF = {"f": "number", "op": "is", "v": 1}


def refusal(data: Any, **more: Any) -> list[tuple[str, str]]:
    """The problems that parsing ``data`` finds."""
    with pytest.raises(ConditionError) as caught:
        parse(data, registry=REGISTRY, **more)
    assert isinstance(caught.value, Refused)
    problems = [(problem.path, problem.sentence) for problem in caught.value.problems]
    assert problems
    for path, sentence in problems:
        assert sentence.endswith(".")
        f"{path} {sentence}".encode()  # may be shown on a page whatever was sent
        assert len(sentence) < 400
    return problems


@settings(relaxed, max_examples=600)
@given(data=st.one_of(mutated(), mutated(), junk))
def test_any_json_is_refused_in_sentences_or_compiles(sample_tables: None, db: None, data: Any) -> None:
    try:
        condition = parse(data, registry=REGISTRY)
    except ConditionError:
        refusal(data)
        return
    asked = compile_condition(condition, day=DAY, zone=LONDON)
    assert Sample.objects.filter(asked).count() == 0
    assert describe(condition)


@settings(relaxed, max_examples=300)
@given(data=conditions)
def test_what_is_stored_is_read_back_the_same(data: Any) -> None:
    condition = parse(data, registry=REGISTRY)
    stored = to_json(condition)
    assert parse(json.loads(json.dumps(stored)), registry=REGISTRY) == condition
    assert to_json(parse(stored, registry=REGISTRY)) == stored


def nested(levels: int) -> Any:
    data: Any = LEAF
    for _ in range(levels):
        data = {"not": data}
    return data


@pytest.mark.parametrize("levels", [4, 5, 50_000])
def test_groups_nest_three_deep_and_no_deeper(levels: int) -> None:
    assert refusal(nested(levels)) == [("not.not.not.not", "Groups stand in groups at most 3 deep.")]
    parse(nested(3), registry=REGISTRY)


def test_twenty_leaves_and_no_more() -> None:
    parse({"all": [LEAF] * 20}, registry=REGISTRY)
    parse({"all": [{"any": [LEAF] * 10}, {"any": [LEAF] * 10}]}, registry=REGISTRY)
    too_many = [("", "A condition has at most 20 parts.")]
    assert refusal({"all": [LEAF] * 21}) == too_many
    assert refusal({"all": [{"any": [LEAF] * 10}, {"any": [LEAF] * 11}]}) == too_many
    assert refusal({"all": [{"any": [{"any": []}] * 1000}] * 1000})[-1] == too_many[0]


def test_each_problem_is_named_at_its_place() -> None:
    found = refusal(
        {
            "all": [
                {"f": "nothing", "op": "is", "v": 1},
                {"any": [{"f": "number", "op": "contains", "v": 1}, {"f": "number", "op": "is"}]},
                {"not": {"f": "day", "op": "older_than", "v": 0, "unit": "years"}},
                {"f": "choice", "op": "one_of", "v": ["a", "z"]},
                7,
            ]
        }
    )
    operators = "is, is_not, lt, lte, gt, gte, between, empty, not_empty"
    assert found == [
        ("all[0].f", 'There is no field "nothing".'),
        ("all[1].any[0].op", f'Number offers the operators {operators}, not "contains".'),
        ("all[1].any[1].v", "The operator is needs a value."),
        ("all[2].not.unit", "The operator older_than needs a unit: days, weeks, months."),
        ("all[2].not.v", "Give a whole number of days from 1 to 36,500."),
        ("all[3].v", 'Choice has no choice "z".'),
        ("all[4]", "A part is a field with an operator, or exactly one of all, any and not."),
    ]


def one(key: str, op: str, **more: Any) -> dict[str, Any]:
    return {"f": key, "op": op, **more}


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "all",
        True,
        {"all": []},
        {"any": {}},
        {"all": LEAF},
        {"not": {}},
        {"all": [{}]},
        {"all": [LEAF], "any": [LEAF]},
        {"xor": [LEAF]},
        {**LEAF, "w": {"last_days": 3}},
        {**LEAF, "unit": "days"},
        {**LEAF, "all": [LEAF]},
        {"schema": 2, **LEAF},
        {"schema": True, **LEAF},
        {"schema": "1"},
        {"all": [{"schema": 1, **LEAF}]},
        one("number", "is", v=True),
        one("number", "is", v=1.5),
        one("number", "is", v=2**31),
        one("number", "is", v=float("nan")),
        one("number", "is", v=float("inf")),
        one("number", "is", v="one"),
        one("number", "is", v=None),
        one("number", "is", v=[1]),
        one("number", "between", v=[2, 1]),
        one("number", "between", v=[1]),
        one("number", "between", v=[1, 2, 3]),
        one("ratio", "lt", v="0.25"),
        one("amount", "is", v="0.00001"),
        one("amount", "is", v="1e15"),
        one("text", "is", v=""),
        one("text", "contains", v="  "),
        one("text", "is", v="x" * 201),
        one("text", "is", v="a\x00b"),
        one("text", "is", v="\ud800"),
        one("text", "one_of", v=[]),
        one("text", "one_of", v=["x"] * 101),
        one("text", "one_of", v="x"),
        one("day", "is", v="2026-02-30"),
        one("day", "is", v="1899-12-31"),
        one("day", "is", v="2200-01-01"),
        one("day", "is", v=20260101),
        one("day", "older_than", v=60),
        one("day", "older_than", v="60", unit="days"),
        one("day", "older_than", v=1.0, unit="days"),
        one("day", "older_than", v=True, unit="days"),
        one("day", "within_last", v=36_501, unit="days"),
        one("choice", "is", v="Apple"),
        one("ref", "is", v="1"),
        one("ref", "is", v=0),
        one("ref", "is", v=2**63),
        one("flag", "is", v=True),
        one("flag", "is_true", v=True),
        one("text", "empty", v=None),
        one("count", "empty"),
        one("number", "IS", v=1),
        one("number", ["is"], v=1),  # type: ignore[arg-type]
        one(["number"], "is", v=1),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_what_is_not_exact_is_refused(data: Any) -> None:
    refusal(data)


def test_a_number_too_long_to_print_is_refused_too() -> None:
    assert refusal(one("number", "is", v=10**5000)) == [("v", "The number for Number is too large.")]
    refusal(one("day", "older_than", v=10**5000, unit="days"))
    refusal({"all": 10**5000})


def test_nothing_asked_is_a_condition() -> None:
    assert parse({}, registry=REGISTRY) == parse({"schema": 1}, registry=REGISTRY) == Always()
    assert not Always()


def test_text_is_compared_in_the_form_it_is_stored_in() -> None:
    assert to_json(parse(one("text", "is", v="cafe\u0301"), registry=REGISTRY))["v"] == "caf\u00e9"


def test_fields_without_permission_do_not_exist_for_the_author() -> None:
    asked = one("secret", "is", v=1)
    assert refusal(asked, may=lambda permission: False) == [("f", 'There is no field "secret".')]
    parse(asked, registry=REGISTRY, may=lambda permission: permission == "samples.view_secret")
    parse(one("number", "is", v=1), registry=REGISTRY, may=lambda permission: False)
    parse(asked, registry=REGISTRY)


def test_used_fields_come_once_in_their_order() -> None:
    asked = {"all": [one("day", "empty"), {"not": one("number", "is", v=1)}, one("day", "not_empty")]}
    assert [field.key for field in used_fields(parse(asked, registry=REGISTRY))] == ["day", "number"]


def test_without_a_registry_the_wired_fields_count() -> None:
    key = next(iter(wired_fields()))
    assert used_fields(parse({"f": key, "op": wired_fields()[key].operators[0], "v": "x"}))[0].key == key


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": FieldType.CHOICE},
        {"type": FieldType.TEXT, "choices": CHOICES},
        {"type": FieldType.TEXT, "stored": Stored.INSTANT},
        {"type": FieldType.NUMBER, "stored": Stored.DAYS_SINCE},
        {"type": FieldType.NUMBER, "null_is": 0},
    ],
    ids=repr,
)
def test_a_contradictory_field_is_refused_where_it_is_declared(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="broken: "):
        FieldSpec(key="broken", label="Broken", path="x", **wrong)


def test_two_fields_cannot_share_a_key() -> None:
    field = REGISTRY["number"]
    with pytest.raises(ValueError, match="Two condition fields are called number"):
        FieldRegistry([field, field])
