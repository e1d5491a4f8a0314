"""Keeps the programs running until somebody says stop, and leaves none behind."""

import contextlib
import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from core.up.address import Address
from core.up.child import Child, shown

GUARD = Path(__file__).with_name("guard.py")
SECONDS_TO_END = 8.0  # then the group is killed
TRIES_TO_ANSWER = 3  # starts of the web server that may fail before the first answer
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class NeverAnswered(Exception):
    """The web server ended several times before it answered once; the text names its log."""


class Supervisor:
    """Runs ``children`` in one process group of their own, led by the guard.

    A group of their own: Ctrl-C in the terminal reaches only this process, which then ends them in order,
    and one ``killpg`` reaches whatever they started themselves. The guard ends the group when this process
    dies without a chance to.
    """

    def __init__(self, children: list[Child], address: Address, *, say: Callable[[str], None], lock_fd: int):
        self.children = children
        self.address = address
        self.say = say
        self.lock_fd = lock_fd
        self.guard: subprocess.Popen[bytes] | None = None
        self.group = 0
        self.stops = 0  # how often somebody asked to stop

    def run(self, when_ready: Callable[[], None]) -> None:
        """Until SIGTERM, SIGINT or SIGHUP. ``when_ready`` is called once, at the web server's first answer.

        Raises :class:`NeverAnswered` when the web server cannot be started at all.
        """
        ready = False
        with self._signals() as wakeups:
            try:
                while not self.stops:
                    self._keep_running()
                    if not ready and self._answers():
                        ready = True
                        when_ready()
                    self._give_up_if_hopeless(ready)
                    _sleep_until_signal(wakeups, self._pause(ready))
            finally:
                self._end_all(wakeups)

    # --- keeping them up

    def _keep_running(self) -> None:
        self._ensure_guard()
        for child in self.children:
            if news := child.notice_end():
                self.say(news)
            if not child.lives and time.monotonic() >= child.starts_at:
                child.start(self.group)
                if child.ends:
                    self.say(f"The {child.name} runs again (process {child.pid}).")

    def _ensure_guard(self) -> None:
        if self.guard is not None and self.guard.poll() is None:
            return
        with contextlib.suppress(PermissionError):  # the old group has no member left to join
            self.guard = self._start_guard(self.group)
            self.group = self.group or self.guard.pid
            return
        self.guard = self._start_guard(0)
        self.group = self.guard.pid

    def _start_guard(self, group: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-I", "-S", str(GUARD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(self.lock_fd,),
            process_group=group,
        )

    def _answers(self) -> bool:
        """Whether the web server answers an HTTP request, whatever it says."""
        connection = http.client.HTTPConnection(self.address.near, self.address.port, timeout=1)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True

    def _give_up_if_hopeless(self, ready: bool) -> None:
        web = self.children[0]
        if not ready and web.ends >= TRIES_TO_ANSWER:
            raise NeverAnswered(
                f"The web server does not start. The end of {shown(web.log)}:\n{_tail(web.log)}"
            )

    def _pause(self, ready: bool) -> float:
        """Seconds until there may be something to do without a signal."""
        if not ready:
            return 0.2
        now = time.monotonic()
        return max(0.0, min([60.0, *(child.starts_at - now for child in self.children if not child.lives)]))

    # --- ending them

    def _end_all(self, wakeups: socket.socket) -> None:
        """Ask all to end, wait, and kill what is left of the group: their own children and the guard too."""
        self.stops = max(self.stops, 1)
        _signal_group(self.group, signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_END
        while any(child.process and child.process.poll() is None for child in self.children):
            left = deadline - time.monotonic()
            if left <= 0 or self.stops > 1:  # a second Ctrl-C does not wait
                self.say("Some processes do not end by themselves and are killed.")
                break
            _sleep_until_signal(wakeups, left)
        _signal_group(self.group, signal.SIGKILL)
        for process in [*(child.process for child in self.children), self.guard]:
            if process:
                process.wait()

    # --- signals

    @contextlib.contextmanager
    def _signals(self) -> Iterator[socket.socket]:
        """Stop signals are counted; any signal, also a child's end, makes the yielded socket readable."""
        reading, writing = socket.socketpair()
        reading.setblocking(False)
        writing.setblocking(False)
        # What the caller ignores stays ignored: ``nohup`` and background jobs of a shell count on it.
        heard = [number for number in STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, self._stop) for number in heard}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        wakeup = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        try:
            yield reading
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)
            reading.close()
            writing.close()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stops += 1


def _signal_group(group: int, number: signal.Signals) -> None:
    if group:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, number)


def _sleep_until_signal(wakeups: socket.socket, seconds: float) -> None:
    if select.select([wakeups], [], [], seconds)[0]:
        with contextlib.suppress(BlockingIOError):
            wakeups.recv(4096)


def _tail(file: Path, lines: int = 15) -> str:
    return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])
