"""docker-compose.yml and Dockerfile have the form that the settings and a safe installation need."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import env

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = ["migrate", "web", "worker", "beat"]
REQUIRED = {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "TOUCHPOINT_SECRET_KEY", "TOUCHPOINT_HOSTS"}


def names_read() -> set[str]:
    """The environment variables that the settings and gunicorn's configuration read."""
    text = "".join((ROOT / "config" / name).read_text() for name in ("settings.py", "gunicorn.py"))
    return set(re.findall(r'env\.env_\w+\(\s*"([A-Z_]+)"', text)) | {"REDIS_URL"}


def interpolate(value: str, given: dict[str, str]) -> str:
    """What compose makes of ``${NAME:-default}`` and ``${NAME:?reason}``."""

    def fill(match: re.Match[str]) -> str:
        name, mark, rest = match.groups()
        if mark == ":?" and name not in given:
            raise LookupError(rest)
        return given.get(name, rest or "")

    return re.sub(r"\$\{([A-Z_]+)(:-|:\?)?([^}]*)\}", fill, value)


def test_it_has_the_five_parts_and_a_migration_that_the_others_wait_for() -> None:
    assert set(SERVICES) == {"migrate", "web", "worker", "beat", "postgres", "redis"}
    assert SERVICES["postgres"]["image"] == "postgres:15"
    assert SERVICES["redis"]["image"] == "redis:7"
    assert "migrate" in SERVICES["migrate"]["command"]
    for name in ("web", "worker", "beat"):
        waits = SERVICES[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
        assert waits["postgres"] == waits["redis"] == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", ["web", "worker", "beat", "postgres", "redis"])
def test_every_lasting_part_has_a_health_check_and_comes_back(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", OURS)
def test_every_variable_it_sets_is_one_that_the_settings_read(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= names_read()


@pytest.mark.parametrize("missing", sorted(REQUIRED))
def test_a_missing_secret_stops_the_start_with_a_reason(missing: str) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    given = dict.fromkeys(REQUIRED - {missing}, "x")

    with pytest.raises(LookupError, match=f"set {missing} to"):
        interpolate(text, given)


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    defaults = set(re.findall(r"\$\{([A-Z_]+):-", text))

    assert not [name for name in defaults if re.search("PASSWORD|SECRET|KEY", name)]


def test_the_settings_accept_what_it_gives_them() -> None:
    given = dict.fromkeys(REQUIRED, "secret")
    values = {key: interpolate(value, given) for key, value in SERVICES["web"]["environment"].items()}

    database = env.database_from_url(values["DATABASE_URL"], sqlite_file=Path("unused"))
    assert database["ENGINE"] == "django.db.backends.postgresql"
    postgres = SERVICES["postgres"]["environment"]
    assert (database["USER"], database["NAME"]) == (postgres["POSTGRES_USER"], postgres["POSTGRES_DB"])
    assert (database["HOST"], database["PASSWORD"]) == ("postgres", "secret")
    assert values["REDIS_URL"] == "redis://default:secret@redis:6379/0"
    assert values["TOUCHPOINT_TLS"] == "1"
    assert "127.0.0.1" in values["TOUCHPOINT_HOSTS"].split(",")  # as the health check asks


def test_data_lie_in_named_volumes_and_redis_appends_to_a_file() -> None:
    assert set(COMPOSE["volumes"]) == {"postgres", "redis"}
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql/data"]
    assert SERVICES["redis"]["volumes"] == ["redis:/data"]
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_only_the_web_server_is_published_and_only_to_this_machine() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]
    (published,) = SERVICES["web"]["ports"]
    assert interpolate(published, {}) == "127.0.0.1:8000:8000"


def test_one_beat_and_one_image() -> None:
    assert "deploy" not in SERVICES["beat"]
    assert {SERVICES[name]["image"] for name in OURS} == {"touchpoint:${TOUCHPOINT_TAG:-latest}"}


@pytest.mark.parametrize("name", OURS)
def test_our_containers_hold_no_more_rights_than_they_need(name: str) -> None:
    assert SERVICES[name]["read_only"] is True
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]


def test_the_image_runs_as_an_own_user_with_hashed_static_files() -> None:
    steps = re.findall(r"^([A-Z]+) ", DOCKERFILE, re.MULTILINE)
    assert re.search(r"^USER touchpoint$", DOCKERFILE, re.MULTILINE)
    assert steps.index("USER") < steps.index("CMD")
    assert "TOUCHPOINT_HASHED_STATIC=1" in DOCKERFILE
    assert "manage.py collectstatic" in DOCKERFILE
    assert "python:config.gunicorn" in DOCKERFILE


def test_secrets_data_and_history_stay_out_of_the_image() -> None:
    ignored = set((ROOT / ".dockerignore").read_text().split())
    assert {".git", ".venv", "var", ".env*", "*.sqlite3"} <= ignored
