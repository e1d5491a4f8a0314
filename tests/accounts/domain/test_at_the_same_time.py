"""Two people at the same moment: what each alone may do must not add up to what nobody may."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.domain.absence import add_absence
from accounts.domain.team import change_team
from accounts.domain.user import suspend
from accounts.models import Absence, Team, User
from core.errors import Refused
from tests.factories import NOW, TeamFactory, UserFactory, day

Deed = Callable[[], Any]


def together(first: Deed, second: Deed) -> list[str]:
    """Do ``first``, and ``second`` while the transaction of ``first`` is still open; what was refused.

    The first transaction stays open until the second deed has ended, or for as long as it shows that the
    second one waits; a second deed that does not wait therefore never sees what the first one did.
    """
    refused: list[str] = []
    is_inside, is_done = threading.Event(), threading.Event()

    def begin() -> None:
        with transaction.atomic():
            attempt(first)
            is_inside.set()
            is_done.wait(timeout=2)

    def follow() -> None:
        is_inside.wait()
        attempt(second)
        is_done.set()

    def attempt(deed: Deed) -> None:
        try:
            deed()
        except Refused as error:
            refused.append(error.message)

    def run(part: Callable[[], None]) -> None:
        try:
            part()
        finally:
            is_inside.set()
            connection.close()

    threads = [threading.Thread(target=run, args=[part]) for part in (begin, follow)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


@pytest.mark.django_db(transaction=True)
def test_two_absences_on_the_same_days() -> None:
    user = UserFactory()

    def enter() -> Any:
        return add_absence(user=user, starts_on=day("2026-12-01"), ends_on=None, by=None, now=NOW)

    assert len(together(enter, enter)) == 1
    assert Absence.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_administrators_suspend_each_other() -> None:
    one, two = UserFactory(roles=["administrator"]), UserFactory(roles=["administrator"])
    refused = together(
        lambda: suspend(user=two, by=one, now=NOW), lambda: suspend(user=one, by=None, now=NOW)
    )
    assert len(refused) == 1
    assert User.objects.get(suspended_at=None) == one


@pytest.mark.django_db(transaction=True)
def test_two_teams_are_put_under_each_other() -> None:
    one, two = TeamFactory(), TeamFactory()

    def under(team: Team, parent: Team) -> Deed:
        fields = {"name": team.name, "lead": None, "members": [], "by": None, "now": NOW}
        return lambda: change_team(team=team, parent=parent, **fields)

    assert len(together(under(one, two), under(two, one))) == 1
    assert Team.objects.filter(parent=None).count() == 1
