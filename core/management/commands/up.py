"""``manage.py up``: run the whole product on this machine."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from core.errors import Refused
from core.up.address import WILDCARDS, Address
from core.up.child import environment, programs, shown
from core.up.lock import RunLock
from core.up.supervisor import NeverAnswered, Supervisor


class Command(BaseCommand):
    """Prepares the database, loads the demo on the first start, and runs web, worker and beat."""

    help = "Prepare the database, load the demo on the first start, and serve until Ctrl-C or SIGTERM."
    requires_system_checks: list[str] = []  # migrate and the programs check; here it would cost a second

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to serve, and whether to start empty."""
        parser.add_argument("--port", type=_port, default=8000, help="default 8000")
        parser.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1: this machine only")
        parser.add_argument("--no-demo", action="store_true", help="start empty instead of with the demo")

    def handle(self, *, port: int, host: str, no_demo: bool, **options: Any) -> None:
        """Serve until told to stop."""
        address = Address(host, port)
        lock = RunLock(settings.VAR_DIR / "up.lock")
        try:
            lock.take(address.url)
            listener = address.bind()
            self.prepare(no_demo=no_demo)
            children = programs(
                settings.VAR_DIR, listener=listener.fileno(), environment=environment(address)
            )
            supervisor = Supervisor(children, address, say=self.say, lock_fd=lock.fd)
            supervisor.run(lambda: self.say(self.welcome(address)))
        except (Refused, NeverAnswered) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:  # while preparing; later the supervisor hears it
            raise CommandError("Stopped before the start; start again to go on.", returncode=130) from None
        finally:
            lock.release()
        self.say("Touchpoint has ended.")

    def prepare(self, *, no_demo: bool) -> None:
        """Bring the tables up to date and, on the first start, load the demo."""
        self.say("Preparing the database.")
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except OperationalError as error:
            raise Refused(f"The database cannot be used: {str(error).strip()}") from error
        started = settings.VAR_DIR / "demo-started"
        if no_demo or (_has_users() and not started.exists()):
            return
        # The mark outlives a kill in the middle; the loader then goes on where it was.
        started.touch()
        call_command("load_demo", stdout=self.stdout, stderr=self.stderr)
        started.unlink()

    def welcome(self, address: Address) -> str:
        """Where Touchpoint is, and who can sign in."""
        lines = [f"Touchpoint is ready: {address.url}"]
        if address.host in WILDCARDS:
            lines += [f"Other machines find it as {' or '.join(address.names())}, port {address.port}."]
        sign_ins = settings.VAR_DIR / "demo-sign-ins.json"
        if not _has_users():
            lines += ["It holds no user yet. Make the first administrator with:"]
            lines += [f"  {shown(Path(sys.executable))} manage.py createsuperuser"]
        elif sign_ins.exists():
            lines += ["Demo users:", *_table(json.loads(sign_ins.read_text(encoding="utf-8")))]
        return "\n".join([*lines, f"Logs are in {shown(settings.VAR_DIR / 'log')}. Ctrl-C ends Touchpoint."])

    def say(self, text: str) -> None:
        """Print at once, also into a pipe."""
        self.stdout.write(text)
        self.stdout.flush()


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise ArgumentTypeError(f"{text} is not a port: a whole number from 1 to 65535.")


def _has_users() -> bool:
    return get_user_model()._default_manager.exists()


def _table(rows: list[dict[str, str]]) -> list[str]:
    """Role, address and password of each demo user, in columns."""
    cells = [(row["role"], row["email"], row["password"]) for row in rows]
    role, email = (max((len(row[column]) for row in cells), default=0) for column in (0, 1))
    return [f"  {row[0]:<{role}}  {row[1]:<{email}}  {row[2]}" for row in cells]
