"""docs/operations.md says what is true: every variable, and commands that work as they stand."""

import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text()


def read_by_the_product() -> set[str]:
    """Every variable that the settings or gunicorn's configuration read."""
    text = "".join((ROOT / "config" / name).read_text() for name in ("settings.py", "gunicorn.py"))
    return set(re.findall(r'env\.env_\w+\(\s*"([A-Z_]+)"', text)) | {"REDIS_URL"}


def read_by_scripts() -> set[str]:
    """Every variable of ours that the commands in script/ read."""
    scripts = (ROOT / "script" / name for name in ("up", "test", "services", "venv.sh"))
    return set(re.findall(r"\b(TOUCHPOINT_[A-Z_]+)\b", "".join(path.read_text() for path in scripts)))


def commands(heading: str, number: int) -> str:
    """The ``number``-th block of shell commands below ``heading``."""
    section = TEXT.split(f"\n{heading}\n", 1)[1]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)[number]


def test_the_table_lists_exactly_the_variables_that_are_read() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", TEXT, re.MULTILINE))

    assert documented == read_by_the_product()


def test_variables_of_the_scripts_and_of_compose_are_named() -> None:
    compose = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))

    assert not {
        name for name in read_by_scripts() | compose if f"`{name}`" not in TEXT and f"{name}=" not in TEXT
    }


def test_the_proxy_sample_sets_the_headers_that_the_settings_believe() -> None:
    for header in ("X-Forwarded-Proto", "X-Forwarded-For", "Host"):
        assert re.search(rf"proxy_set_header {header}\s+\$", TEXT)


def test_backup_and_restore_of_sqlite_work_as_written(tmp_path: Path) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "var").mkdir()
    live = tmp_path / "var" / "touchpoint.sqlite3"
    writer = sqlite3.connect(live)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("CREATE TABLE customer (name TEXT)")
    writer.execute("INSERT INTO customer VALUES ('kept')")
    writer.commit()  # still in the -wal file, as while the product runs
    back_up, restore = commands("### SQLite", 0).split("# restore", 1)

    saved = subprocess.run(["sh", "-ec", back_up], cwd=tmp_path, capture_output=True, text=True, check=True)
    writer.execute("INSERT INTO customer VALUES ('lost')")
    writer.commit()
    writer.close()
    subprocess.run(["sh", "-ec", f"# restore{restore}"], cwd=tmp_path, check=True)

    assert saved.stdout.strip() == "ok"
    with sqlite3.connect(live) as restored:
        assert restored.execute("SELECT name FROM customer").fetchall() == [("kept",)]
    restored.close()


@pytest.mark.django_db
def test_backup_and_restore_of_postgresql_work_as_written(tmp_path: Path) -> None:
    from django.db import connection  # import here: the other tests of this file need no Django

    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: script/test --services")
    if not shutil.which("pg_dump"):
        pytest.skip("pg_dump is not installed here")
    given = connection.settings_dict
    environment = {
        "PATH": "/usr/bin:/bin",
        "PGHOST": given["HOST"],
        "PGPORT": str(given["PORT"]),
        "PGUSER": given["USER"],
        "PGPASSWORD": given["PASSWORD"],
        "DATABASE_URL": f"dbname={given['NAME']}",
    }
    # The text's file name carries a day; the restored database must not meet one of another process.
    target = f"touchpoint_restored_{given['NAME']}"
    text = (
        commands("### PostgreSQL", 0)
        .replace("$(date +%F)", "2026-05-01")
        .replace("touchpoint_restored", target)
    )

    try:
        subprocess.run(["sh", "-ec", text], cwd=tmp_path, env=environment, check=True)
        count = ["psql", "-Atc", "SELECT count(*) FROM django_migrations"]
        restored = subprocess.run(
            [*count, target], env=environment, capture_output=True, text=True, check=True
        )
    finally:
        subprocess.run(["dropdb", "--if-exists", target], env=environment, check=True)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        assert int(restored.stdout) == cursor.fetchone()[0] > 0
