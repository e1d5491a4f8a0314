"""manage.py import_orders: what it prints, and how it ends."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from orders.importing.progress import ProgressBar
from orders.models import SalesOrder
from tests.orders.importing.files import FULL, NO_FULL, ROOT, row, write

ROWS = [row("1"), row("C2", Quantity="-1", Country="Spain"), row("3", CustomerID="")]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "file.csv.gz", ROWS, packed=True)


def run(file: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("import_orders", str(file), "--format", "retail-csv", *options, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_report_in_words(file: Path) -> None:
    text = run(file)
    assert "3 rows read" in text
    assert "1 sales and 1 returns imported, with 1 new customers and 1 new items." in text
    assert "Customers with more than one country, the first by time is kept: 17850." in text
    assert "The customer facts stand at 01 Dec 2010." in text
    assert "2 orders were there already." in run(file)


@pytest.mark.django_db
def test_the_report_as_json(file: Path) -> None:
    told: dict[str, Any] = json.loads(run(file, "--json", "--until", "2010-12-01"))
    assert sum(told["rows"].values()) == sum(told["content"].values()) == told["rows_read"] == 3
    assert told["until"] == told["first_day"] == told["last_day"] == told["rolled_on"] == "2010-12-01"
    assert told["customers_with_two_countries"] == ["17850"]


@pytest.mark.django_db
def test_a_dry_run_says_so(file: Path) -> None:
    assert "would be imported" in run(file, "--dry-run")
    assert not SalesOrder.objects.exists()


@pytest.mark.django_db
def test_conflicts_are_told(file: Path, tmp_path: Path) -> None:
    run(file)
    other = write(tmp_path / "other.csv", [row("1", Quantity="7")])
    assert "1 orders are there with another content and stay: 1." in run(other)


@pytest.mark.django_db
def test_a_broken_file_ends_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "file.csv", [row("1"), row("2", UnitPrice="x")])
    with pytest.raises(CommandError) as caught:
        run(path)
    assert str(caught.value) == "Nothing was imported.\nLine 3, column UnitPrice: 'x' is not a number."
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("import_orders", str(path), "--format", "retail-csv", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {
        "problems": [{"line": 3, "column": "UnitPrice", "text": "'x' is not a number."}]
    }
    assert not SalesOrder.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--until", "2010-02-30"], "is not a date"),
        (["--until", "2190-01-01"], "that day has not come"),
        (["--until", "2210-01-01"], "outside the years"),
    ],
)
def test_bad_options_are_told(file: Path, options: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(file, *options)


@pytest.mark.django_db
def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        run(tmp_path / "nothing.csv")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_a_bar_on_a_terminal() -> None:
    stream = Terminal()
    bar = ProgressBar(stream)
    for done in range(1001):
        bar("Checking", done, 1000)
    bar("Importing", 0, 0)
    shown = stream.getvalue()
    assert shown.count("\r") == 102
    assert shown.split("\r")[-2] == f"Checking   [{'#' * 30}] 100 %\n"
    assert shown.endswith(f"Importing  [{'#' * 30}] 100 %\n")


def test_progress_is_a_few_lines_elsewhere() -> None:
    stream = io.StringIO()
    bar = ProgressBar(stream)
    for done in range(1001):
        bar("Checking", done, 1000)
    assert stream.getvalue().splitlines() == [f"Checking: {share} %" for share in (0, 25, 50, 75, 100)]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="The peak of memory is read from /proc.")
def test_the_whole_year_is_checked_in_little_memory(tmp_path: Path) -> None:
    """The second pass adds single batches to this; the first holds the whole file."""
    file = FULL / "online_retail.csv.gz"
    if not file.exists():
        pytest.skip(NO_FULL)
    program = (
        "import django; django.setup()\n"
        "import sys; from pathlib import Path; from orders.importing import read_retail\n"
        "assert read_retail(Path(sys.argv[1])).rows['read'] == 541909\n"
        "status = dict(line.split(':') for line in open('/proc/self/status'))\n"
        "print(status['VmHWM'].split()[0])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "TOUCHPOINT_VAR": str(tmp_path)}
    command = [sys.executable, "-c", program, str(file)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 200_000  # kilobytes
