"""The commands in script/: what they say on a machine that lacks something, and what they do only once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "cat", "cksum", "dirname", "head", "sed", "tail", "rm", "mkdir")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The scripts with an empty requirements file, and a manage.py that says what it was asked."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "script", folder / "script")
    (folder / "requirements.txt").write_text("# nothing\n")
    (folder / "manage.py").write_text("import sys\nprint('manage.py', *sys.argv[1:])\n")
    return folder


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH with a few tools of every Unix, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, f"this machine has no {tool}"
        (folder / tool).symlink_to(found)
    return folder


def script(
    checkout: Path, name: str, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a script of ``checkout`` with nothing but ``environment``."""
    command = [str(checkout / "script" / name), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def fake_python(folder: Path, name: str, *refused: str) -> None:
    """A command that is this Python, but fails when its arguments hold one of the words in ``refused``."""
    cases = "\n".join(f'case "$*" in *{word}*) exit 1 ;; esac' for word in refused)
    (folder / name).write_text(f'#!/bin/sh\n{cases}\nexec {sys.executable} "$@"\n')
    (folder / name).chmod(0o755)


def test_without_a_python_it_says_which_versions_fit(checkout: Path, bare_path: Path) -> None:
    result = script(checkout, "up", PATH=str(bare_path))

    assert result.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13, and found no python3" in result.stderr
    assert not (checkout / ".venv").exists()


def test_with_only_an_old_python_it_names_what_it_found(checkout: Path, bare_path: Path) -> None:
    (bare_path / "python3").write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" || exit 1\n')
    (bare_path / "python3").chmod(0o755)

    result = script(checkout, "up", PATH=str(bare_path))

    assert result.returncode == 1
    assert "found Python 3.9.2" in result.stderr


def test_a_fitting_python_under_another_name_is_found(checkout: Path, bare_path: Path) -> None:
    (bare_path / "python3").write_text("#!/bin/sh\nexit 1\n")
    (bare_path / "python3").chmod(0o755)
    fake_python(bare_path, "python3.12", "ensurepip")

    result = script(checkout, "up", PATH=str(bare_path))

    assert "cannot make virtual environments" in result.stderr  # so python3.12 was taken and then checked


@pytest.mark.parametrize(
    ("lacks", "sentence"), [("ensurepip", "python3-venv"), ("sqlite3", "no SQLite 3.35")]
)
def test_a_part_that_python_lacks_is_named(
    checkout: Path, bare_path: Path, lacks: str, sentence: str
) -> None:
    fake_python(bare_path, "python3", lacks)

    result = script(checkout, "up", PATH=str(bare_path))

    assert result.returncode == 1
    assert sentence in result.stderr
    assert not (checkout / ".venv").exists()


def test_requirements_are_installed_once_for_each_content(checkout: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "TOUCHPOINT_PYTHON": sys.executable, "HOME": str(checkout)}
    first = script(checkout, "up", "--port", "8123", **environment)
    second = script(checkout, "up", **environment)
    (checkout / "requirements.txt").write_text("# something else\n")
    third = script(checkout, "up", **environment)

    assert first.stdout == "manage.py up --port 8123\n"
    assert "Making the virtual environment" in first.stderr
    assert "Installing requirements.txt" in first.stderr
    assert second.stdout == "manage.py up\n"
    assert second.stderr == ""
    assert "Making" not in third.stderr
    assert "Installing requirements.txt" in third.stderr


def test_what_was_cut_off_or_failed_is_said_and_done_again(checkout: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "TOUCHPOINT_PYTHON": sys.executable, "HOME": str(checkout)}
    (checkout / ".venv" / "bin").mkdir(parents=True)  # an environment that was never finished
    (checkout / ".venv" / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (checkout / "requirements.txt").write_text("./no-such-folder\n")
    failed = script(checkout, "up", **environment)
    (checkout / "requirements.txt").write_text("# nothing\n")
    repaired = script(checkout, "up", **environment)

    assert failed.returncode == 1
    assert "Installing requirements.txt failed" in failed.stderr
    assert repaired.stdout == "manage.py up\n"


def test_a_kept_environment_is_used_as_it_is(checkout: Path) -> None:
    result = script(checkout, "up", PATH=os.environ["PATH"], TOUCHPOINT_VENV=sys.prefix)

    assert (result.stdout, result.stderr) == ("manage.py up\n", "")
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("name", ["up", "test", "services", "venv.sh"])
def test_scripts_are_plain_posix_shell(name: str) -> None:
    text = (ROOT / "script" / name).read_text()
    dash = shutil.which("dash") or "sh"

    assert name == "venv.sh" or text.startswith("#!/bin/sh\n")
    assert subprocess.run([dash, "-n", ROOT / "script" / name], check=False).returncode == 0
    for bashism in ("[[", "function ", "local ", "source ", "&>", "==", "pipefail"):
        assert bashism not in text, f"{name} uses {bashism}"
