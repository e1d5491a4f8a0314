"""Named points at which tests stop, kill or delay a process.

``TOUCHPOINT_FAULT`` holds ``point=deed`` pairs parted by commas; without it every point does nothing.
Deeds: ``kill`` ends the process as ``kill -9`` does; ``raise`` raises :class:`FaultInjected`;
``wait:FILE`` creates ``FILE.reached`` and waits until ``FILE`` exists. ``point@3=kill`` means the third time.
"""

import os
import signal
import threading
from collections import Counter
from pathlib import Path

ENVIRONMENT = "TOUCHPOINT_FAULT"
_reached: Counter[str] = Counter()


class FaultInjected(RuntimeError):
    """A test asked for this failure."""


def point(name: str) -> None:
    """Pass the point ``name``; costs one dictionary look-up when no fault is asked for."""
    plan = os.environ.get(ENVIRONMENT)
    if not plan:
        return
    _reached[name] += 1
    for step in plan.split(","):
        where, _, deed = step.partition("=")
        wanted, _, count = where.partition("@")
        if wanted == name and _reached[name] == int(count or 1):
            _do(name, deed)


def _do(name: str, deed: str) -> None:
    if deed == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if deed == "raise":
        raise FaultInjected(name)
    if deed.startswith("wait:"):
        barrier = Path(deed.removeprefix("wait:"))
        barrier.with_name(barrier.name + ".reached").touch()
        pause = threading.Event()
        while not barrier.exists():
            pause.wait(0.02)
