"""The loaded demo: once for all tests of this folder, in one transaction that is taken back at the end."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from core import faults
from core.clock import database_now
from demo.load import load


@dataclass(frozen=True)
class Loaded:
    """What the loader was called with, and what it said of its progress."""

    now: datetime
    sign_ins: Path
    steps: list[tuple[int, int]] = field(default_factory=list)


class Stopped(Exception):
    """The loader is stopped here, as a kill would between two transactions."""


@pytest.fixture(scope="package")
def demo(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    """The demo, loaded with three interruptions; tests only read it."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = Loaded(database_now(), tmp_path_factory.mktemp("demo") / "sign-ins.json")
        for places in (0.1, 0.6):
            with pytest.raises(Stopped):
                load(sign_ins=found.sign_ins, now=found.now, step=_stop_at(places))
        with pytest.raises(faults.FaultInjected):
            _load_with_fault("engine.actions=raise", found)
        load(sign_ins=found.sign_ins, now=found.now, step=lambda *step: found.steps.append(step))
        yield found
        transaction.set_rollback(True)


def _stop_at(share: float) -> Callable[[int, int], None]:
    def step(done: int, total: int) -> None:
        if done >= share * total:
            raise Stopped

    return step


def _load_with_fault(plan: str, found: Loaded) -> None:
    """In the middle of a day: nothing of that day may stay."""
    faults._reached.clear()
    os.environ[faults.ENVIRONMENT] = plan
    try:
        load(sign_ins=found.sign_ins, now=found.now, step=lambda done, total: None)
    finally:
        del os.environ[faults.ENVIRONMENT]
