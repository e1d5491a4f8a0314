"""The supervisor of ``manage.py up``: programs come back when they die, and none outlives it."""

import http.client
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house.running import PATIENCE, Running


class Run(Running):
    """A supervisor in a process of its own, and what its programs report through a pipe."""

    def __init__(self, scratch: Path, *programs: str) -> None:
        reading, writing = os.pipe()
        self.reports = os.fdopen(reading, "rb", buffering=0)
        self.port = free_port()
        arguments = [str(scratch), str(self.port), str(writing), *programs]
        super().__init__([sys.executable, "-m", "tests.house.supervised", *arguments], pass_fds=[writing])
        os.close(writing)

    def started(self, *names: str) -> dict[str, int]:
        """Process numbers of the programs in ``names``, once each has reported its start."""
        found: dict[str, int] = {}
        while set(names) - found.keys():
            assert select.select([self.reports], [], [], PATIENCE)[0], f"only {found} started"
            for line in os.read(self.reports.fileno(), 4096).decode().splitlines():
                name, _, number = line.partition(" ")
                found[name] = int(number)
        return found

    def nothing_left(self, patience: float = PATIENCE) -> bool:
        """Wait until every process that holds the pipe is gone; with 0, whether they are gone now."""
        while select.select([self.reports], [], [], patience)[0]:
            if not os.read(self.reports.fileno(), 4096):
                return True
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(*programs: str) -> Run:
        runs.append(Run(tmp_path, *programs))
        return runs[-1]

    yield start
    for each in runs:
        each.process.send_signal(signal.SIGTERM)
        each.process.send_signal(signal.SIGINT)
        each.ended()
        each.nothing_left()
        each.reports.close()


def test_a_killed_program_is_started_again(run: Callable[..., Run]) -> None:
    supervisor = run("web", "plain")
    supervisor.said("ready")
    first = supervisor.started("web", "grandchild", "plain")

    os.kill(first["plain"], signal.SIGKILL)

    assert "ended by signal 9" in supervisor.said("The plain ended")
    second = supervisor.started("plain")
    assert second["plain"] != first["plain"]
    assert supervisor.said("The plain runs again") == f"The plain runs again (process {second['plain']})."


def test_a_program_that_keeps_dying_starts_later_each_time(run: Callable[..., Run]) -> None:
    supervisor = run("web", "crashing")

    assert "starts again in 1 s" in supervisor.said("starts again in")
    assert "starts again in 2 s" in supervisor.said("starts again in")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_signal_ends_everything(run: Callable[..., Run], number: signal.Signals) -> None:
    supervisor = run("web", "plain")
    supervisor.said("ready")

    supervisor.process.send_signal(number)

    supervisor.said("ended")
    assert supervisor.ended() == 0
    assert supervisor.nothing_left()


def test_programs_and_grandchildren_that_ignore_the_request_are_killed(run: Callable[..., Run]) -> None:
    supervisor = run("web", "deaf")
    supervisor.said("ready")
    supervisor.started("web", "grandchild", "deaf")

    supervisor.process.send_signal(signal.SIGTERM)
    supervisor.process.send_signal(signal.SIGINT)  # the second request does not wait

    supervisor.said("do not end by themselves")
    assert supervisor.ended() == 0
    assert supervisor.nothing_left()


def test_a_killed_supervisor_leaves_nothing_behind(run: Callable[..., Run]) -> None:
    supervisor = run("web", "deaf", "plain")
    supervisor.said("ready")
    supervisor.started("web", "grandchild", "deaf", "plain")

    supervisor.process.kill()

    assert supervisor.nothing_left()


def test_a_run_right_after_a_killed_one_waits_for_its_leftovers(run: Callable[..., Run]) -> None:
    first = run("web", "deaf")
    first.said("ready")
    first.process.kill()
    first.process.wait()

    second = run("web", "plain")

    second.said("ready")
    assert first.nothing_left(patience=0)


def test_a_killed_guard_is_replaced_and_still_guards(run: Callable[..., Run]) -> None:
    supervisor = run("web", "plain")
    supervisor.said("ready")
    first = supervisor.started("web", "grandchild", "plain")
    guard = os.getpgid(first["plain"])

    os.kill(guard, signal.SIGKILL)
    # The supervisor replaces the guard before anything else, so this restart comes after it.
    os.kill(first["plain"], signal.SIGKILL)
    second = supervisor.started("plain")

    assert os.getpgid(second["plain"]) == os.getpgid(first["web"]) == guard
    supervisor.process.kill()
    assert supervisor.nothing_left()


def test_a_web_server_that_never_starts_ends_the_run_with_its_messages(run: Callable[..., Run]) -> None:
    supervisor = run("crashing", "plain")

    supervisor.said("The web server does not start")
    supervisor.said("it broke")
    assert supervisor.ended() == 1
    assert supervisor.nothing_left()


def test_requests_wait_while_the_web_server_starts_again(run: Callable[..., Run]) -> None:
    supervisor = run("web")
    supervisor.said("ready")
    first = supervisor.started("web", "grandchild")

    os.kill(first["grandchild"], signal.SIGKILL)
    connection = http.client.HTTPConnection("127.0.0.1", supervisor.port, timeout=PATIENCE)
    connection.request("GET", "/LICENSE")

    # Answered by the second server: the first one's process is gone.
    assert connection.getresponse().status == 200
    connection.close()
    assert supervisor.started("grandchild")["grandchild"] != first["grandchild"]
