"""One run for each data folder, and a port that is ours before any work is done."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import Refused
from core.up.address import Address
from core.up.lock import RunLock


def test_a_second_run_is_refused_in_a_sentence_that_names_the_first(tmp_path: Path) -> None:
    first = RunLock(tmp_path / "up.lock")
    first.take("http://127.0.0.1:8000")

    with pytest.raises(Refused) as refused:
        RunLock(tmp_path / "up.lock").take("http://127.0.0.1:8001")

    assert f"already runs with this data at http://127.0.0.1:8000 (process {os.getpid()})" in str(
        refused.value
    )
    first.release()


def test_the_lock_ends_with_its_holder_and_never_goes_stale(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from core.up.lock import RunLock;"
        "RunLock(Path(sys.argv[1])).take('http://127.0.0.1:8000'); os.kill(os.getpid(), 9)"
    )
    holder = subprocess.run([sys.executable, "-c", code, str(tmp_path / "up.lock")], check=False)
    assert holder.returncode == -9
    assert (tmp_path / "up.lock").read_text().endswith("http://127.0.0.1:8000\n")

    second = RunLock(tmp_path / "up.lock")
    second.take("http://127.0.0.1:8001")

    assert (tmp_path / "up.lock").read_text() == f"{os.getpid()} http://127.0.0.1:8001\n"
    second.release()


def test_a_taken_port_is_refused_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(Refused) as refused:
            Address("127.0.0.1", port).bind()

    assert str(refused.value) == (
        f"Port {port} of 127.0.0.1 is taken by another program. Choose another with --port."
    )


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_a_foreign_host_is_refused_in_a_sentence(host: str) -> None:
    with pytest.raises(Refused) as refused:
        Address(host, 8000).bind()

    assert host in str(refused.value)
    assert str(refused.value).endswith(".")


def test_the_address_is_one_that_a_browser_on_this_machine_can_open() -> None:
    assert Address("127.0.0.1", 8000).url == "http://127.0.0.1:8000"
    assert Address("0.0.0.0", 8000).url == "http://127.0.0.1:8000"
    assert Address("::", 8000).url == "http://[::1]:8000"


def test_other_machines_may_ask_by_the_name_and_the_host_that_is_served() -> None:
    assert Address("192.0.2.7", 80).names() == ["192.0.2.7"]
    assert Address("::1", 80).names() == ["[::1]"]
    assert socket.gethostname() in Address("0.0.0.0", 80).names()
