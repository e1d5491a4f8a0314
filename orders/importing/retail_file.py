"""A retail file in memory: small whole numbers in arrays, each text once.

A row costs 28 bytes, so that a file whose invoices are not in one piece can be grouped over its whole
length: the year of 541,909 rows takes some 40 MB.
"""

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import NamedTuple


class RetailLine(NamedTuple):
    """One row of an invoice; ``price`` and ``total`` are whole numbers of 1/10,000 of the currency unit."""

    code: str
    text: str
    quantity: int
    price: int

    @property
    def total(self) -> int:
        """Quantity times price, half up to the hundredth of the unit."""
        return (self.quantity * self.price + 50) // 100 * 100


class Invoice(NamedTuple):
    """One invoice: ``placed_at`` is local time without a zone, the earliest of its rows.

    ``place`` counts the invoices by their first appearance in the file.
    """

    place: int
    number: str
    returned: bool
    customer: str
    placed_at: datetime


@dataclass
class RetailCustomer:
    """A customer of the file, with the country of his first row by time and every country he has."""

    number: str
    country: str
    first_at: datetime
    countries: set[str]


class Texts:
    """Texts by number, each kept once."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self.numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The number of ``text``, given at its first appearance."""
        found = self.numbers.setdefault(text, len(self.all))
        if found == len(self.all):
            self.all.append(text)
        return found


@dataclass
class RetailFile:
    """What a checked file holds. ``rows`` counts its rows by what they are; they sum to its length."""

    rows: Counter[str] = field(default_factory=Counter)
    customers: dict[str, RetailCustomer] = field(default_factory=dict)
    invoices: list[Invoice] = field(default_factory=list)  # by time once sealed
    codes: Texts = field(default_factory=Texts)
    texts: Texts = field(default_factory=Texts)
    line_invoice: "array[int]" = field(default_factory=lambda: array("I"))
    line_code: "array[int]" = field(default_factory=lambda: array("I"))
    line_text: "array[int]" = field(default_factory=lambda: array("I"))
    line_quantity: "array[int]" = field(default_factory=lambda: array("I"))
    line_price: "array[int]" = field(default_factory=lambda: array("q"))
    days: list[date] = field(default_factory=list)  # of the invoices, one each, ascending
    item_names: list[str] = field(default_factory=list)  # by the number of the code
    _grouped: "array[int]" = field(default_factory=lambda: array("I"))
    _starts: "array[int]" = field(default_factory=lambda: array("I"))

    def add_line(self, invoice: int, code: int, text: int, quantity: int, price: int) -> None:
        """Append one row of the invoice numbered ``invoice``."""
        self.line_invoice.append(invoice)
        self.line_code.append(code)
        self.line_text.append(text)
        self.line_quantity.append(quantity)
        self.line_price.append(price)

    def seal(self) -> None:
        """After the last row: group the rows by invoice, sort the invoices by time, name the items."""
        self._group()
        self.invoices.sort(key=lambda invoice: (invoice.placed_at, invoice.place))
        self.days = [invoice.placed_at.date() for invoice in self.invoices]
        self.item_names = [""] * len(self.codes.all)
        best: dict[int, tuple[int, int]] = {}
        for (code, text), count in Counter(zip(self.line_code, self.line_text, strict=True)).items():
            if self.texts.all[text]:  # of equally frequent ones, the one that comes first in the file
                best[code] = max(best.get(code, (0, 0)), (count, -text))
        for code, (_, text) in best.items():
            self.item_names[code] = self.texts.all[-text]

    def _group(self) -> None:
        counts = Counter(self.line_invoice)
        starts, position = array("I"), 0
        for index in range(len(self.invoices) + 1):
            starts.append(position)
            position += counts.get(index, 0)
        self._starts, following = starts, array("I", starts)
        self._grouped = array("I", [0]) * len(self.line_invoice)
        for line, index in enumerate(self.line_invoice):
            self._grouped[following[index]] = line
            following[index] += 1

    @property
    def last_day(self) -> date | None:
        """The day of the last invoice."""
        return self.days[-1] if self.days else None

    def between(self, after: date | None, until: date | None) -> list[Invoice]:
        """The invoices placed after the day ``after`` and not after ``until``, by time."""
        low = 0 if after is None else bisect_right(self.days, after)
        high = len(self.days) if until is None else bisect_right(self.days, until)
        return self.invoices[low:high]

    def line_count(self, invoice: Invoice) -> int:
        """How many rows the invoice has."""
        return self._starts[invoice.place + 1] - self._starts[invoice.place]

    def lines(self, invoice: Invoice) -> Iterator[RetailLine]:
        """The rows of the invoice, in the order of the file."""
        codes, texts = self.codes.all, self.texts.all
        for position in range(self._starts[invoice.place], self._starts[invoice.place + 1]):
            line = self._grouped[position]
            yield RetailLine(
                codes[self.line_code[line]],
                texts[self.line_text[line]],
                self.line_quantity[line],
                self.line_price[line],
            )

    def content_hash(self, invoice: Invoice) -> str:
        """Identifies what the invoice says: customer, time and rows."""
        digest = sha256(f"{invoice.customer}\n{invoice.placed_at.isoformat()}\n".encode())
        for line in self.lines(invoice):
            digest.update(f"{line.code}\t{line.text}\t{line.quantity}\t{line.price}\n".encode())
        return digest.hexdigest()

    def item_name(self, code: str) -> str:
        """The most frequent description of the item."""
        return self.item_names[self.codes.numbers[code]]
