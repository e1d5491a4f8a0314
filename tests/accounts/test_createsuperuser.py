"""The first administrator, from the command line."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from activity.models import Entry
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    values = {"EMAIL": "First@Example.com", "NAME": "First", "PASSWORD": PASSWORD}
    for name, value in values.items():
        monkeypatch.setenv(f"DJANGO_SUPERUSER_{name}", value)
    return monkeypatch


def check_first() -> None:
    user = User.objects.get()
    assert (user.email, user.name, user.is_superuser, user.is_staff) == (
        "first@example.com",
        "First",
        True,
        True,
    )
    assert [role.code for role in user.roles.all()] == ["administrator"]
    assert user.record_scope.covers_all("crm.change_customer")
    client = Client()
    assert (
        client.post("/accounts/login/", {"login": "first@example.com", "password": PASSWORD}).status_code
        == 302
    )
    assert client.get("/admin/accounts/user/").status_code == 200
    assert list(Entry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "user.created",
        "user.roles_changed",
    ]


def test_without_questions(environment: pytest.MonkeyPatch) -> None:
    call_command("createsuperuser", interactive=False, verbosity=0)
    check_first()


class Terminal(io.StringIO):
    """Somebody sits before it."""

    def isatty(self) -> bool:
        return True


def test_with_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["First@Example.com", "First"])
    passwords = iter(["short", "short", PASSWORD, PASSWORD])
    asked: list[str] = []

    def typed(prompt: str = "") -> str:
        asked.append(prompt)
        return "n" if "Bypass" in prompt else next(answers)

    monkeypatch.setattr("builtins.input", typed)
    monkeypatch.setattr("getpass.getpass", lambda prompt="": next(passwords))
    call_command("createsuperuser", stdin=Terminal(), stderr=io.StringIO(), verbosity=0)
    assert asked[:2] == ["E-mail: ", "Name: "]
    check_first()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PASSWORD", "short", "too short"),
        ("EMAIL", "nonsense", "valid email address"),
        ("NAME", "  ", "Enter a name"),
    ],
)
def test_what_is_refused_is_said_without_a_traceback(
    environment: Any, name: str, value: str, sentence: str
) -> None:
    environment.setenv(f"DJANGO_SUPERUSER_{name}", value)
    with pytest.raises(CommandError, match=sentence):
        call_command("createsuperuser", interactive=False, verbosity=0)
    assert not User.objects.exists()


def test_a_taken_email_is_refused(environment: Any) -> None:
    call_command("createsuperuser", interactive=False, verbosity=0)
    with pytest.raises(CommandError, match="already taken"):
        call_command("createsuperuser", interactive=False, verbosity=0)
    assert User.objects.count() == 1
