"""``manage.py ready``: what /readyz answers, for places without HTTP such as a container's check."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.health import faults


class Command(BaseCommand):
    """Asks database, broker and heartbeat."""

    help = "Say whether database, broker and heartbeat are in order; exit code 1 and the reasons when not."
    requires_system_checks: list[str] = []  # asked often, and about the surroundings only

    def handle(self, **options: Any) -> None:
        """Print "Ready." or fail with the reasons."""
        if reasons := faults():
            raise CommandError(" ".join(reasons))
        self.stdout.write("Ready.")
