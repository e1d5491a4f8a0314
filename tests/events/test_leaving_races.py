"""An account is closed while work is given to it: the work is seen, or goes to somebody else."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection

from accounts.domain.user import deactivate
from accounts.models import User
from core.errors import Refused
from core.sql import is_postgresql
from crm.domain import action as action_module
from crm.models import Action
from events.domain import activation
from events.domain import override as override_module
from events.engine import release as release_module
from tests.events.rerouting import reroute, work_of
from tests.events.world import customer, day, night, organise, pass_night, settle, switch_on
from tests.factories import NOW, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _two_writers() -> None:
    if not is_postgresql():
        pytest.skip("On SQLite one transaction writes at a time.")


@pytest.fixture
def boss() -> User:
    organise()
    UserFactory(roles=["administrator"])  # another one, so that the first may be anything
    user: User = UserFactory(roles=["administrator"])
    return user


@contextmanager
def meanwhile(act: Callable[[], Any]) -> Iterator[list[Any]]:
    """``begin()`` lets another connection do ``act`` and goes on when it is done or waits for a lock."""
    done: list[Any] = []

    def run() -> None:
        try:
            done.append(act())
        except (Refused, OperationalError) as error:
            done.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    state: list[Any] = [thread, done]
    yield state
    thread.join(60)
    assert not thread.is_alive()


def begin(state: list[Any]) -> None:
    """Start the other one; back when he has finished or waits for a lock."""
    thread, _ = state
    thread.start()
    while thread.is_alive():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        thread.join(0.05)


def test_the_night_gives_nothing_to_an_account_that_is_being_closed(
    boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rep: User = UserFactory(roles=["sales_rep"])
    customer(rep, "2026-01-10")
    settle(day("2026-03-01"))
    event = switch_on("NOORDER60", on=day("2026-03-01"))
    with meanwhile(lambda: deactivate(user=rep, by=boss, now=NOW)) as other:
        monkeypatch.setattr(release_module, "point", lambda name: name == "engine.assigned" and begin(other))
        assert pass_night(event, day("2026-03-11")).released.fired == 1
    assert "1 open follow-up" in other[1][0].message
    assert User.objects.get(pk=rep.pk).is_active


def test_nothing_is_handed_over_to_an_account_that_is_being_closed(
    boss: User, ann: User, bo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, check = work_of(ann)[0], action_module.check_receiver
    with meanwhile(lambda: deactivate(user=bo, by=boss, now=NOW)) as other:

        def checked(*args: Any, **how: Any) -> None:
            check(*args, **how)
            begin(other)

        monkeypatch.setattr(action_module, "check_receiver", checked)
        action_module.hand_over_action(row, to=bo, reason="holiday", by=ann, now=NOW)
    assert Action.objects.get().assignee == bo
    assert User.objects.get(pk=bo.pk).is_active


def test_nothing_is_rerouted_to_an_account_that_is_being_closed(
    boss: User, ann: User, bo: User, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, reassign = work_of(ann, 2), override_module.reassign_many
    with meanwhile(lambda: deactivate(user=bo, by=boss, now=NOW)) as other:

        def reassigned(*args: Any, **how: Any) -> set[int]:
            begin(other)
            return reassign(*args, **how)

        monkeypatch.setattr(override_module, "reassign_many", reassigned)
        reroute(rows, bo, by=manager)
    assert Action.objects.filter(assignee=bo).count() == 2
    assert User.objects.get(pk=bo.pk).is_active


def test_pausing_beside_a_long_evaluation_says_so(boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    customer(UserFactory(roles=["sales_rep"]), "2026-01-10")
    settle(day("2026-03-01"))
    event = switch_on("NOORDER60", on=day("2026-03-01"))

    def pause() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '200ms'")
        activation.pause(event, reason="fair", by=None, now=night(day("2026-03-11")))

    with meanwhile(pause) as other:

        def wait(name: str) -> None:
            if name == "engine.assigned":
                begin(other)
                other[0].join(60)

        monkeypatch.setattr(release_module, "point", wait)
        pass_night(event, day("2026-03-11"))
    assert other[1][0].message == activation.BUSY
