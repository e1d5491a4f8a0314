"""The sentences, word for word."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.conditions import ExplainedGroup, describe, explain, parse
from tests.core.conditions.samples import LONDON, REGISTRY


def one(key: str, op: str, value: Any = None, unit: str | None = None) -> dict[str, Any]:
    found = {"f": key, "op": op}
    return found | ({} if value is None else {"v": value}) | ({} if unit is None else {"unit": unit})


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "always"),
        (one("number", "gte", 3), "number at least 3 orders"),
        (one("number", "is", 1), "number is 1 order"),
        (one("number", "is_not", 1000), "number is not 1,000 orders"),
        (one("number", "between", [1, 5]), "number from 1 order to 5 orders"),
        (one("count", "lt", 3), "count less than 3"),
        (one("amount", "gt", "1234.5"), "amount more than 1,234.50"),
        (one("amount", "lte", "0.0025"), "amount at most 0.0025"),
        (one("ratio", "lt", "30.5"), "ratio less than 30.5"),
        (one("text", "contains", "50%"), 'text contains "50%"'),
        (one("text", "one_of", ["a", "b", "c"]), 'text is "a", "b" or "c"'),
        (one("choice", "one_of", ["a", "b"]), "choice is Apple or Birch"),
        (one("choice", "none_of", ["a", "b"]), "choice is not Apple or Birch"),
        (one("ref", "is", 2), "owner is Bo"),
        (one("ref", "is_not", 9), "owner is not record 9"),
        (one("ref", "empty"), "owner is empty"),
        (one("ref", "not_empty"), "owner is not empty"),
        (one("flag", "is_true"), "flag is yes"),
        (one("flag", "is_false"), "flag is no"),
        (one("day", "is", "2026-09-12"), "day is 12 Sep 2026"),
        (one("day", "lt", "2026-09-12"), "day before 12 Sep 2026"),
        (one("day", "gte", "2026-09-12"), "day on or after 12 Sep 2026"),
        (one("day", "older_than", 60, "days"), "day 60 days or more ago"),
        (one("day", "older_than", 1, "months"), "day 1 month or more ago"),
        (one("day", "within_last", 2, "weeks"), "day in the last 2 weeks"),
        (one("day", "within_next", 1, "days"), "day in the next day"),
        (one("age", "gte", 60), "age at least 60 days"),
        ({"not": one("number", "gte", 3)}, "number not at least 3 orders"),
        ({"not": one("text", "contains", "x")}, 'text does not contain "x"'),
        ({"not": one("text", "starts_with", "x")}, 'text does not start with "x"'),
        ({"not": one("day", "older_than", 60, "days")}, "day not 60 days or more ago"),
        ({"not": one("choice", "is_not", "a")}, "choice is Apple"),
        ({"not": one("day", "empty")}, "day is not empty"),
        ({"not": {"not": one("day", "empty")}}, "day is empty"),
        (
            {"all": [one("count", "gte", 3), one("choice", "one_of", ["a", "b"])]},
            "count at least 3 and choice is Apple or Birch",
        ),
        (
            {"any": [one("count", "gte", 3), {"all": [one("flag", "is_true"), one("ref", "empty")]}]},
            "count at least 3 or (flag is yes and owner is empty)",
        ),
        (
            {"not": {"any": [one("count", "gte", 3), one("choice", "is", "a")]}},
            "count less than 3 and choice is not Apple",
        ),
        (
            {
                "not": {
                    "all": [one("count", "gte", 3), {"any": [one("choice", "is", "a"), one("ref", "empty")]}]
                }
            },
            "count less than 3 or (choice is not Apple and owner is not empty)",
        ),
        ({"all": [{"any": [one("flag", "is_true")]}]}, "flag is yes"),
    ],
)
def test_conditions_in_words(asked: dict[str, Any], words: str) -> None:
    assert describe(parse(asked, registry=REGISTRY)) == words


JUDGED = date(2026, 11, 21)
ROW = {
    "text": 'Ann "A" Ltd',
    "note": "",
    "number": 1,
    "count": None,
    "amount": Decimal("1234.5000"),
    "ratio": Decimal("30.5"),
    "day": date(2026, 9, 12),
    "age": date(2026, 9, 12),
    "moment": datetime(2026, 6, 30, 23, 30, tzinfo=UTC),  # 1 July in London
    "flag": False,
    "choice": "gone",
    "ref": 2,
    "fact_day": None,
}


@pytest.mark.parametrize(
    ("asked", "holds", "sentence"),
    [
        (
            one("day", "older_than", 60, "days"),
            True,
            "Day: 12 Sep 2026, 70 days ago; asked: 60 days or more",
        ),
        (
            one("day", "within_last", 2, "months"),
            False,
            "Day: 12 Sep 2026, 70 days ago; asked: in the last 2 months",
        ),
        ({"not": one("day", "empty")}, True, "Day: 12 Sep 2026, 70 days ago; asked: not empty"),
        (one("fact_day", "not_empty"), False, "Fact day: empty; asked: not empty"),
        (one("age", "gte", 60), True, "Age: 70 days; asked: at least 60 days"),
        (one("moment", "is", "2026-07-01"), True, "Moment: 1 Jul 2026, 143 days ago; asked: 1 Jul 2026"),
        (one("text", "contains", "ann"), True, 'Text: "Ann "A" Ltd"; asked: contains "ann"'),
        ({"not": one("text", "contains", "bo")}, True, 'Text: "Ann "A" Ltd"; asked: does not contain "bo"'),
        (one("note", "is_not", "x"), True, 'Note: empty; asked: not "x"'),
        (one("number", "gte", 3), False, "Number: 1 order; asked: at least 3 orders"),
        (one("count", "lt", 3), True, "Count: 0; asked: less than 3"),
        (one("amount", "gt", "1000"), True, "Amount: 1,234.50; asked: more than 1,000.00"),
        (one("ratio", "between", [30, 31]), True, "Ratio: 30.5; asked: from 30 to 31"),
        (one("flag", "is_false"), True, "Flag: no; asked: no"),
        (one("choice", "one_of", ["a", "b"]), False, "Choice: gone; asked: Apple or Birch"),
        (one("ref", "none_of", [1, 3]), True, "Owner: Bo; asked: not Ann or Cy"),
    ],
)
def test_a_leaf_tells_the_value_and_what_is_asked(asked: dict[str, Any], holds: bool, sentence: str) -> None:
    found = explain(parse(asked, registry=REGISTRY), ROW, day=JUDGED, zone=LONDON)
    assert [leaf.sentence for leaf in found.leaves] == [sentence]
    assert found.holds is found.leaves[0].holds is holds


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 20), "20 Nov 2026, 1 day ago"),
        (date(2026, 11, 21), "21 Nov 2026, the same day"),
        (date(2026, 11, 22), "22 Nov 2026, in 1 day"),
        (date(2023, 11, 21), "21 Nov 2023, 1,096 days ago"),
        (None, "never"),
    ],
)
def test_dates_say_how_far_they_lie_from_the_judged_day(day: date | None, words: str) -> None:
    found = explain(parse(one("day", "empty"), registry=REGISTRY), {"day": day}, day=JUDGED, zone=LONDON)
    assert found.leaves[0].value == words


def test_groups_tell_what_of_them_holds() -> None:
    asked = {
        "all": [one("flag", "is_false"), {"not": {"all": [one("count", "gte", 3), one("ref", "is", 2)]}}]
    }
    found = explain(parse(asked, registry=REGISTRY), ROW, day=JUDGED, zone=LONDON)
    assert isinstance(found.tree, ExplainedGroup)
    assert [part.holds for part in found.tree.parts] == [True, True]
    either = found.tree.parts[1]
    assert isinstance(either, ExplainedGroup)
    assert (either.every, [part.holds for part in either.parts]) == (False, [True, False])
    assert found.holds
    assert [leaf.label for leaf in found.leaves] == ["Flag", "Count", "Owner"]


def test_nothing_asked_holds_without_a_reason() -> None:
    found = explain(parse({}, registry=REGISTRY), {}, day=JUDGED, zone=LONDON)
    assert found.holds
    assert found.leaves == ()
