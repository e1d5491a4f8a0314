"""``manage.py load_demo``: fill an empty installation with the demo."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.clock import database_now
from core.errors import Refused
from demo.load import is_loaded, load
from orders.importing.progress import ProgressBar


class Command(BaseCommand):
    """Loads people, a year of orders and thirteen weeks of work; started again, it goes on where it was."""

    help = "Load the demo into an empty database; takes up to a minute."

    def handle(self, **options: Any) -> None:
        """Load what is missing; show a progress bar on a terminal."""
        if is_loaded():
            self.stdout.write("The demo is loaded already.")
            return
        self.stdout.write("Loading the demo: real orders, invented people. This takes up to a minute.")
        self.stdout.flush()
        bar = ProgressBar(sys.stderr)
        try:
            load(
                sign_ins=settings.VAR_DIR / "demo-sign-ins.json",
                now=database_now(),
                step=lambda done, total: bar("Demo", done, total),
            )
        except Refused as error:
            raise CommandError(error.message) from error
        self.stdout.write("The demo is loaded.")
