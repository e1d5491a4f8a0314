"""Typed readers of environment variables.

Each reader refuses a bad value with a sentence that names the variable, the value and what would be
accepted, so that a wrong deployment stops at start instead of misbehaving later.
"""

import os
from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def env_str(name: str, default: str = "") -> str:
    """The variable's text, or ``default`` when it is not set. ``NAME_FILE`` may name a file instead."""
    if file_name := os.environ.get(f"{name}_FILE"):
        try:
            return Path(file_name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE names {file_name!r}, which cannot be read: {error.strerror}."
            ) from error
    return os.environ.get(name, default)


def env_bool(name: str, default: bool = False) -> bool:
    """``1/true/yes/on`` or ``0/false/no/off``; anything else is refused."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    value = raw.strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {raw!r}, but must be one of 1, 0, true, false, yes, no, on, off.")


def env_int(name: str, default: int, *, low: int, high: int) -> int:
    """A whole number between ``low`` and ``high``, both included."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    try:
        value = int(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {raw!r}, but must be a whole number.") from error
    if not low <= value <= high:
        raise ImproperlyConfigured(f"{name} is {value}, but must lie between {low} and {high}.")
    return value


def env_list(name: str, default: list[str] | None = None) -> list[str]:
    """Comma-separated texts, blanks dropped."""
    raw = os.environ.get(name)
    if raw is None:
        return list(default or [])
    return [part.strip() for part in raw.split(",") if part.strip()]


def env_choice(name: str, default: str, choices: set[str]) -> str:
    """One of ``choices``."""
    value = os.environ.get(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}, but must be one of {', '.join(sorted(choices))}.")
    return value


def database_from_url(url: str, *, sqlite_file: Path) -> dict[str, object]:
    """Django's ``DATABASES["default"]`` from ``DATABASE_URL``; empty means SQLite in ``sqlite_file``.

    Accepted: ``postgres://user:password@host:port/name?options`` and ``sqlite:///absolute/file``.
    """
    if not url:
        return _sqlite(sqlite_file)
    parts = urlsplit(url)
    if parts.scheme in {"postgres", "postgresql"}:
        return _postgresql(url)
    if parts.scheme == "sqlite" and parts.path.strip("/"):
        return _sqlite(Path(unquote(parts.path)))
    raise ImproperlyConfigured(
        f"DATABASE_URL starts with {parts.scheme!r}, but must look like"
        " postgres://user:password@host:5432/name or sqlite:///folder/file.sqlite3."
    )


def _sqlite(file: Path) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": {
            # IMMEDIATE takes the write lock at BEGIN: a deferred transaction that reads and then
            # writes fails at once under concurrency, whatever the timeout.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;",
        },
    }


def _postgresql(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ImproperlyConfigured("DATABASE_URL names no database: add /name at its end.")
    try:
        port = parts.port or 5432
    except ValueError as error:
        raise ImproperlyConfigured("DATABASE_URL has a port that is not a number.") from error
    timeouts = "-c statement_timeout=15s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
    # Compiling a statement takes longer than running ours: 700 ms before 20 ms of work was seen.
    options = f"{timeouts} -c jit=off"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": port,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": options, "connect_timeout": 5, **dict(parse_qsl(parts.query))},
    }


def redis_url(name: str = "REDIS_URL") -> str:
    """The broker's address, or empty for the filesystem broker."""
    value = env_str(name)
    if value and urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured(f"{name} is not an address such as redis://host:6379/0.")
    return value


def secret_from_file(file: Path, *, make: bool) -> str:
    """The secret in ``file``; made once, readable by its owner only, when ``make`` is true."""
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        if not make:
            raise
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was faster; its secret is as good
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(token_urlsafe(50))
    return file.read_text(encoding="ascii").strip()
