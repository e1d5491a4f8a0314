"""Which letters are the same letter."""

import pytest

from core.conditions.letters import _same_letters, fold_case


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("É", "é", True),
        ("ß", "ẞ", True),
        ("ß", "s", False),
        ("Σ", "ς", True),
        ("\u212a", "k", True),  # the sign for kelvin
        ("I", "i", True),
        ("İ", "i", False),
        ("ı", "I", False),  # noqa: RUF001
        ("é", "e", False),
        ("Ω", "ω", True),
        ("Ж", "ж", True),
        ("1", "2", False),
    ],
)
def test_letters(one: str, other: str, same: bool) -> None:
    assert (fold_case(one) == fold_case(other)) is same


def test_folding_never_changes_the_length() -> None:
    text = "".join(map(chr, [*range(1, 0xD800), *range(0xE000, 0x30000)]))
    assert len(fold_case(text)) == len(text)
    assert fold_case(fold_case(text)) == fold_case(text)


def test_classes_hold_letters_that_mean_nothing_to_a_pattern() -> None:
    assert not set("".join(_same_letters().values())) & set("^]-[\\*?")


def test_no_letter_beyond_the_scanned_ones_has_two_cases() -> None:
    beyond = map(chr, range(0x20000, 0x110000))
    assert all(char == char.lower() == char.upper() == char.casefold() for char in beyond)
