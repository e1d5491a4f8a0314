"""What is wrong with a condition, place by place."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import Refused


@dataclass(frozen=True)
class Problem:
    """One fault: ``path`` leads to it (``all[0].v``, empty for the whole), ``sentence`` names it."""

    path: str
    sentence: str


class WrongValue(ValueError):
    """A value that the field or the operator does not take; the message is a sentence."""


class ConditionError(Refused):
    """The condition means nothing exactly; ``problems`` names every fault that was found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.sentence for problem in problems), field="condition")
        self.problems = tuple(problems)
