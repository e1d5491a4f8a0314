"""What is wrong with a file, in sentences that name line and column."""

from collections.abc import Sequence
from typing import NamedTuple

from core.errors import Refused

MOST_PROBLEMS = 20  # reading stops there: the rest would be more of the same


class Problem(NamedTuple):
    """One fault. ``line`` counts the lines of the file from 1; ``column`` is a heading or a position."""

    line: int
    column: str
    text: str

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"Line {self.line:,}{column}: {self.text}"


class BrokenFile(Refused):
    """The file cannot be imported; nothing of it was written. ``problems`` says where and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = list(problems)
