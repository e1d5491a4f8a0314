"""Ends its process group once the process that started it is gone, however that one ended.

Runs as a program of its own, with nothing but the standard library. Its standard input is a pipe whose
other end only the supervisor holds, so end of file means that the supervisor no longer lives, ``kill -9``
included. All children of the supervisor share this process's group.
"""

import os
import signal
import sys
import time

SECONDS_TO_END = 3


def main() -> None:
    """Wait for the supervisor's end; then ask the group to end, and soon insist."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGTERM)
    time.sleep(SECONDS_TO_END)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
