"""Search for text in text without regard to upper and lower case, the same on every database.

LIKE folds only ASCII on SQLite, and on PostgreSQL what the server's locale knows. Here Python decides
which characters are the same letter, and the database compares single characters: the text searched for
becomes a pattern of character classes (``[Éé]``), for GLOB on SQLite and for a regular expression on
PostgreSQL. Letters are folded one by one, so that ``ß`` equals ``ẞ`` but not ``ss``, and the dotted
``İ`` only itself. Accents count. Wildcards in the text stand for themselves.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db.models import CharField, Lookup, TextField

_LAST_CASED = 0x1FFFF  # beyond it no character has another case
_SURROGATES = range(0xD800, 0xE000)


def fold_case(text: str) -> str:
    """``text`` with each letter replaced by the one that stands for its upper and lower case."""
    return "".join(map(_letter, text))


def _letter(char: str) -> str:
    for form in (char.casefold(), char.lower()):
        if len(form) == 1:
            return form
    return char


@cache
def _same_letters() -> dict[str, str]:
    """Each letter's characters, by the one that stands for them; only letters with more than one."""
    groups: dict[str, str] = {}
    for code in range(_LAST_CASED + 1):
        if code not in _SURROGATES:
            groups[_letter(chr(code))] = groups.get(_letter(chr(code)), "") + chr(code)
    return {letter: chars for letter, chars in groups.items() if len(chars) > 1}


def _pattern(text: str, literal: Callable[[str], str]) -> str:
    groups = _same_letters()
    found = (groups.get(_letter(char)) for char in text)
    return "".join(f"[{same}]" if same else literal(char) for char, same in zip(text, found, strict=True))


def _glob_literal(char: str) -> str:
    return f"[{char}]" if char in "*?[" else char


def _regex_literal(char: str) -> str:
    return f"\\{char}" if char.isascii() and not char.isalnum() else char


@CharField.register_lookup
@TextField.register_lookup
class HasLetters(Lookup):
    """``path__has_letters="text"``: the column contains the text, in upper or lower case."""

    lookup_name = "has_letters"
    at_start = False

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """GLOB compares characters exactly and knows character classes."""
        lhs, params = self.process_lhs(compiler, connection)
        start = "" if self.at_start else "*"
        return f"{lhs} GLOB %s", [*params, f"{start}{_pattern(self.rhs, _glob_literal)}*"]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """A case-sensitive regular expression; ``^`` is the start of the text, not of a line."""
        lhs, params = self.process_lhs(compiler, connection)
        start = "^" if self.at_start else ""
        return f"({lhs})::text ~ %s", [*params, f"{start}{_pattern(self.rhs, _regex_literal)}"]


@CharField.register_lookup
@TextField.register_lookup
class StartsWithLetters(HasLetters):
    """``path__starts_with_letters="text"``: the column starts with the text, in upper or lower case."""

    lookup_name = "starts_with_letters"
    at_start = True
