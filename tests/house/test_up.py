"""The two commands for real: script/up on a free port with data of its own."""

import http.client
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from tests.house.running import ROOT, Running, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes in /proc"),
]

# What reaches the product from outside; the test's own settings must not.
INHERITED = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Data of its own: a scratch ``var`` and, where the suite runs on PostgreSQL, a database of its own."""
    given = {**INHERITED, "TOUCHPOINT_VAR": str(tmp_path / "var"), "TOUCHPOINT_VENV": sys.prefix}
    if "DATABASE_URL" not in os.environ:
        yield given
        return
    name = f"up_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    server = psycopg2.connect(os.environ["DATABASE_URL"])
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    given["DATABASE_URL"] = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    if "REDIS_URL" in os.environ:
        given["REDIS_URL"] = os.environ["REDIS_URL"]
    yield given
    with server.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    server.close()


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes(environment: dict[str, str], word: str = "", parent: int = 0) -> list[int]:
    """Living processes of this environment with ``word`` in their command line, below ``parent`` if given."""
    mark = f"TOUCHPOINT_VAR={environment['TOUCHPOINT_VAR']}\0".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark not in (folder / "environ").read_bytes() or word not in (folder / "cmdline").read_text():
                continue
            above = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it ended meanwhile
        if not parent or above == parent:
            found.append(int(folder.name))
    return found


@pytest.fixture
def launch(environment: dict[str, str], port: int) -> Iterator[Callable[[], Running]]:
    """Start script/up on the port; whatever still runs at the end of the test is ended."""
    launched: list[Running] = []

    def start() -> Running:
        command = [str(ROOT / "script" / "up"), "--no-demo", "--port", str(port)]
        launched.append(Running(command, env=environment))
        return launched[-1]

    yield start
    for each in launched:
        each.process.send_signal(signal.SIGTERM)
        each.ended()
    until(lambda: not processes(environment), "all processes end")


def refused(environment: dict[str, str], port: int) -> tuple[int, str]:
    """Exit code and words of a start that is not to succeed."""
    command = [str(ROOT / "script" / "up"), "--no-demo", "--port", str(port)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return result.returncode, result.stdout + result.stderr


def get(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_it_serves_restarts_what_dies_and_leaves_nothing(
    launch: Callable[[], Running], environment: dict[str, str], port: int, tmp_path: Path
) -> None:
    first = launch()
    assert first.said("ready") == f"Touchpoint is ready: http://127.0.0.1:{port}"
    assert "manage.py createsuperuser" in first.said("createsuperuser")
    assert get(port, "/healthz") == 200
    assert stat.S_IMODE(Path(environment["TOUCHPOINT_VAR"]).stat().st_mode) == 0o700  # for its owner only

    # A second one with the same data, and one with other data on the same port.
    code, words = refused(environment, port)
    assert code == 1
    assert f"already runs with this data at http://127.0.0.1:{port}" in words
    code, words = refused({**environment, "TOUCHPOINT_VAR": str(tmp_path / "other")}, port)
    assert code == 1
    assert f"Port {port} of 127.0.0.1 is taken by another program. Choose another with --port." in words
    assert "Traceback" not in words
    assert not (tmp_path / "other" / "touchpoint.sqlite3").exists()  # refused before any work

    # Killed children come back; a request in between waits and is answered.
    for name, word in (("worker", "worker"), ("beat", "beat"), ("web server", "gunicorn")):
        (program,) = processes(environment, word, parent=first.process.pid)
        os.kill(program, signal.SIGKILL)
        assert first.said(f"The {name} ended").startswith(f"The {name} ended by signal 9")
        first.said(f"The {name} runs again")
    assert get(port, "/healthz") == 200

    # Beat, broker and worker do their part: the heartbeat arrives.
    until(lambda: get(port, "/readyz") == 200, "/readyz says ready after the first heartbeat")

    # SIGTERM ends all of it; the data stay, and the second start has nothing to prepare.
    first.process.send_signal(signal.SIGTERM)
    first.said("Touchpoint has ended.")
    assert first.ended() == 0
    assert not processes(environment)
    make_administrator(environment)
    second = launch()
    second.said("Touchpoint is ready")
    assert "Logs are in" in second.said("")  # no word about a first administrator: there is one

    # kill -9 of the supervisor leaves nothing either.
    second.process.kill()
    until(lambda: not processes(environment), "the guard ends the programs of a killed supervisor")
    assert second.ended() == -signal.SIGKILL


def make_administrator(environment: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "createsuperuser", "--noinput", "--email", "first@example.com"]
    extra = {"DJANGO_SUPERUSER_PASSWORD": "correct horse battery", "DJANGO_SUPERUSER_NAME": "First"}
    subprocess.run(command, cwd=ROOT, env={**environment, **extra}, check=True, timeout=60)


def test_a_database_that_cannot_be_reached_is_said_in_a_sentence(
    environment: dict[str, str], port: int
) -> None:
    code, words = refused({**environment, "DATABASE_URL": f"postgres://a:b@127.0.0.1:{port}/c"}, port)

    assert code == 1
    assert "The database cannot be used:" in words
    assert "Traceback" not in words


@pytest.mark.parametrize("wrong", ["0", "65536", "http", "٣"])
def test_a_wrong_port_is_refused_in_a_sentence(environment: dict[str, str], wrong: str) -> None:
    command = [str(ROOT / "script" / "up"), "--port", wrong]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert result.returncode == 2
    assert f"{wrong} is not a port: a whole number from 1 to 65535." in result.stderr
