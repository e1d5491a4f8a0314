"""CSV from outside, within bounds: whatever the file holds, little memory is used and faults have a place.

Lines are read as bytes up to a limit, so that a field without end is found out before it is in memory;
quoted fields over several lines are bounded by the csv module's own limit.
"""

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import fstat
from pathlib import Path
from typing import BinaryIO, NamedTuple

from core.errors import Refused
from orders.importing.problems import BrokenFile, Problem

LONGEST_LINE = 65_536  # bytes
GZIP_MAGIC = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"


class Record(NamedTuple):
    """The fields of one row and the line it starts on."""

    line: int
    fields: list[str]


class Source:
    """A CSV file, packed with gzip or plain; ``progress`` is the share that was read."""

    def __init__(self, raw: BinaryIO) -> None:
        self.raw = raw
        self.size = fstat(raw.fileno()).st_size
        packed = raw.read(2) == GZIP_MAGIC
        raw.seek(0)
        self.stream: BinaryIO = gzip.GzipFile(fileobj=raw, mode="rb") if packed else raw  # type: ignore[assignment]

    @property
    def position(self) -> int:
        """How many bytes of the file, as it lies on the disk, were read."""
        return self.raw.tell()


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """The file at ``path``, open; raises ``Refused`` when it cannot be read."""
    if path.exists() and not path.is_file():  # a pipe could only be read once
        raise Refused(f"{path} is not a file.")
    try:
        raw = path.open("rb")
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from error
    with raw:
        yield Source(raw)


def records(source: Source, header: Sequence[str]) -> Iterator[Record]:
    """The rows below the heading row, which must hold exactly ``header``; empty lines are left out.

    Raises ``BrokenFile`` at the first fault: another heading, a line that is too long, bytes that are
    no UTF-8, a NUL byte, bad quoting, another number of fields, a packed file that ends early.
    """
    lines = _Lines(source.stream, header)
    reader = csv.reader(lines, strict=True)
    _check_header(next(_rows(reader, lines), Record(1, [])), header)
    width = len(header)
    for record in _rows(reader, lines):
        if len(record.fields) != width:
            raise _broken(record.line, "", f"the row has {len(record.fields)} fields instead of {width}.")
        yield record


def _rows(reader: "Iterator[list[str]]", lines: "_Lines") -> Iterator[Record]:
    while True:
        start = lines.number + 1
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise _broken(start, "", f"the row is not well-formed CSV ({error}).") from error
        if fields is None:
            return
        if fields:
            yield Record(start, fields)


class _Lines:
    """The decoded lines of a stream, counted and checked."""

    def __init__(self, stream: BinaryIO, header: Sequence[str]) -> None:
        self.stream = stream
        self.header = header
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        raw = self._raw()
        if not raw:
            raise StopIteration
        self.number += 1
        if self.number == 1:
            raw = raw.removeprefix(BOM)
        if len(raw) > LONGEST_LINE:
            raise self._at(raw, len(raw), f"the line is longer than {LONGEST_LINE:,} bytes.")
        if b"\0" in raw:
            raise self._at(raw, raw.index(b"\0"), "there is a NUL byte.")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            text = f"byte {error.start + 1} of the line is no UTF-8 text."
            raise self._at(raw, error.start, text) from error

    def _raw(self) -> bytes:
        try:
            return self.stream.readline(LONGEST_LINE + 1)
        except EOFError as error:
            raise _broken(self.number + 1, "", "the packed file ends in the middle.") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise _broken(self.number + 1, "", "the packed file is damaged.") from error

    def _at(self, raw: bytes, position: int, text: str) -> BrokenFile:
        """The fault at a byte of a line; the column is told by the commas before it."""
        before = raw[:position].decode("utf-8", errors="replace").replace("\0", "")
        try:
            index = len(next(csv.reader([before]), [""])) - 1
        except csv.Error:
            index = -1
        column = self.header[index] if 0 <= index < len(self.header) else ""
        return _broken(self.number, column, text)


def _check_header(record: Record, header: Sequence[str]) -> None:
    found = [name.strip() for name in record.fields]
    for position, wanted in enumerate(header, start=1):
        given = found[position - 1] if position <= len(found) else "nothing"
        if given != wanted:
            raise _broken(record.line, str(position), f"the heading is {given[:40]!r} instead of {wanted!r}.")
    if len(found) > len(header):
        extra = found[len(header)][:40]
        raise _broken(record.line, str(len(header) + 1), f"the heading {extra!r} is one too many.")


def _broken(line: int, column: str, text: str) -> BrokenFile:
    return BrokenFile([Problem(line, column, text)])
