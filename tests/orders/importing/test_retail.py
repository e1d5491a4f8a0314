"""The rules of the retail format, on small files."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from orders.importing import RetailFile, read_retail
from orders.importing.commit import item_kind
from tests.orders.importing.files import row, write


def read(path: Path, *rows: list[str], **options: object) -> RetailFile:
    return read_retail(write(path / "file.csv", list(rows)), **options)


def test_rows_are_counted_by_what_they_are(tmp_path: Path) -> None:
    file = read(
        tmp_path,
        row(),
        row("C536379", Quantity="-1"),
        row("536380", CustomerID="", Quantity="-40", UnitPrice="0"),
        row("A563186", CustomerID="", UnitPrice="-11062.06"),
        row("A563187", UnitPrice="-11062.06"),
    )
    assert file.rows == {"read": 5, "sales": 1, "returns": 1, "without customer": 2, "corrections": 1}
    assert [(invoice.number, invoice.returned) for invoice in file.invoices] == [
        ("536365", False),
        ("C536379", True),
    ]


def test_an_invoice_is_grouped_over_the_whole_file(tmp_path: Path) -> None:
    file = read(tmp_path, row("1", StockCode="a"), row("2"), row("1", StockCode="b"))
    first, second = file.invoices
    assert (first.number, [line.code for line in file.lines(first)]) == ("1", ["A", "B"])
    assert (second.number, file.line_count(second)) == ("2", 1)


def test_doubled_rows_and_prices_of_zero_stay(tmp_path: Path) -> None:
    file = read(tmp_path, row(), row(), row(UnitPrice="0"))
    assert [line.price for line in file.lines(file.invoices[0])] == [25_500, 25_500, 0]


def test_an_invoice_is_placed_at_its_earliest_time(tmp_path: Path) -> None:
    later, earlier = "2010-12-01 16:58:00", "2010-12-01 16:57:00"
    file = read(tmp_path, row(InvoiceDate=later), row(InvoiceDate=earlier))
    assert file.invoices[0].placed_at == datetime(2010, 12, 1, 16, 57)  # noqa: DTZ001 - local time


def test_the_country_is_that_of_the_first_row_by_time(tmp_path: Path) -> None:
    file = read(
        tmp_path,
        row("2", Country="Spain", InvoiceDate="2011-02-01 10:00:00"),
        row("1", Country=" Italy ", InvoiceDate="2011-01-01 10:00:00"),
    )
    assert file.customers["17850"].country == "Italy"
    assert file.customers["17850"].countries == {"Italy", "Spain"}


def test_item_codes_are_upper_case_and_the_most_frequent_description_names_the_item(tmp_path: Path) -> None:
    file = read(
        tmp_path,
        row("1", StockCode="85123a", Description="damaged"),
        row("2", StockCode="85123A", Description=" WHITE  HEART "),
        row("3", StockCode="85123A", Description="WHITE HEART"),
        row("4", StockCode="85123A", Description=""),
        row("5", StockCode="85123A", Description=""),
        row("6", StockCode="85123A", Description=""),
        row("7", StockCode="m", Description=""),
    )
    assert file.codes.all == ["85123A", "M"]
    assert file.item_name("85123A") == "WHITE HEART"
    assert file.item_name("M") == ""


def test_of_equally_frequent_descriptions_the_first_names_the_item(tmp_path: Path) -> None:
    file = read(tmp_path, row("1", Description="ZEBRA"), row("2", Description="ANT"))
    assert file.item_name("85123A") == "ZEBRA"


@pytest.mark.parametrize(
    ("quantity", "price", "total"), [(1, "0.001", 0), (5, "0.001", 100), (3, "2.55", 76_500)]
)
def test_a_line_total_is_rounded_half_up_to_the_penny(
    tmp_path: Path, quantity: int, price: str, total: int
) -> None:
    file = read(tmp_path, row(Quantity=str(quantity), UnitPrice=price))
    (line,) = file.lines(file.invoices[0])
    assert line.total == total


def test_the_content_hash_tells_any_difference(tmp_path: Path) -> None:
    def content(*rows: list[str]) -> str:
        file = read(tmp_path, *rows)
        return file.content_hash(file.invoices[0])

    same = content(row(), row(Quantity="7"))
    assert content(row(StockCode="85123a", Description="WHITE  HANGING HEART "), row(Quantity="7")) == same
    others = [
        content(row(), row(Quantity="8")),
        content(row(Quantity="7"), row()),
        content(row(), row(Quantity="7"), row()),
        content(row(UnitPrice="2.56"), row(Quantity="7")),
        content(row(InvoiceDate="2010-12-01 08:25:00"), row(Quantity="7")),
        content(row(Description="RED HEART"), row(Quantity="7")),
        content(row(CustomerID="2"), row(Quantity="7", CustomerID="2")),
    ]
    assert same not in others
    assert len(set(others)) == len(others)


def test_all_times_can_be_shifted(tmp_path: Path) -> None:
    file = read(tmp_path, row(), shift=timedelta(weeks=52))
    assert file.last_day == date(2011, 11, 30)


def test_invoices_between_two_days(tmp_path: Path) -> None:
    times = ["2011-01-03 08:00:00", "2011-01-01 09:00:00", "2011-01-02 10:00:00"]
    file = read(tmp_path, *(row(str(n), InvoiceDate=time) for n, time in enumerate(times)))

    def numbers(after: date | None, until: date | None) -> list[str]:
        return [invoice.number for invoice in file.between(after, until)]

    assert numbers(None, None) == ["1", "2", "0"]
    assert numbers(date(2011, 1, 1), None) == ["2", "0"]
    assert numbers(None, date(2011, 1, 2)) == ["1", "2"]
    assert numbers(date(2011, 1, 1), date(2011, 1, 2)) == ["2"]
    assert numbers(date(2011, 1, 3), date(2011, 1, 9)) == []


@pytest.mark.parametrize("code", ["85123A", "22423", "90214BL"])
def test_codes_of_five_digits_are_goods(code: str) -> None:
    assert item_kind(code) == "goods"


@pytest.mark.parametrize("code", ["POST", "M", "C2", "BANK CHARGES", "GIFT_0001_20", "DCGS0003", "1234"])
def test_other_codes_are_charges(code: str) -> None:
    assert item_kind(code) == "charge"
