"""What every benchmark needs: Django, the machine in words, and the CPU time of Python and database."""

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, process_time

ROOT = Path(__file__).resolve().parent.parent


def start() -> None:
    """Set Django up on the database that ``DATABASE_URL`` names (default: SQLite in ``TOUCHPOINT_VAR``)."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("TOUCHPOINT_LOG", "ERROR")
    import django  # import here: settings must be named first

    django.setup()


def machine() -> str:
    """Processors, load, Python and database, in one line."""
    from django.db import connection  # import here: Django is set up by start()

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version")
            database = f"PostgreSQL {cursor.fetchone()[0].split()[0]}"
        else:
            cursor.execute("SELECT sqlite_version()")
            database = f"SQLite {cursor.fetchone()[0]}"
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}, {database}"


@dataclass
class Cost:
    """CPU milliseconds of this process and of the database's server process, and wall milliseconds."""

    python: float = 0.0
    database: float = 0.0
    wall: float = 0.0

    @property
    def cpu(self) -> float:
        """Both together: what the machine had to do."""
        return self.python + self.database


class Meter:
    """``with Meter() as cost``: what the block cost. SQLite works in this process and counts as Python."""

    def __enter__(self) -> Cost:
        self.cost = Cost()
        self.pid = _server_process()
        self.before = (process_time(), _cpu_of(self.pid), monotonic())
        return self.cost

    def __exit__(self, *_: object) -> None:
        python, database, wall = self.before
        self.cost.python = (process_time() - python) * 1000
        self.cost.database = (_cpu_of(self.pid) - database) * 1000
        self.cost.wall = (monotonic() - wall) * 1000


def _server_process() -> int:
    """The PostgreSQL process of this connection, when it runs on this machine; else 0."""
    from django.db import connection  # import here: Django is set up by start()

    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = int(cursor.fetchone()[0])
    return pid if Path(f"/proc/{pid}/stat").exists() else 0


def _cpu_of(pid: int) -> float:
    """Seconds that a process has had a processor; where the kernel does not say, in steps of a hundredth.

    What PostgreSQL's parallel workers do is theirs, and not counted.
    """
    if not pid:
        return 0.0
    exact = Path(f"/proc/{pid}/schedstat")
    if exact.exists():
        return int(exact.read_text(encoding="ascii").split()[0]) / 1e9
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
