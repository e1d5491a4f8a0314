"""The real orders of the demo, moved by whole weeks so that they end within the last seven days."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from core.dates import local_instant
from core.models import Source
from demo.names import Company, directory
from orders.importing import Plan, RetailFile, commit_retail, read_retail
from orders.importing.retail_file import RetailCustomer

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

    def newcomers(self, *, after: date, until: date) -> list[str]:
        """The numbers of customers first heard of after one day and until another, in the order of time."""
        return [one.number for one in self._by_time if after < one.first_at.date() <= until]

    @cached_property
    def _by_time(self) -> list[RetailCustomer]:
        return sorted(self.file.customers.values(), key=lambda one: (one.first_at, one.number))

    def first_heard(self, number: str) -> datetime:
        """When the customer's first order or return came in."""
        wall = self.file.customers[number].first_at
        return local_instant(wall.date(), wall.time(), self.zone)

    def import_past(self, *, until: date, now: datetime, step: Callable[[int, int], None]) -> None:
        """Write everything up to ``until`` in silence; ``step`` hears how many orders of how many are in."""
        plan = Plan(now=now, until=until)
        commit_retail(self.file, plan, progress=lambda stage, done, total: step(done, total))

    def import_day(self, day: date, *, now: datetime) -> None:
        """Write what came in on ``day``, and let CRM events see it."""
        if not self.file.between(day - DAY, day):
            return
        plan = Plan(now=now, after=day - DAY, until=day, fire_events=True, source=Source.DEMO)
        commit_retail(self.file, plan)
