"""The retail format: one row per invoice line of a wholesaler, checked from the first to the last.

The rules: rows belong to one invoice when they bear the same number, wherever they stand in the file. A
number of digits is a sale, with a leading C a return, with a leading A an accounting correction, which
is no order. Rows without a customer are counted and left out. Doubled rows, prices of zero and charges
such as postage stay. Item codes are upper case. An invoice is placed at the earliest time of its rows;
a customer's country is that of his first row by time.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from core.dates import EARLIEST, LATEST
from core.money import parse_decimal, to_minor
from core.text import clean_text
from orders.importing.problems import MOST_PROBLEMS, BrokenFile, Problem
from orders.importing.reading import Record, Source, opened, records
from orders.importing.retail_file import Invoice, RetailCustomer, RetailFile

HEADER = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
INVOICE, CODE, TEXT, QUANTITY, PLACED, PRICE, CUSTOMER, COUNTRY = range(len(HEADER))
MOST_ROWS = 2_000_000  # what fits into the memory that an import may use
LARGEST_LINE = 10**12  # in 1/10,000: the sum of as many lines still fits into the database's integers
STEP = 5_000  # rows between two signs of progress

NUMBER = re.compile(r"([AC]?)[0-9]{1,12}")
WHOLE = re.compile(r"-?[0-9]{1,9}")
CUSTOMER_NUMBER = re.compile(r"[0-9]{1,10}")

Value = TypeVar("Value")
Progress = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """Report no progress."""


def read_retail(
    path: Path, *, latest: date = LATEST, shift: timedelta = timedelta(0), progress: Progress = silent
) -> RetailFile:
    """Read and check the whole file; nothing is written.

    Rows dated after ``latest`` are faults. ``shift`` moves all times, to let old data play in the
    present. Raises ``BrokenFile`` with the faults and their places, at most twenty.
    """
    with opened(path) as source:
        return _Reader(latest, shift).read(source, progress)


class _Cell(Exception):
    """A fault in the column with this number."""

    def __init__(self, column: int, text: str) -> None:
        super().__init__(text)
        self.column = column


class _Column(dict[str, Value]):
    """The values of a column by their text: each text is checked once."""

    def __init__(self, column: int, check: Callable[[str], Value]) -> None:
        super().__init__()
        self.column, self.check = column, check

    def __missing__(self, text: str) -> Value:
        try:
            value = self.check(text)
        except ValueError as error:
            raise _Cell(self.column, str(error)) from error
        self[text] = value
        return value


class _Reader:
    """Takes rows one by one into a :class:`RetailFile`."""

    def __init__(self, latest: date, shift: timedelta) -> None:
        self.file = RetailFile()
        self.latest, self.shift = latest, shift
        self.problems: list[Problem] = []
        self.invoices: dict[str, Invoice] = {}
        self.first_lines: list[int] = []
        self.prefixes = _Column(INVOICE, self._prefix)
        self.times = _Column(PLACED, self._time)
        self.quantities = _Column(QUANTITY, _whole)
        self.prices = _Column(PRICE, _price)
        self.customers = _Column(CUSTOMER, _customer)
        self.countries = _Column(COUNTRY, lambda text: _text(text, 60))
        self.codes = _Column(CODE, lambda text: self.file.codes.number(_code(text)))
        self.texts = _Column(TEXT, lambda text: self.file.texts.number(_text(text, 120)))

    def read(self, source: Source, progress: Progress) -> RetailFile:
        count = 0
        for count, record in enumerate(self._records(source), start=1):
            if count > MOST_ROWS:
                self._fault(record.line, "", f"the file has more than {MOST_ROWS:,} rows: split it.")
                break
            self._take(record)
            if len(self.problems) >= MOST_PROBLEMS:
                break
            if count % STEP == 0:
                progress("Checking", source.position, source.size)
        if self.problems:
            raise BrokenFile(self.problems)
        progress("Checking", source.size, source.size)
        self.file.rows["read"] = count
        self.file.invoices = list(self.invoices.values())
        self.file.seal()
        return self.file

    def _records(self, source: Source) -> Iterator[Record]:
        try:
            yield from records(source, HEADER)
        except BrokenFile as broken:  # beyond a fault in the file's form nothing can be read
            raise BrokenFile([*self.problems, *broken.problems]) from broken

    def _take(self, record: Record) -> None:
        try:
            self._take_row(record)
        except _Cell as fault:
            self._fault(record.line, HEADER[fault.column], str(fault))

    def _fault(self, line: int, column: str, text: str) -> None:
        self.problems.append(Problem(line, column, text))

    def _take_row(self, record: Record) -> None:
        row = record.fields
        prefix = self.prefixes[row[INVOICE]]
        placed_at = self.times[row[PLACED]]
        quantity = self.quantities[row[QUANTITY]]
        price = self.prices[row[PRICE]]
        country = self.countries[row[COUNTRY]]
        customer = self.customers[row[CUSTOMER]]
        if not customer:
            self.file.rows["without customer"] += 1
            return
        if prefix == "A":
            self.file.rows["corrections"] += 1
            return
        returned = prefix == "C"
        pieces = -quantity if returned else quantity
        self._check_amounts(pieces, price, returned)
        code, text = self.codes[row[CODE]], self.texts[row[TEXT]]
        invoice = self._invoice(record, returned, customer, placed_at)
        self.file.add_line(invoice.place, code, text, pieces, price)
        self.file.rows["returns" if returned else "sales"] += 1
        self._note_customer(customer, country, placed_at)

    def _check_amounts(self, pieces: int, price: int, returned: bool) -> None:
        if pieces <= 0:
            wanted = "below" if returned else "above"
            raise _Cell(
                QUANTITY, f"the quantity of a {'return' if returned else 'sale'} must be {wanted} zero."
            )
        if price < 0:
            raise _Cell(PRICE, "the price is below zero.")
        if pieces * price > LARGEST_LINE:
            raise _Cell(PRICE, "quantity times price is too large.")

    def _invoice(self, record: Record, returned: bool, customer: str, placed_at: datetime) -> Invoice:
        number = record.fields[INVOICE]
        known = self.invoices.get(number)
        if known is None:
            known = Invoice(len(self.invoices), number, returned, customer, placed_at)
            self.invoices[number] = known
            self.first_lines.append(record.line)
        if known.customer != customer:
            line = self.first_lines[known.place]
            raise _Cell(CUSTOMER, f"invoice {number} belongs to customer {known.customer} in line {line:,}.")
        if placed_at < known.placed_at:
            known = self.invoices[number] = known._replace(placed_at=placed_at)
        return known

    def _note_customer(self, number: str, country: str, at: datetime) -> None:
        customer = self.file.customers.get(number)
        if customer is None:
            self.file.customers[number] = RetailCustomer(number, country, at, {country})
            return
        customer.countries.add(country)
        if at < customer.first_at:
            customer.country, customer.first_at = country, at

    def _prefix(self, text: str) -> str:
        found = NUMBER.fullmatch(text)
        if not found:
            raise ValueError(
                f"{_shown(text)} is no invoice number: digits, with a C or A before them at most."
            )
        return found[1]

    def _time(self, text: str) -> datetime:
        try:
            moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S") + self.shift  # noqa: DTZ007 - local time
        except (ValueError, OverflowError):
            raise ValueError(f"{_shown(text)} is no time such as 2010-12-01 08:26:00.") from None
        if not EARLIEST <= moment.date() <= LATEST:
            raise ValueError(f"{_shown(text)} lies outside the years 1900 to 2199.")
        if moment.date() > self.latest:
            raise ValueError(f"{_shown(text)} lies in the future.")
        return moment


def _whole(text: str) -> int:
    if not WHOLE.fullmatch(text):
        raise ValueError(f"{_shown(text)} is no whole number of at most nine digits.")
    return int(text)


def _price(text: str) -> int:
    return to_minor(parse_decimal(text))


def _customer(text: str) -> str:
    if text and not CUSTOMER_NUMBER.fullmatch(text):
        raise ValueError(f"{_shown(text)} is no customer number: at most ten digits, or empty.")
    return text


def _code(text: str) -> str:
    code = _text(_text(text, 30).upper(), 30)  # some letters are two in upper case
    if not code:
        raise ValueError("the stock code is missing.")
    return code


def _text(text: str, longest: int) -> str:
    cleaned = clean_text(text)
    if len(cleaned) > longest:
        raise ValueError(f"the text has more than {longest} characters.")
    return cleaned


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
