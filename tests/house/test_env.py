"""Environment variables: what is accepted, and the sentence that refuses the rest."""

import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env

Variables = pytest.MonkeyPatch


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), (" Yes ", True), ("on", True), ("0", False), ("", False)]
)
def test_a_switch_reads_the_usual_words(monkeypatch: Variables, text: str, value: bool) -> None:
    monkeypatch.setenv("NAME", text)

    assert env.env_bool("NAME") is value


def test_a_switch_that_is_neither_is_refused_with_its_name_and_value(monkeypatch: Variables) -> None:
    monkeypatch.setenv("NAME", "maybe")

    with pytest.raises(ImproperlyConfigured, match=r"^NAME is 'maybe', but must be one of 1, 0, .*\.$"):
        env.env_bool("NAME")


@pytest.mark.parametrize("text", ["", "2.5", "ten", "-1", "11", "1e9"])
def test_a_number_outside_its_bounds_is_refused(monkeypatch: Variables, text: str) -> None:
    monkeypatch.setenv("NAME", text)

    with pytest.raises(ImproperlyConfigured, match=r"^NAME is .* but must"):
        env.env_int("NAME", 5, low=0, high=10)


def test_a_number_that_is_not_set_is_the_default(monkeypatch: Variables) -> None:
    monkeypatch.delenv("NAME", raising=False)

    assert env.env_int("NAME", 5, low=0, high=10) == 5


def test_a_list_drops_blanks(monkeypatch: Variables) -> None:
    monkeypatch.setenv("NAME", " a, ,b,")

    assert env.env_list("NAME") == ["a", "b"]


def test_a_word_that_is_not_offered_is_refused_with_what_is(monkeypatch: Variables) -> None:
    monkeypatch.setenv("NAME", "LOUD")

    with pytest.raises(ImproperlyConfigured, match=r"NAME is 'LOUD', but must be one of A, B\."):
        env.env_choice("NAME", "A", {"A", "B"})


def test_a_text_may_come_from_a_file(monkeypatch: Variables, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("NAME", "from the variable")
    monkeypatch.setenv("NAME_FILE", str(tmp_path / "secret"))

    assert env.env_str("NAME") == "from the file"


def test_a_file_that_cannot_be_read_is_named(monkeypatch: Variables, tmp_path: Path) -> None:
    monkeypatch.setenv("NAME_FILE", str(tmp_path / "gone"))

    with pytest.raises(ImproperlyConfigured, match=r"NAME_FILE names .*gone.*, which cannot be read"):
        env.env_str("NAME")


def test_a_postgresql_address_is_taken_apart(tmp_path: Path) -> None:
    url = "postgres://us%40er:p%2Fw@db.example.com:6000/crm?sslmode=verify-full"
    database = env.database_from_url(url, sqlite_file=tmp_path / "unused")

    parts = [database[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
    assert parts == ["us@er", "p/w", "db.example.com", 6000, "crm"]
    assert database["OPTIONS"]["sslmode"] == "verify-full"  # type: ignore[index]
    assert "statement_timeout" in database["OPTIONS"]["options"]  # type: ignore[index]


def test_without_an_address_the_database_is_sqlite_in_the_given_file(tmp_path: Path) -> None:
    database = env.database_from_url("", sqlite_file=tmp_path / "data.sqlite3")

    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["NAME"] == str(tmp_path / "data.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"  # type: ignore[index]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://host/name", "starts with 'mysql'"),
        ("just text", "must look like"),
        ("postgres://host", "names no database"),
        ("postgres://host:port/name", "port that is not a number"),
        ("sqlite://", "must look like"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(url: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=reason):
        env.database_from_url(url, sqlite_file=tmp_path / "unused")


@pytest.mark.parametrize("url", ["http://host", "localhost:6379", "redis"])
def test_a_broker_that_is_no_redis_is_refused(monkeypatch: Variables, url: str) -> None:
    monkeypatch.setenv("REDIS_URL", url)

    with pytest.raises(ImproperlyConfigured, match="REDIS_URL is not an address such as"):
        env.redis_url()


def test_a_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first = env.secret_from_file(tmp_path / "var" / "key", make=True)

    assert len(first) >= 50
    assert env.secret_from_file(tmp_path / "var" / "key", make=True) == first
    assert stat.S_IMODE((tmp_path / "var" / "key").stat().st_mode) == 0o600
    assert env.secret_from_file(tmp_path / "other", make=True) != first
