"""What an import did, in numbers that sum to the rows of the file."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

MOST_NUMBERS = 50  # order numbers that a report lists; the counts are always complete


@dataclass
class Report:
    """The outcome of one import.

    ``rows`` counts the rows of the file by what became of them: *imported*, *unchanged* (the order was
    there with the same content), *conflicting* (it was there with another content, and stays),
    *outside* (placed on a day that was not asked for), *without customer* and *corrections*. These sum
    to ``rows_read``. ``content`` counts them by what they are: *sales*, *returns*, *without customer*,
    *corrections*; the same sum.
    """

    rows_read: int
    content: Counter[str]
    dry_run: bool = False
    until: date | None = None
    rows: Counter[str] = field(default_factory=Counter)
    orders: Counter[str] = field(default_factory=Counter)  # sales, returns, unchanged, conflicting, outside
    new_customers: int = 0
    new_items: int = 0
    conflicts: list[str] = field(default_factory=list)  # order numbers
    two_countries: list[str] = field(default_factory=list)  # customer numbers
    first_day: date | None = None
    last_day: date | None = None
    rolled_on: date | None = None

    def as_json(self) -> dict[str, Any]:
        """The report as JSON carries it."""
        return {
            "dry_run": self.dry_run,
            "until": self.until and self.until.isoformat(),
            "first_day": self.first_day and self.first_day.isoformat(),
            "last_day": self.last_day and self.last_day.isoformat(),
            "rolled_on": self.rolled_on and self.rolled_on.isoformat(),
            "rows_read": self.rows_read,
            "rows": dict(self.rows),
            "content": dict(self.content),
            "orders": dict(self.orders),
            "new_customers": self.new_customers,
            "new_items": self.new_items,
            "conflicts": self.conflicts[:MOST_NUMBERS],
            "customers_with_two_countries": self.two_countries,
        }

    def as_text(self) -> str:
        """The report in lines for a person."""
        would = "would be " if self.dry_run else ""
        lines = [f"{self.rows_read:,} rows read:"]
        lines += [f"  {count:>9,} {name}" for name, count in self.content.items()]
        lines.append("What became of them:")
        lines += [f"  {count:>9,} {name}" for name, count in self.rows.items()]
        lines.append(
            f"{self.orders['sales']:,} sales and {self.orders['returns']:,} returns {would}imported,"
            f" with {self.new_customers:,} new customers and {self.new_items:,} new items."
        )
        if self.orders["unchanged"]:
            lines.append(f"{self.orders['unchanged']:,} orders were there already.")
        if self.conflicts:
            shown = ", ".join(self.conflicts[:MOST_NUMBERS])
            lines.append(f"{len(self.conflicts):,} orders are there with another content and stay: {shown}.")
        if self.two_countries:
            shown = ", ".join(self.two_countries)
            lines.append(f"Customers with more than one country, the first by time is kept: {shown}.")
        if self.rolled_on:
            lines.append(f"The customer facts stand at {self.rolled_on:%d %b %Y}.")
        return "\n".join(lines)
