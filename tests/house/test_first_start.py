"""When ``manage.py up`` loads the demo, and what it says when it is ready."""

import json
import socket
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from core.management.commands import up
from core.up.address import Address
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def var(tmp_path: Path, settings: Any) -> Path:
    """An empty data folder."""
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The management commands that a start asks for; they are noted instead of run."""
    names: list[str] = []
    monkeypatch.setattr(up, "call_command", lambda name, **options: names.append(name))
    return names


def prepare(*, no_demo: bool = False) -> None:
    up.Command(stdout=StringIO()).prepare(no_demo=no_demo)


def test_the_first_start_loads_the_demo_after_the_tables(var: Path, asked: list[str]) -> None:
    prepare()

    assert asked == ["migrate", "load_demo"]


def test_later_starts_load_nothing(var: Path, asked: list[str]) -> None:
    UserFactory()

    prepare()

    assert asked == ["migrate"]


def test_without_demo_it_stays_empty(var: Path, asked: list[str]) -> None:
    prepare(no_demo=True)

    assert asked == ["migrate"]


def test_a_demo_that_was_cut_off_is_completed_by_the_next_start(
    var: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    def cut_off(name: str, **options: object) -> None:
        if name == "load_demo":
            UserFactory()  # what the loader had already written
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(up, "call_command", cut_off)
        with pytest.raises(KeyboardInterrupt):
            prepare()

    prepare()
    assert asked == ["migrate", "load_demo"]
    prepare()
    assert asked == ["migrate", "load_demo", "migrate"]


def welcome() -> str:
    return up.Command(stdout=StringIO()).welcome(Address("127.0.0.1", 8000))


def test_an_empty_installation_says_how_to_make_the_first_administrator(var: Path) -> None:
    assert "manage.py createsuperuser" in welcome()


def test_the_demo_sign_ins_are_printed_at_each_start(var: Path) -> None:
    UserFactory()
    row = {"name": "Ann Lee", "email": "ann@example.com", "role": "Sales rep", "password": "made-up words"}
    (var / "demo-sign-ins.json").write_text(json.dumps([row]))

    text = welcome()

    assert "http://127.0.0.1:8000" in text
    assert "Sales rep  ann@example.com  made-up words" in text
    assert "createsuperuser" not in text


def test_an_installation_with_users_of_its_own_shows_no_password(var: Path) -> None:
    UserFactory()

    assert "Demo users" not in welcome()
    assert "createsuperuser" not in welcome()


def test_a_server_for_other_machines_says_how_they_find_it(var: Path) -> None:
    text = up.Command(stdout=StringIO()).welcome(Address("0.0.0.0", 8000))

    assert f"Other machines find it as {' or '.join(Address('0.0.0.0', 8000).names())}, port 8000." in text
    assert socket.gethostname() in text
    assert "Other machines" not in welcome()
