"""Text from outside: one cleaning for forms, imports and parameters."""

import re
import unicodedata

# C0 and C1 controls except tab and line feed, plus the bidirectional overrides that disguise text.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SPACE = re.compile(r"\s+")
_NOT_SEARCHED = re.compile(r"[^\w]+")
_PHONE = re.compile(r"\+?[\d\s()/.-]*\d[\d\s()/.-]{4,}")
MAX_TERMS = 8


def clean_text(text: str, *, lines: bool = False) -> str:
    """``text`` in composed form, without control characters, trimmed.

    Carriage returns become line feeds; unless ``lines`` is true, all white space becomes one space.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _FORBIDDEN.sub("", text)
    return text.strip() if lines else _SPACE.sub(" ", text).strip()


def has_control_characters(text: str) -> bool:
    """Whether ``text`` holds a character that no field accepts, such as NUL."""
    return bool(_FORBIDDEN.search(text.replace("\r", "")))


def fold(text: str) -> str:
    """``text`` as it is searched: lower case, without accents, words parted by single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NOT_SEARCHED.sub(" ", plain).strip()


def phone_digits(text: str) -> str:
    """The digits of a phone number, for search."""
    return "".join(char for char in text if char.isdigit())


def like(text: str) -> str:
    """``text`` with the wildcards of SQL's LIKE escaped by a backslash."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def search_terms(text: str) -> list[str]:
    """What a search column must contain, all of it, to match what somebody typed.

    Words are folded; a telephone number is its digits without leading zeros, however it was spaced.
    """
    if _PHONE.fullmatch(text.strip()):
        digits = phone_digits(text)
        return [digits.lstrip("0") or digits]
    return fold(text).split()[:MAX_TERMS]
