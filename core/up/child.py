"""One program below the supervisor: how it is started, how long it lives, when it starts again."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from core.up.address import Address

LONGEST_PAUSE = 30.0  # seconds between two starts of a program that keeps ending
STEADY = 60.0  # seconds of life after which earlier ends are forgotten
LARGEST_LOG = 10_000_000  # bytes; the log before is kept under the name NAME.log.1


@dataclass
class Child:
    """``command`` is run in the checkout, with ``environment``, and writes its messages to ``log``."""

    name: str
    command: list[str]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    ends: int = 0  # in a row, without a steady life between them
    starts_at: float = 0.0  # on the monotonic clock, in seconds
    started_at: float = 0.0

    @property
    def lives(self) -> bool:
        """Whether the program was started and has not been seen to end."""
        return self.process is not None

    @property
    def pid(self) -> int:
        """The program's process number; 0 while it does not run."""
        return self.process.pid if self.process else 0

    def start(self, group: int) -> None:
        """Start the program as a member of the process group ``group``."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  # our own command, nothing of it from outside
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=settings.BASE_DIR,
                pass_fds=self.pass_fds,
                process_group=group,
            )
        self.started_at = time.monotonic()

    def notice_end(self) -> str:
        """How the program ended, as a sentence, and the next start is set; empty while it lives."""
        if self.process is None or self.process.poll() is None:
            return ""
        now = time.monotonic()
        steady = now - self.started_at >= STEADY
        self.ends = 1 if steady else self.ends + 1
        pause = 0.0 if self.ends == 1 else min(LONGEST_PAUSE, 2.0 ** (self.ends - 2))
        self.starts_at = now + pause
        code = self.process.returncode
        self.process = None
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        when = f" It starts again in {pause:.0f} s." if pause else ""
        return f"The {self.name} ended {how}; its messages are in {shown(self.log)}.{when}"


def shown(path: Path) -> str:
    """The path as the user would type it: relative when it lies below where he is."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def environment(address: Address) -> dict[str, str]:
    """This process's environment; the address served is an allowed host unless hosts are set."""
    hosts = os.environ.get("TOUCHPOINT_HOSTS") or ",".join([*settings.ALLOWED_HOSTS, *address.names()])
    return {**os.environ, "TOUCHPOINT_HOSTS": hosts, "PYTHONUNBUFFERED": "1"}


def programs(var: Path, *, listener: int, environment: dict[str, str]) -> list[Child]:
    """Web, worker and beat. ``listener`` is the bound socket that the web server takes over."""
    logs = var / "log"
    celery = [sys.executable, "-m", "celery", "--app", "config", "--quiet"]
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn"]
    # Threads: the same everywhere, no children to lose, and an end within seconds.
    worker = ["worker", "--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle"]
    beat = ["beat", "--pidfile", ""]  # the run lock already keeps a second one away
    return [
        Child(
            name="web server",
            command=[*gunicorn, "--bind", f"fd://{listener}", "--graceful-timeout", "5"],
            log=logs / "web.log",
            environment=environment,
            pass_fds=(listener,),
        ),
        Child("worker", [*celery, *worker, "--loglevel", "INFO"], logs / "worker.log", environment),
        Child("beat", [*celery, *beat, "--loglevel", "INFO"], logs / "beat.log", environment),
    ]
