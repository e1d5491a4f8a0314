"""The real orders of the demo, moved by whole weeks so that they end within the last seven days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from core.dates import local_instant
from core.models import Source
from demo.names import Company, directory
from orders.importing import Plan, RetailFile, commit_retail, read_retail

FILE = Path(__file__).resolve().parent / "data" / "online_retail_subset.csv.gz"
# The first and the last day in the file, as it was written.
FIRST_DAY, LAST_DAY = date(2010, 12, 1), date(2011, 12, 9)
DAY = timedelta(days=1)


def weeks_until(today: date) -> int:
    """By how many weeks the orders are moved to end one to seven days before ``today``."""
    return (today - DAY - LAST_DAY).days // 7


def weeks_since(first_day: date) -> int:
    """By how many weeks they were moved when the first of them stands on ``first_day``."""
    return (first_day - FIRST_DAY).days // 7


@dataclass(frozen=True)
class Trade:
    """The orders of the file, moved by ``weeks``; days and times are those of ``zone``."""

    weeks: int
    zone: ZoneInfo

    @property
    def first_day(self) -> date:
        """The first day on which something was ordered."""
        return FIRST_DAY + timedelta(weeks=self.weeks)

    @property
    def last_day(self) -> date:
        """The last day on which something was ordered."""
        return LAST_DAY + timedelta(weeks=self.weeks)

    @cached_property
    def file(self) -> RetailFile:
        """The checked file with moved days."""
        return read_retail(FILE, shift=timedelta(weeks=self.weeks))

    @cached_property
    def companies(self) -> dict[str, Company]:
        """The invented companies by customer number."""
        return directory({number: customer.country for number, customer in self.file.customers.items()})

    @cached_property
    def order_days(self) -> dict[str, list[date]]:
        """Customer number to the days on which he orders, ascending."""
        found: dict[str, list[date]] = {number: [] for number in self.file.customers}
        for invoice, day in zip(self.file.invoices, self.file.days, strict=True):
            if not invoice.returned:
                found[invoice.customer].append(day)
        return {number: sorted(set(days)) for number, days in found.items()}

    @cached_property
    def newcomers(self) -> dict[date, list[str]]:
        """By day the numbers of customers whose first order or return it brings, in the order of time."""
        found: dict[date, list[str]] = {}
        for customer in sorted(self.file.customers.values(), key=lambda one: (one.first_at, one.number)):
            found.setdefault(customer.first_at.date(), []).append(customer.number)
        return found

    def first_heard(self, number: str) -> datetime:
        """When the customer's first order or return came in."""
        wall = self.file.customers[number].first_at
        return local_instant(wall.date(), wall.time(), self.zone)

    def import_past(self, *, until: date, now: datetime) -> Iterable[tuple[int, int]]:
        """Write everything up to ``until``, in silence, week by week; yields (weeks done, of how many)."""
        total = -(-((until - self.first_day).days + 1) // 7)
        for week in range(1, total + 1):
            end = min(self.first_day + timedelta(weeks=week) - DAY, until)
            start = self.first_day + timedelta(weeks=week - 1) - DAY
            commit_retail(self.file, Plan(now=now, after=start, until=end))
            yield week, total

    def import_day(self, day: date, *, now: datetime) -> None:
        """Write what came in on ``day``, and let CRM events see it."""
        plan = Plan(now=now, after=day - DAY, until=day, fire_events=True, source=Source.DEMO)
        commit_retail(self.file, plan)
