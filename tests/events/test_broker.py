"""The broker only carries "look now": messages may repeat, race or be lost, and work is done once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.db import transaction

from core.tasks import wake
from tests.events.cluster.ground import ROOT, Ground, copied, migrated
from tests.events.world import day

TODAY = day("2026-03-02")


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    with (
        migrated(tmp_path, os.environ.get("DATABASE_URL", "")) as base,
        copied(base, tmp_path) as made,
    ):
        yield made


@pytest.mark.e2e
def test_commit_succeeds_while_the_broker_is_down_and_the_next_tick_finds_the_work(ground: Ground) -> None:
    nothing_listens_there = {"REDIS_URL": "redis://127.0.0.1:1/0", "TOUCHPOINT_LOG": "WARNING"}
    done = ground.run("greet", extra=nothing_listens_there)
    assert done.returncode == 0, done.stderr
    assert "The broker did not take events.tick" in done.stderr
    assert ground.ask("report")["wakes"] == 1
    ground.ask("beat", 1)
    told = ground.ask("report")
    assert (told["wakes"], len(told["welcomed"])) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_one_message_per_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **_: sent.append(name))
    with transaction.atomic():
        wake("events.tick")
        wake("events.tick")
        assert sent == []
    assert sent == ["events.tick"]


@pytest.mark.e2e
def test_message_delivered_five_times_to_a_real_worker(ground: Ground) -> None:
    """A real Celery worker on the suite's broker; the nightly work of today runs once."""
    environment = ground.environment()
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "config", "worker", "-P", "threads", "-c", "4", "-l", "INFO"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    ground.started.append(worker)
    send = "from config.celery import app\nfor _ in range(5): app.send_task('events.tick')"
    subprocess.run([sys.executable, "-c", send], cwd=ROOT, env=environment, check=True, timeout=60)
    assert worker.stdout is not None
    done = 0
    while done < 5:
        line = worker.stdout.readline()
        assert line, "The worker ended."
        done += "succeeded" in line
    worker.terminate()
    worker.communicate(timeout=60)
    told = ground.ask("report")
    assert told["occurrences"] == told["distinct"] == told["fired"] + told["held"]
    assert told["runs"] == 1
