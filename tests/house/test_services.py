"""The throw-away PostgreSQL and Redis of script/services, started for real."""

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not (list(Path("/usr/lib/postgresql").glob("1[5-9]/bin")) or shutil.which("postgres"))
        or not shutil.which("redis-server"),
        reason="PostgreSQL 15 and Redis are not installed here, and a test does not install them",
    ),
]

Services = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Run script/services with a state folder below the test's scratch folder; stopped at the end."""
    used: set[str] = set()

    def run(*arguments: str, state: str = "one") -> "subprocess.CompletedProcess[str]":
        used.add(state)
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "TOUCHPOINT_SERVICES_DIR": str(tmp_path / state),
        }
        command = [str(ROOT / "script" / "services"), *arguments]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    yield run
    for state in used:
        assert run("stop", state=state).returncode == 0


def addresses(started: "subprocess.CompletedProcess[str]") -> tuple[str, str]:
    """The two URLs, from a successful start."""
    assert started.returncode == 0, started.stderr
    lines = dict(line.split("=", 1) for line in started.stdout.splitlines())
    assert list(lines) == ["DATABASE_URL", "REDIS_URL"]
    return lines["DATABASE_URL"], lines["REDIS_URL"]


def listens(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(url).port or 0)) == 0


def test_both_answer_and_a_second_start_finds_them(services: Services) -> None:
    database, redis = addresses(services())

    with psycopg2.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        assert int(cursor.fetchone()[0]) >= 150000
        cursor.execute("SHOW listen_addresses")
        assert cursor.fetchone()[0] == "127.0.0.1"
    connection.close()
    with Redis.from_url(redis) as client:
        assert client.ping()
    assert addresses(services()) == (database, redis)


def test_strangers_on_this_machine_are_not_let_in(services: Services) -> None:
    database, redis = addresses(services())

    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(
            urlsplit(database)._replace(netloc=f"touchpoint:x@127.0.0.1:{urlsplit(database).port}").geturl()
        )
    with Redis(port=urlsplit(redis).port or 0) as client, pytest.raises(AuthenticationError):
        client.ping()


def test_stop_ends_exactly_its_own_pair_and_removes_its_data(services: Services, tmp_path: Path) -> None:
    mine = addresses(services())
    others = addresses(services(state="two"))
    scratch = Path((tmp_path / "one" / "scratch").read_text().strip())
    assert scratch.is_dir()

    assert services("stop").returncode == 0

    assert not any(listens(url) for url in mine)
    assert all(listens(url) for url in others)
    assert not scratch.exists()
    assert not (tmp_path / "one").exists()


def test_stop_without_a_start_does_nothing(services: Services) -> None:
    result = services("stop")

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_pair_that_lost_one_is_replaced_whole(services: Services) -> None:
    database, redis = addresses(services())
    with Redis.from_url(redis) as client:
        client.shutdown(nosave=True)

    again = addresses(services())

    assert all(listens(url) for url in again)
    assert not listens(database)


def test_an_unknown_word_is_refused(services: Services) -> None:
    result = services("restart")

    assert result.returncode == 1
    assert "Usage: script/services [start | stop]" in result.stderr
