"""One ``up`` for each ``var`` folder."""

import fcntl
import os
import time
from pathlib import Path

from core.errors import Refused

# A supervisor that was killed leaves its guard, which ends the children and holds the lock until then.
SECONDS_FOR_LEFTOVERS = 10


class RunLock:
    """Held while Touchpoint runs; the file says which process holds it, and at which address.

    The lock is the kernel's (``flock``), so it ends with its holders and never goes stale. ``fd`` may be
    handed to a child, which then holds it too.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.fd = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)

    def take(self, address: str) -> None:
        """Take the lock or raise :class:`Refused`, naming who has it."""
        deadline = time.monotonic() + SECONDS_FOR_LEFTOVERS
        while not self._try():
            holder, where = self._holder()
            if _lives(holder):
                raise Refused(
                    f"Touchpoint already runs with this data at {where} (process {holder})."
                    f" Stop that one first, or set TOUCHPOINT_VAR to another folder than {self.file.parent}."
                )
            if time.monotonic() > deadline:
                raise Refused(f"Processes of an earlier run still use {self.file.parent}. End them first.")
            time.sleep(0.2)
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, f"{os.getpid()} {address}\n".encode(), 0)

    def _try(self) -> bool:
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> tuple[int, str]:
        """Process number and address in the file; 0 when the holder has not written it yet."""
        number, _, where = os.pread(self.fd, 300, 0).decode(errors="replace").strip().partition(" ")
        return (int(number), where) if number.isdigit() else (0, "")

    def release(self) -> None:
        """Give the lock up; a child that has ``fd`` keeps it until its end."""
        os.close(self.fd)


def _lives(number: int) -> bool:
    if not number:
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's process
    return True
