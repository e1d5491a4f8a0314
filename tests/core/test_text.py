"""Text from outside is cleaned once, the same way everywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import clean_text, fold, has_control_characters, like, phone_digits


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert not has_control_characters(once)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\x00b", "ab"),
        ("  two \t words ", "two words"),
        ("e\u0301", "é"),
        ("x\u202ey", "xy"),
        ("a\r\nb", "a b"),
    ],
)
def test_cleaning(text: str, clean: str) -> None:
    assert clean_text(text) == clean


def test_lines_are_kept_where_lines_are_wanted() -> None:
    assert clean_text(" one\r\ntwo\rthree ", lines=True) == "one\ntwo\nthree"


@pytest.mark.parametrize(("text", "folded"), [("Müller & Söhne", "muller sohne"), ("ÉCOLE-Ost", "ecole ost")])
def test_search_ignores_case_accents_and_signs(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_wildcards_and_digits() -> None:
    assert like("50%_\\") == "50\\%\\_\\\\"
    assert phone_digits("+44 (0)1632 960-114") == "4401632960114"
