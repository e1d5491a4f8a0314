"""The engine under several processes that fail, die, repeat and race: at most once, atomic, complete."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Event as Pause
from typing import Any

import pytest

from tests.events.cluster.ground import Ground, copied, migrated

pytestmark = [pytest.mark.long, pytest.mark.e2e]
POINTS = [
    "engine.locked",
    "engine.run",
    "engine.detected",
    "engine.assigned",
    "engine.actions",
    "engine.released",
    "engine.finished",
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated and peopled database of the kind that the suite runs on."""
    with migrated(tmp_path_factory.mktemp("ground"), os.environ.get("DATABASE_URL", "")) as url:
        yield url


@pytest.fixture
def ground(base: str, tmp_path: Path) -> Iterator[Ground]:
    with copied(base, tmp_path) as made:
        yield made


def check_invariants(told: dict[str, Any]) -> None:
    """At most once; fired means exactly one follow-up; no follow-up without its occurrence."""
    assert told["occurrences"] == told["distinct"]
    assert told["fired"] == told["actions"]
    assert told["fired_without_action"] == told["actions_without_occurrence"] == 0


def outcome(process: Any) -> str:
    out, error = process.communicate(timeout=180)
    assert process.returncode == 0, error
    assert "database is locked" not in error
    assert "deadlock" not in error
    return str(out)


def test_many_processes_judge_while_orders_arrive(ground: Ground) -> None:
    judges = [ground.start("judge_days", seed, 10) for seed in range(4)]
    buyers = [ground.start("buy", seed, 15) for seed in (90, 91)]
    for process in [*judges, *buyers]:
        outcome(process)
    ground.ask("judge", "NOORDER60", 12)
    told = ground.ask("report")
    check_invariants(told)
    assert ground.ask("missing", 12) == []
    assert told["occurrences"] > 20


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_the_next_run_ends_in_the_same_state(
    ground: Ground, undisturbed: str, point: str
) -> None:
    killed = ground.run("judge", "NOORDER60", 2, fault=f"{point}=kill")
    assert killed.returncode == -9, killed.stderr
    half = ground.ask("report")
    assert (half["occurrences"], half["actions"]) == (0, 0)
    assert ground.ask("judge", "NOORDER60", 2) == ""
    told = ground.ask("report")
    check_invariants(told)
    assert told["digest"] == undisturbed


@pytest.fixture(scope="module")
def undisturbed(base: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The state after a run that nobody disturbed."""
    with copied(base, tmp_path_factory.mktemp("undisturbed")) as quiet:
        assert quiet.ask("judge", "NOORDER60", 2) == ""
        return str(quiet.ask("report")["digest"])


def test_journal_consumed_equals_committed(ground: Ground, tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    writers = [ground.start("tell", seed, 12) for seed in range(4)]
    consumers = [ground.start("consume", seed, stop) for seed in (50, 51)]
    committed = sorted(pk for writer in writers for pk in ids_of(outcome(writer)))
    stop.touch()
    for consumer in consumers:
        outcome(consumer)
    told = ground.ask("report")
    check_invariants(told)
    assert told["welcomed"] == committed
    assert (told["wakes"], told["dead"]) == (0, 0)


def ids_of(text: str) -> list[int]:
    found: list[int] = json.loads(text.splitlines()[-1])
    return found


def test_repeated_and_simultaneous_ticks_run_each_event_once(ground: Ground) -> None:
    beats = [ground.start("beat", 3) for _ in range(4)]
    ran = sum(int(outcome(process).splitlines()[-1]) for process in beats)
    told = ground.ask("report")
    check_invariants(told)
    assert told["runs"] == 1
    assert ran == 2  # NOORDER60 and the sweep of WELCOME, once each


def test_no_follow_up_after_deactivation_returned(ground: Ground, tmp_path: Path) -> None:
    barrier = tmp_path / "barrier"
    engine = ground.start("judge", "NOORDER60", 2, fault=f"engine.detected=wait:{barrier}")
    reached(tmp_path / "barrier.reached")
    off = ground.start("switch_off", "NOORDER60")
    if ground.is_postgresql:
        until(lambda: ground.ask("waiting_for_locks") == 1)  # it waits for the running evaluation
    assert off.poll() is None
    barrier.touch()
    outcome(engine)
    outcome(off)
    before = ground.ask("report")
    assert before["status"] == "draft"
    assert ground.ask("judge", "NOORDER60", 3) == "The event is off."
    after = ground.ask("report")
    assert after["actions"] == before["actions"]
    check_invariants(after)


def reached(file: Path) -> None:
    until(file.exists)


def until(true: Any) -> None:
    """Wait for another process, as long as it takes within two minutes."""
    pause = Pause()
    for _ in range(2400):
        if true():
            return
        pause.wait(0.05)
    raise AssertionError("The other process never got there.")
