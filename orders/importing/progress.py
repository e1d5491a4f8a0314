"""Progress of an import: a bar on a terminal, a few plain lines elsewhere."""

from typing import TextIO

WIDTH = 30


class ProgressBar:
    """Writes to ``stream``; call it with the stage, what is done and what there is in all."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.bar = stream.isatty()
        self.last = ("", -1)

    def __call__(self, stage: str, done: int, total: int) -> None:
        percent = 100 * done // total if total else 100
        shown = percent if self.bar else percent // 25 * 25
        if (stage, shown) == self.last:
            return
        self.last = (stage, shown)
        if self.bar:
            filled = "#" * (WIDTH * percent // 100)
            end = "\n" if percent == 100 else ""
            self.stream.write(f"\r{stage:<10} [{filled:<{WIDTH}}] {percent:>3} %{end}")
        else:
            self.stream.write(f"{stage}: {shown} %\n")
        self.stream.flush()
