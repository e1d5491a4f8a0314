"""Random conditions, sound and broken."""

import copy
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from core.conditions import FieldSpec, FieldType, Operator
from tests.core.conditions.samples import AMOUNTS, CHOICES, DAY, DAYS, LETTERS, NUMBERS, RATIOS, SPECS, TEXTS

ASKED_DAYS = [day for day in DAYS if 1900 <= day.year <= 2199]
texts = st.one_of(
    st.sampled_from([text for text in TEXTS if text.strip()]),
    st.text(LETTERS, min_size=1, max_size=4).filter(str.strip),
)


def values(spec: FieldSpec) -> st.SearchStrategy[Any]:
    """A value as JSON that the field takes, mostly one that rows hold."""
    if spec.key == "age":
        return st.one_of(st.integers(-100, 100), st.sampled_from([-100_000, 100_000, 365, 60]))
    if spec.key == "ratio":
        pool = st.sampled_from([str(ratio) for ratio in RATIOS if abs(ratio) <= 99_999])
        return st.one_of(pool, st.integers(-40, 40), st.sampled_from([30.5, -1.5]))
    return {
        FieldType.TEXT: texts,
        FieldType.NUMBER: st.one_of(st.sampled_from(NUMBERS), st.integers(-5, 15)),
        FieldType.MONEY: st.one_of(
            st.sampled_from([str(amount) for amount in AMOUNTS]),
            st.sampled_from([0.1, 0.3, 1, -5, "1.00", "2e1"]),
        ),
        FieldType.DATE: st.one_of(
            st.sampled_from(ASKED_DAYS), st.dates(DAY - timedelta(days=70), DAY + timedelta(days=70))
        ).map(date.isoformat),
        FieldType.CHOICE: st.sampled_from([code for code, _ in CHOICES]),
        FieldType.REFERENCE: st.sampled_from([1, 2, 3, 4, 2**62]),
        FieldType.FLAG: st.none(),
    }[spec.type]


@st.composite
def leaf(draw: st.DrawFn, spec: FieldSpec | None = None, op: Operator | None = None) -> dict[str, Any]:
    """A leaf that parses; of the field and operator when given."""
    spec = spec or draw(st.sampled_from(SPECS))
    op = op or draw(st.sampled_from(spec.operators))
    found: dict[str, Any] = {"f": spec.key, "op": op.value}
    match op:
        case Operator.EMPTY | Operator.NOT_EMPTY | Operator.IS_TRUE | Operator.IS_FALSE:
            return found
        case Operator.ONE_OF | Operator.NONE_OF:
            return {**found, "v": draw(st.lists(values(spec), min_size=1, max_size=4))}
        case Operator.BETWEEN:
            number = date.fromisoformat if spec.type is FieldType.DATE else float
            return {**found, "v": sorted([draw(values(spec)), draw(values(spec))], key=number)}
        case Operator.OLDER_THAN | Operator.WITHIN_LAST | Operator.WITHIN_NEXT:
            count = draw(st.one_of(st.integers(1, 70), st.sampled_from([365, 1_200])))
            return {**found, "v": count, "unit": draw(st.sampled_from(["days", "weeks", "months"]))}
    return {**found, "v": draw(values(spec))}


def groups(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    many = st.lists(parts, min_size=1, max_size=3)
    return st.one_of(
        many.map(lambda found: {"all": found}),
        many.map(lambda found: {"any": found}),
        parts.map(lambda found: {"not": found}),
    )


_one = st.one_of(leaf(), groups(leaf()))
_two = st.one_of(leaf(), groups(_one))
conditions = st.one_of(st.just({}), leaf(), groups(leaf()), groups(_one), groups(_two)).filter(
    lambda found: str(found).count("'f'") <= 20
)

WORDS = ["all", "any", "not", "f", "op", "v", "unit", "schema", "text", "number", "is", "days", "\ud800", ""]
BAD_TEXTS = ["\x00", "\ud800", "a\u202eb", " ", "x" * 201, "9" * 5000]
BAD_NUMBERS = ["NaN", "sNaN", "Infinity", "1e999999999", "-0", "0x10", "1_0", "٣"]
BAD_DATES = ["2026-02-30", "0000-01-01", "20260101", "2026-W01-1"]
junk = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([10**400, 2**63, 2**64, 10**15]),
        st.integers(4_000, 5_000).map(lambda digits: -(10**digits)),
        st.floats(),
        st.text(st.characters(), max_size=10),
        st.sampled_from([*WORDS, *BAD_TEXTS, *BAD_NUMBERS, *BAD_DATES]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
    ),
    max_leaves=12,
)


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) inside ``data``."""
    found: list[tuple[Any, Any]] = []
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inside:
        found += [(data, key), *places(value)]
    return found


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A sound condition after one to three changes at random places."""
    data = copy.deepcopy(draw(conditions))
    for _ in range(draw(st.integers(1, 3))):
        found = places(data)
        if not found:
            return draw(junk)
        box, key = draw(st.sampled_from(found))
        match draw(st.sampled_from(["replace", "remove", "add", "wrap", "repeat"])):
            case "replace":
                box[key] = draw(junk)
            case "remove":
                del box[key]
            case "add" if isinstance(box, dict):
                box[draw(st.sampled_from(["all", "not", "f", "op", "v", "unit", "schema", "x"]))] = draw(junk)
            case "wrap":
                box[key] = {draw(st.sampled_from(["all", "any", "not", "v"])): box[key]}
            case _:
                box[key] = [copy.deepcopy(box[key]) for _ in range(draw(st.sampled_from([2, 21, 101])))]
    return data
