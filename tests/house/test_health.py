"""/healthz, /readyz and ``manage.py ready``."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from core.clock import database_now
from events.models import Heartbeat

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def beating(db: None) -> Heartbeat:
    """An engine that looked for work just now."""
    return Heartbeat.objects.update_or_create(pk=1, defaults={"at": database_now()})[0]


def test_healthz_answers_without_a_database_and_without_sign_in(client: Client) -> None:
    response = client.get("/healthz")  # this test may not use the database

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


def test_readyz_is_ready_when_everything_answers(client: Client, beating: Heartbeat) -> None:
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"status": "ready", "reasons": []})


def test_an_old_heartbeat_is_a_reason(client: Client, beating: Heartbeat) -> None:
    Heartbeat.objects.update(at=database_now() - timedelta(hours=1))

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["status"] == "not ready"
    (reason,) = response.json()["reasons"]
    assert reason.startswith("The event engine last ran at")
    assert reason.endswith(".")


def test_a_heartbeat_that_never_was_is_a_reason(client: Client, db: None) -> None:
    Heartbeat.objects.all().delete()

    assert client.get("/readyz").status_code == 503


def test_a_broker_folder_that_is_gone_is_a_reason(
    client: Client, beating: Heartbeat, settings: object, tmp_path: Path
) -> None:
    settings.REDIS_URL = ""  # type: ignore[attr-defined]
    settings.BROKER_DIR = tmp_path / "gone"  # type: ignore[attr-defined]

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["reasons"] == ["The broker's folder cannot be written."]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_checks_are_read_only_and_pass_without_tls(
    client: Client, settings: object, path: str, db: None
) -> None:
    settings.SECURE_SSL_REDIRECT = True  # type: ignore[attr-defined]

    assert client.get(path).status_code in {200, 503}  # not 301: probes come past the proxy
    assert client.post(path).status_code == 405


def ask(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """``manage.py ready`` with other surroundings."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    environment = {
        **kept,
        "TOUCHPOINT_VAR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        **variables,
    }
    command = [sys.executable, "manage.py", "ready"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_database_that_does_not_answer_is_the_reason(tmp_path: Path) -> None:
    result = ask(tmp_path, DATABASE_URL="postgres://a:b@127.0.0.1:1/c")

    assert result.returncode == 1
    assert result.stderr.strip() == "CommandError: The database does not answer."


def test_a_database_without_tables_is_the_reason(tmp_path: Path) -> None:
    result = ask(tmp_path)

    assert result.returncode == 1
    assert "The database's tables are not up to date." in result.stderr


def test_a_redis_that_does_not_answer_is_a_reason(tmp_path: Path) -> None:
    environment = {**os.environ, "TOUCHPOINT_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    environment["REDIS_URL"] = "redis://127.0.0.1:1/0"
    command = [
        sys.executable,
        "-c",
        "import config; from core.tasks import broker_fault; print(broker_fault())",
    ]

    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "The broker does not answer."
