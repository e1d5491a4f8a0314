"""Imports that are killed with kill -9 wherever it hurts, and run again."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event as Pause

import pytest

from orders.importing import read_retail
from tests.events.cluster.ground import ROOT, Ground, copied, migrated
from tests.orders.importing.files import SUBSET, slice_of_subset

pytestmark = [pytest.mark.long, pytest.mark.e2e]

POINTS = ["import.batch-open", "import.batch-written", "import.batch-committed"]
KILLED = -9
ROWS, BATCH = 1500, 25


class Imports:
    """Runs imports of one file, each in a process of its own, on one database."""

    def __init__(self, ground: Ground, file: Path) -> None:
        self.ground, self.file = ground, file

    def run(self, *deed: object, fault: str = "") -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "tests.orders.importing.process", *map(str, deed)]
        return subprocess.run(
            command, cwd=ROOT, env=self.ground.environment(fault), capture_output=True, text=True, check=False
        )

    def load(self, fault: str = "") -> int:
        """Import; the exit code."""
        return self.run("import", self.file, BATCH, fault=fault).returncode

    def tell(self) -> tuple[int, str]:
        """How many orders there are, and the state's hash."""
        done = self.run("tell")
        assert done.returncode == 0, done.stderr
        count, state = done.stdout.split()
        return int(count), state

    def check(self) -> None:
        """What is there is whole."""
        done = self.run("check")
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return slice_of_subset(tmp_path_factory.mktemp("files") / "slice.csv", ROWS)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty migrated database of the kind that the suite runs on."""
    own_url = os.environ.get("DATABASE_URL", "")
    with migrated(tmp_path_factory.mktemp("ground"), own_url, deed="migrate") as url:
        yield url


@pytest.fixture(scope="module")
def whole(base: str, file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str]:
    """The state after an import that nobody disturbed."""
    with copied(base, tmp_path_factory.mktemp("whole")) as ground:
        imports = Imports(ground, file)
        assert imports.load() == 0
        imports.check()
        return imports.tell()


@pytest.fixture
def imports(base: str, file: Path, whole: tuple[int, str], tmp_path: Path) -> Iterator[Imports]:
    with copied(base, tmp_path) as ground:
        yield Imports(ground, file)


def test_killed_at_every_batch_boundary_and_between(imports: Imports, whole: tuple[int, str]) -> None:
    """One import after the other dies at the next point of the next batch; the last one finishes."""
    batches = -(-len(read_retail(imports.file).invoices) // BATCH)
    assert batches >= 3
    for batch in range(1, batches + 1):
        for point in POINTS:
            assert imports.load(f"{point}@{batch}=kill") == KILLED
    assert imports.load() == 0
    assert imports.tell() == whole
    assert imports.load() == 0
    assert imports.tell() == whole


@pytest.mark.parametrize(
    ("point", "written"), [(POINTS[0], BATCH), (POINTS[1], BATCH), (POINTS[2], 2 * BATCH)]
)
def test_what_a_killed_import_leaves_is_whole(
    imports: Imports, whole: tuple[int, str], point: str, written: int
) -> None:
    assert imports.load(f"{point}@2=kill") == KILLED
    assert imports.tell()[0] == written
    imports.check()
    assert imports.load() == 0
    assert imports.tell() == whole


def test_two_imports_of_the_same_file_at_once(
    imports: Imports, whole: tuple[int, str], tmp_path: Path
) -> None:
    """The second one starts while the first is inside a batch; together they write every order once."""
    barrier = tmp_path / "go"
    command = [
        sys.executable,
        "-m",
        "tests.orders.importing.process",
        "import",
        str(imports.file),
        str(BATCH),
    ]
    held = imports.ground.environment(f"import.batch-committed@2=wait:{barrier}")
    first = subprocess.Popen(command, cwd=ROOT, env=held, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        reached = barrier.with_name("go.reached")
        while not reached.exists() and first.poll() is None:
            Pause().wait(0.02)
        assert imports.load() == 0
        barrier.touch()
        _, error = first.communicate(timeout=120)
    finally:
        first.kill()
    assert first.returncode == 0, error
    assert imports.tell() == whole


def test_the_command_itself_over_the_real_subset(base: str, tmp_path: Path) -> None:
    """With its own batches: killed between the third batch and the fourth, then run to the end."""
    with copied(base, tmp_path) as ground:
        command = [
            sys.executable,
            "manage.py",
            "import_orders",
            str(SUBSET),
            "--format",
            "retail-csv",
            "--json",
        ]
        killed = subprocess.run(
            command,
            cwd=ROOT,
            env=ground.environment("import.batch-committed@3=kill"),
            capture_output=True,
            check=False,
        )
        assert killed.returncode == KILLED
        done = subprocess.run(
            command, cwd=ROOT, env=ground.environment(), capture_output=True, text=True, check=True
        )
        report = json.loads(done.stdout)
        assert report["orders"]["unchanged"] == 1500
        assert report["orders"]["sales"] + report["orders"]["returns"] == 5163 - 1500
        assert sum(report["rows"].values()) == report["rows_read"] == 98_750
        assert report["rolled_on"] == "2011-12-09"
        assert done.stderr.splitlines()[-1] == "Importing: 100 %"
