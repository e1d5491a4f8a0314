"""Small retail files for tests."""

import csv
import gzip
import io
import os
from pathlib import Path

from orders.importing.retail import HEADER

ROOT = Path(__file__).resolve().parents[3]
SUBSET = ROOT / "demo" / "data" / "online_retail_subset.csv.gz"
FULL = Path(os.environ.get("TOUCHPOINT_TEST_DATA", ROOT.parent / "shared" / "data")) / "online_retail"
NO_FULL = f"The full data set is not here: set TOUCHPOINT_TEST_DATA to the folder above {FULL.name}."

NORMAL = {
    "InvoiceNo": "536365",
    "StockCode": "85123A",
    "Description": "WHITE HANGING HEART",
    "Quantity": "6",
    "InvoiceDate": "2010-12-01 08:26:00",
    "UnitPrice": "2.55",
    "CustomerID": "17850",
    "Country": "United Kingdom",
}


def row(number: str = "536365", **changes: str) -> list[str]:
    """A row of invoice ``number``; ``changes`` are other cells by heading."""
    return list({**NORMAL, "InvoiceNo": number, **changes}.values())


def text_of(rows: list[list[str]], header: tuple[str, ...] = HEADER) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows([header, *rows])
    return stream.getvalue()


def write(path: Path, rows: list[list[str]], *, packed: bool = False) -> Path:
    """Write a retail file of ``rows`` to ``path``."""
    return write_bytes(path, text_of(rows).encode(), packed=packed)


def write_bytes(path: Path, content: bytes, *, packed: bool = False) -> Path:
    path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
    return path


def slice_of_subset(path: Path, rows: int) -> Path:
    """The first ``rows`` rows of the real subset as a file of its own."""
    with gzip.open(SUBSET, "rt", encoding="utf-8", newline="") as stream:
        _, *content = [line for _, line in zip(range(rows + 1), csv.reader(stream), strict=False)]
    return write(path, content)
