"""What the journal can say: every verb is declared by the app that uses it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from core.registry import wired


@dataclass(frozen=True)
class Verb:
    """A journal word such as ``order.placed``.

    ``says`` continues the sentence "Mara …"; ``alone`` says it where no user did it, as in an import.
    ``wakes`` tells whether CRM events may react to it.
    """

    name: str
    says: str
    wakes: bool = False
    alone: str = ""


class UnknownVerb(LookupError):
    """A verb that no app declared."""


@cache
def all_verbs() -> dict[str, Verb]:
    """Every declared verb by name."""
    lists: Iterable[Iterable[Verb]] = wired("VERBS")
    return {verb.name: verb for verbs in lists for verb in verbs}


def verb_named(name: str) -> Verb:
    """The declared verb; ``UnknownVerb`` when nobody declared it."""
    try:
        return all_verbs()[name]
    except KeyError as error:
        raise UnknownVerb(f"No app declares the journal verb {name!r}.") from error
