"""A progress bar for commands that take a while."""

from typing import IO

WIDTH = 28
LABEL = 34


class Bar:
    """``bar.show(done, total, "Reading orders")`` redraws one line on a terminal; elsewhere nothing is written.

    ``done`` and ``total`` count whatever the caller counts. ``close`` ends the line.
    """

    def __init__(self, stream: IO[str], *, quiet: bool = False) -> None:
        self.stream = stream
        self.live = not quiet and stream.isatty()
        self.shown = ""

    def show(self, done: int, total: int, label: str) -> None:
        """Draw the bar with ``label`` behind it, if that changes anything."""
        if not self.live:
            return
        share = min(done / total, 1.0) if total else 1.0
        filled = round(share * WIDTH)
        line = f"  [{'#' * filled}{'.' * (WIDTH - filled)}] {share:>4.0%}  {label[:LABEL]:<{LABEL}}"
        if line != self.shown:
            self.stream.write(f"\r{line}")
            self.stream.flush()
            self.shown = line

    def close(self) -> None:
        """Leave the last state on the screen and begin a new line."""
        if self.shown:
            self.stream.write("\n")
            self.stream.flush()
            self.shown = ""
