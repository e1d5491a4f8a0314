"""manage.py import_orders: orders from a file of another system."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.clock import database_now
from core.dates import parse_day
from core.errors import Refused
from orders.importing import BrokenFile, Plan, import_retail
from orders.importing.progress import ProgressBar


def day(text: str) -> date:
    """A date of the command line."""
    try:
        return parse_day(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


class Command(BaseCommand):
    """Import orders from a file.

    The whole file is checked first and nothing is written when anything is wrong with it. Then the
    orders are written in batches; run again after an interruption, the import goes on where it stopped,
    and the same file a second time changes nothing.
    """

    help = "Import orders from a file, checked as a whole before anything is written."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file, CSV or CSV packed with gzip")
        parser.add_argument(
            "--format", required=True, choices=["retail-csv"], help="how the file is laid out"
        )
        parser.add_argument("--until", type=day, metavar="DAY", help="only orders placed up to this day")
        parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
        parser.add_argument(
            "--fire-events", action="store_true", help="let CRM events react to the new customers and orders"
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = Plan(
            now=database_now(),
            until=options["until"],
            fire_events=options["fire_events"],
            dry_run=options["dry_run"],
        )
        try:
            report = import_retail(options["file"], plan, progress=ProgressBar(sys.stderr))
        except BrokenFile as broken:
            if options["json"]:
                self._print_json({"problems": [problem._asdict() for problem in broken.problems]})
            raise CommandError(f"Nothing was imported.\n{broken}") from broken
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        if options["json"]:
            self._print_json(report.as_json())
        else:
            self.stdout.write(report.as_text())

    def _print_json(self, content: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(content, indent=2))
