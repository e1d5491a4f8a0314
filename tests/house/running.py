"""A program that a test starts, and what it says; it is ended when it takes too long."""

import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180.0  # seconds until a test gives up; nothing waits that long unless something is wrong


def _hear_signals() -> None:
    """Whoever runs the tests in the background may ignore these, and children would inherit that."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


class Running:
    """A started program whose output is read line by line."""

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str] | None = None, pass_fds: Sequence[int] = ()
    ) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            pass_fds=pass_fds,
            preexec_fn=_hear_signals,  # noqa: PLW1509  # nothing but signal() runs in the child
        )
        self._watchdog = threading.Timer(PATIENCE, self.process.kill)
        self._watchdog.start()

    def said(self, wanted: str) -> str:
        """Read up to the line that contains ``wanted``, and give that line."""
        assert self.process.stdout
        before = []
        for line in self.process.stdout:
            before.append(line)
            if wanted in line:
                return line.rstrip()
        pytest.fail(f"The program ended without saying {wanted!r}, but:\n{''.join(before)}")

    def ended(self) -> int:
        """Wait for the end; the exit code, negative for a signal."""
        if self.process.stdout and not self.process.stdout.closed:
            self.process.stdout.read()
            self.process.stdout.close()
        code = self.process.wait(PATIENCE)
        self._watchdog.cancel()
        return code


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition that nothing announces; fail with ``what`` after :data:`PATIENCE` seconds."""
    tick = threading.Event()
    for _ in range(int(PATIENCE / 0.1)):
        if condition():
            return
        tick.wait(0.1)
    pytest.fail(f"Waited in vain: {what}.")
