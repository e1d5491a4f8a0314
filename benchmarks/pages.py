"""What the main pages cost: CPU of Python and database, statements and kilobytes, for a rep and a manager.

::

    python -m benchmarks.pages --json pages.json

needs a database filled by :mod:`benchmarks.generate`. The pages are asked for in this process, through all
middleware; figures are medians of fifteen requests after a first one that warms caches up.
"""

import json
import logging
from argparse import ArgumentParser
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.generate import no_time_limit
from benchmarks.setup import Meter, machine

from django.db import connection  # isort: skip
from django.test import Client  # isort: skip

from accounts.models import User
from core.clock import database_now
from crm.models import Action, Customer
from events.domain.heartbeat import beat
from events.models import Event
from orders.models import SalesOrder

TIMES = 15


@dataclass
class Page:
    """The median cost of one page for one user."""

    name: str
    who: str
    cpu_ms: float
    statements: int
    kilobytes: float

    def line(self) -> str:
        """For the screen."""
        return (
            f"{self.name:<34} {self.who:<8} {self.cpu_ms:>8.1f} ms {self.statements:>3} SQL"
            f" {self.kilobytes:>6.1f} KB"
        )


class Statements:
    """Counts the statements of a block."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


def asked(client: Client, name: str, who: str, address: str) -> Page | None:
    """Ask for ``address`` often enough for a median; None where the user may not go."""
    costs, counts = [], []
    response = client.get(address)
    if response.status_code != HTTPStatus.OK:
        return None
    for _ in range(TIMES):
        statements = Statements()
        with Meter() as cost, connection.execute_wrapper(statements):  # the meter asks too
            response = client.get(address)
        costs.append(cost.cpu)
        counts.append(statements.count)
    size = len(response.content) / 1024
    return Page(name, who, median(costs), round(median(counts)), size)


def addresses() -> list[tuple[str, str]]:
    """Name and address of each page, with the busiest customer and one with few orders."""
    busiest, quiet = Customer.objects.earliest("pk"), Customer.objects.latest("pk")
    event = Event.objects.get(code="NOORDER60")
    return [
        ("My day", "/"),
        ("Follow-ups", "/followups/"),
        ("Follow-ups of everybody", "/followups/?whose=all"),
        ("Customers, 25 rows", "/customers/"),
        ("Customers, 50 rows", "/customers/?rows=50"),
        ("Customers, from the end", "/customers/?sort=-name"),
        ("Customers, text search", "/customers/?q=granite+4711"),
        ("Customer, quiet", f"/customers/{quiet.pk}/"),
        ("Customer, busiest", f"/customers/{busiest.pk}/"),
        ("Contacts", "/contacts/"),
        ("Orders", "/orders/"),
        ("Order", f"/orders/{SalesOrder.objects.latest('pk').pk}/"),
        ("Follow-up", f"/followups/{Action.objects.earliest('pk').pk}/"),
        ("Events", "/events/"),
        ("Event, preview of activation", f"/events/{event.pk}/activate/"),
        ("Status", "/status/"),
        ("Override", f"/override/?from={User.objects.get(email='sales_rep0@bench.example').pk}"),
    ]


def main() -> None:
    """Measure, print a table, and write it as JSON when asked."""
    parser = ArgumentParser(description="What the main pages cost.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    no_time_limit()
    logging.getLogger("django.request").setLevel(logging.ERROR)  # that a rep is refused is no news here
    beat(now=database_now(), took_ms=1)
    print(
        machine(), f"{Customer.objects.count():,} customers, {Action.objects.count():,} follow-ups", sep="\n"
    )
    pages = []
    for who, email in (("manager", "sales_manager101@bench.example"), ("rep", "sales_rep0@bench.example")):
        client = Client()
        client.force_login(User.objects.get(email=email))
        for name, address in addresses():
            page = asked(client, name, who, address)
            if page is not None:
                pages.append(page)
                print(page.line(), flush=True)
    if options.json:
        options.json.write_text(json.dumps([vars(page) for page in pages], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
