"""Databases for tests with several processes: migrated once, copied for each test, dropped after it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

ROOT = Path(__file__).resolve().parents[3]
ACTOR = "tests.events.cluster.actor"


class Ground:
    """One database and the processes that work on it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.started: list[subprocess.Popen[str]] = []

    @property
    def is_postgresql(self) -> bool:
        """Whether the database is PostgreSQL."""
        return not self.url.startswith("sqlite")

    def environment(self, fault: str = "") -> dict[str, str]:
        """The environment of a process on this database."""
        own = {"DATABASE_URL": self.url, "TOUCHPOINT_VAR": str(self.folder), "TOUCHPOINT_LOG": "ERROR"}
        return {**os.environ, **own, "TOUCHPOINT_FAULT": fault, "DJANGO_SETTINGS_MODULE": "config.settings"}

    def start(
        self, deed: str, *args: object, fault: str = "", extra: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[str]":
        """Start an actor; it is ended with the test if it still runs."""
        command = [sys.executable, "-m", ACTOR, deed, *(str(arg) for arg in args)]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**self.environment(fault), **(extra or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def run(
        self, deed: str, *args: object, fault: str = "", extra: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run an actor to its end, however it ends."""
        process = self.start(deed, *args, fault=fault, extra=extra)
        out, error = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, error)

    def ask(self, deed: str, *args: object) -> Any:
        """Run an actor that must succeed; its answer."""
        done = self.run(deed, *args)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def end(self) -> None:
        """End what still runs."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=30)


@contextmanager
def migrated(folder: Path, own_url: str, *, deed: str = "prepare") -> Iterator[str]:
    """The URL of a migrated database that is only copied: beside ``own_url`` on PostgreSQL, else a file.

    The actor's ``deed`` migrates it: ``prepare`` fills it too, ``migrate`` leaves it empty.
    """
    url = _sibling(own_url, f"ground_{os.getpid()}") if own_url else f"sqlite:///{folder / 'base.sqlite3'}"
    if own_url:
        _create(url)
    ground = Ground(url, folder)
    try:
        ground.ask(deed)
        yield url
    finally:
        ground.end()
        if own_url:
            _drop(url)


@contextmanager
def copied(base: str, folder: Path) -> Iterator[Ground]:
    """A copy of the migrated database for one test."""
    if base.startswith("sqlite"):
        file = folder / "copy.sqlite3"
        shutil.copy(base.removeprefix("sqlite:///"), file)
        ground = Ground(f"sqlite:///{file}", folder)
    else:
        ground = Ground(_sibling(base, f"copy_{os.getpid()}"), folder)
        _create(ground.url, template=urlsplit(base).path.lstrip("/"))
    try:
        yield ground
    finally:
        ground.end()
        if ground.is_postgresql:
            _drop(ground.url)


def _sibling(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _execute(url: str, statement: str) -> None:
    connection = psycopg2.connect(_sibling(url, "postgres"))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


def _create(url: str, template: str = "template1") -> None:
    _drop(url)
    _execute(url, f'CREATE DATABASE "{urlsplit(url).path.lstrip("/")}" TEMPLATE "{template}"')


def _drop(url: str) -> None:
    _execute(url, f'DROP DATABASE IF EXISTS "{urlsplit(url).path.lstrip("/")}" WITH (FORCE)')
