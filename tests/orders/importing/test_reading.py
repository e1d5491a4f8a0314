"""Broken files: a sentence with line and column, in little memory, and nothing else."""

import gzip
import tracemalloc
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from core.errors import Refused
from orders.importing import BrokenFile, read_retail
from orders.importing import retail as retail_format
from orders.importing.problems import MOST_PROBLEMS
from tests.orders.importing.files import row, text_of, write, write_bytes

GOOD = text_of([row(), row(StockCode="71053")])
FIELD_OF_50_MB = b"536366," + b"x" * 50_000_000
QUOTED_50_MB = b'536366,"' + b"line\n" * 10_000_000


def problems(path: Path, **options: object) -> list[tuple[int, str]]:
    """Line and column of each problem that reading ``path`` finds."""
    with pytest.raises(BrokenFile) as caught:
        read_retail(path, **options)
    assert caught.value.problems
    for problem in caught.value.problems:
        assert problem.text.endswith(".")
        assert str(problem).startswith(f"Line {problem.line:,}")
    return [(problem.line, problem.column) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("InvoiceNo", "B536365"),
        ("InvoiceNo", ""),
        ("InvoiceNo", "5" * 13),
        ("StockCode", "  "),
        ("StockCode", "x" * 31),
        ("Description", "x" * 121),
        ("Quantity", "6.5"),
        ("Quantity", "six"),
        ("Quantity", "9" * 5000),
        ("Quantity", "٣"),
        ("Quantity", "0"),
        ("Quantity", "-6"),
        ("InvoiceDate", "2011-02-29 10:00:00"),
        ("InvoiceDate", "01/12/2010 08:26"),
        ("InvoiceDate", "0001-01-01 00:00:00"),
        ("InvoiceDate", "2200-01-01 00:00:00"),
        ("InvoiceDate", ""),
        ("UnitPrice", "NaN"),
        ("UnitPrice", "Infinity"),
        ("UnitPrice", "1e999999"),
        ("UnitPrice", "2,55"),
        ("UnitPrice", "0.00001"),
        ("UnitPrice", "-1"),
        ("UnitPrice", "99999999999"),
        ("CustomerID", "17850.0"),
        ("CustomerID", "-1"),
        ("Country", "x" * 61),
    ],
)
def test_a_bad_cell_is_named(tmp_path: Path, column: str, value: str) -> None:
    path = write(tmp_path / "file.csv", [row("536360"), row("536361", **{column: value}), row("536362")])
    assert problems(path) == [(3, column)]


def test_a_return_has_quantities_below_zero(tmp_path: Path) -> None:
    path = write(tmp_path / "file.csv", [row("C536365", Quantity="-6"), row("C536366", Quantity="6")])
    assert problems(path) == [(3, "Quantity")]


def test_an_invoice_has_one_customer(tmp_path: Path) -> None:
    path = write(tmp_path / "file.csv", [row("1"), row("2", CustomerID="2"), row("1", CustomerID="2")])
    assert problems(path) == [(4, "CustomerID")]


def test_a_date_in_the_future_is_a_problem(tmp_path: Path) -> None:
    path = write(tmp_path / "file.csv", [row("1"), row("2", InvoiceDate="2010-12-02 00:00:00")])
    assert problems(path, latest=date(2010, 12, 1)) == [(3, "InvoiceDate")]
    assert read_retail(path, latest=date(2010, 12, 2)).rows["read"] == 2


def test_every_bad_row_is_named_up_to_a_limit(tmp_path: Path) -> None:
    path = write(tmp_path / "file.csv", [row(str(n), Quantity="x" if n % 2 else "1") for n in range(90)])
    assert problems(path) == [(line, "Quantity") for line in range(3, 3 + 2 * MOST_PROBLEMS, 2)]


def test_earlier_problems_are_not_lost_when_the_form_breaks(tmp_path: Path) -> None:
    content = text_of([row(Quantity="x")]).encode() + b"536366,\0\n"
    assert problems(write_bytes(tmp_path / "file.csv", content)) == [(2, "Quantity"), (3, "StockCode")]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("content", "place"),
    [
        (GOOD.replace("StockCode", "Item"), (1, "2")),
        (GOOD.replace(",Country", ""), (1, "8")),
        (GOOD.replace("Country", "Country,More"), (1, "9")),
        ("", (1, "1")),
        (GOOD + "536366,22752\n", (4, "")),
        (GOOD + "536366,22752,a,1,2010-12-01 08:26:00,1,2,UK,more\n", (4, "")),
        (GOOD + '536366,"22752"x,a\n', (4, "")),
        (GOOD + '536366,"22752,a\n', (4, "")),
        (GOOD + "536366,22752,a\rb,1\n", (4, "")),
    ],
)
def test_a_bad_form_is_named(tmp_path: Path, content: str, place: tuple[int, str], packed: bool) -> None:
    path = write_bytes(tmp_path / "file.csv", content.encode(), packed=packed)
    assert problems(path) == [place]


@pytest.mark.parametrize(
    ("tail", "column"),
    [
        (b"536366,22752,CAF\xc9,1\n", "Description"),
        (b"536366,22752,a,\xff1\n", "Quantity"),
        (b'536366,"a,b",\xc3', "Description"),
        (b"536366,22\x0052,a\n", "StockCode"),
    ],
)
def test_bytes_that_are_no_text_are_named(tmp_path: Path, tail: bytes, column: str) -> None:
    assert problems(write_bytes(tmp_path / "file.csv", GOOD.encode() + tail)) == [(4, column)]


def test_another_encoding_is_named(tmp_path: Path) -> None:
    path = write_bytes(tmp_path / "file.csv", GOOD.encode("utf-16"))
    assert problems(path)[0][0] == 1


@pytest.mark.parametrize(
    ("content", "column"),
    [(FIELD_OF_50_MB, "StockCode"), (QUOTED_50_MB, "")],
    ids=["one line", "many quoted lines"],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_field_of_50_mb_takes_no_memory(tmp_path: Path, content: bytes, column: str, packed: bool) -> None:
    path = write_bytes(tmp_path / "file.csv", GOOD.encode() + content, packed=packed)
    tracemalloc.start()
    try:
        (place,) = problems(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert place == (4, column)
    assert peak < 5_000_000


@pytest.mark.parametrize(
    "damage",
    [
        lambda packed: packed[: len(packed) // 2],
        lambda packed: packed[:-4],
        lambda packed: packed[:2],
        lambda packed: packed[:30] + b"\xff\x00\xff\x00" + packed[34:],
        lambda packed: packed[:-8] + b"\0\0\0\0" + packed[-4:],
        lambda packed: packed + b"rubbish",
    ],
    ids=["half", "no trailer", "only the magic", "changed bytes", "wrong checksum", "rubbish behind"],
)
def test_a_damaged_packed_file_is_named(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    packed = gzip.compress(text_of([row(str(n)) for n in range(1000)]).encode())
    path = tmp_path / "file.csv.gz"
    path.write_bytes(damage(packed))
    assert problems(path)[0][0] >= 1


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retail_format, "MOST_ROWS", 2)
    path = write(tmp_path / "file.csv", [row("1"), row("2"), row("3")])
    assert problems(path) == [(4, "")]


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        read_retail(tmp_path / "nothing.csv")
    with pytest.raises(Refused, match="is not a file"):
        read_retail(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text.removesuffix("\n"),
    ],
    ids=["byte order mark", "carriage returns", "empty lines", "no last line feed"],
)
@pytest.mark.parametrize("packed", [False, True])
def test_harmless_differences_are_accepted(
    tmp_path: Path, change: Callable[[str], str], packed: bool
) -> None:
    path = write_bytes(tmp_path / "file", change(GOOD).encode(), packed=packed)
    assert read_retail(path).rows == {"read": 2, "sales": 2}
