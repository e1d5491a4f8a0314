"""A version means exactly one thing, or is refused in a sentence."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from events.definition import definition_of, in_words, sentence
from events.library import LIBRARY
from events.models import Event, Version

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def version(**changes: Any) -> Version:
    shipped = next(row for row in LIBRARY if row["code"] == "NOORDER60")["version"]
    return Version(event=Event(code="NOORDER60", name="No orders"), number=1, **{**shipped, **changes})


def test_shipped_definitions_in_words() -> None:
    found = {}
    for row in LIBRARY:
        made = Version(event=Event(code=row["code"], name=row["name"]), number=1, **row["version"])
        found[row["code"]] = sentence(definition_of(made))
    assert found == {
        "WELCOME": "When a customer is created, sales support in turn, else the queue of sales support:"
        " Send the welcome package",
        "FIRSTORDER": "When a customer places the first order, the account owner, else the queue of"
        " sales support: Thank for the first order",
        "NOORDER60": "When a customer has not ordered for 60 days or more, the account owner, else the"
        " queue of sales support: Call about the missing order",
    }
    words = in_words(definition_of(version()))
    assert words["then"] == "Call: Call about the missing order, due in 3 business days"
    assert words["until"] == "a new order closes it on its own"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"trigger": {"kind": "sometimes"}}, "trigger 'sometimes' is unknown"),
        ({"trigger": {"kind": "since", "anchor": "order", "days": 0}}, "from 1 to 3650"),
        ({"trigger": {"kind": "since", "anchor": "order", "days": True}}, "from 1 to 3650"),
        ({"trigger": {"kind": "order", "first": "no"}}, "true or false"),
        ({"suppress": ["whim"]}, "suppression 'whim' is unknown"),
        ({"goal": {"kind": "luck"}}, "goal 'luck' is unknown"),
        ({"action": {"kind": "call", "title": " "}}, "needs a title"),
        ({"assign": {"rules": [{"rule": "owner"}]}}, "needs a fallback queue"),
        ({"assign": {"rules": [{"rule": "role_round_robin"}], "queue": "x"}}, "needs its name"),
        ({"assign": {"rules": [{"rule": "user"}], "queue": "x"}}, "needs his id"),
        ({"limits": {"per_run": 0}}, "limit per run must be"),
        ({"condition": {"f": "nonsense", "op": "is", "v": 1}}, "nonsense"),
    ],
)
def test_what_cannot_be_meant_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says):
        definition_of(version(**changes))


parts = st.sampled_from(["trigger", "condition", "suppress", "goal", "action", "assign", "limits"])


@given(part=parts, value=json_values)
def test_any_json_is_a_definition_or_refused(part: str, value: Any) -> None:
    """Whatever is stored: no other exception, and no meaning by accident."""
    with suppress(Refused):
        assert definition_of(version(**{part: value})).queue
