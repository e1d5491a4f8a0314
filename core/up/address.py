"""Where the web server listens, and under which names it is asked for."""

import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from core.errors import Refused

WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # every address of the machine: a near one

Found = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]


@dataclass(frozen=True)
class Address:
    """Host and port as they were asked for."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """What to type into a browser on this machine."""
        return f"http://{_bracketed(self.near)}:{self.port}"

    @property
    def near(self) -> str:
        """A host by which this machine reaches the server."""
        return WILDCARDS.get(self.host, self.host)

    def names(self) -> list[str]:
        """Host names by which others may ask, for ALLOWED_HOSTS beside the local ones."""
        if self.host not in WILDCARDS:
            return [_bracketed(self.host)]
        name = socket.gethostname()
        hosts = {str(place[0]) for *_, place in _lookup(name, self.port)} | _outward_hosts()
        return sorted({name, *(_bracketed(host) for host in hosts if not ip_address(host).is_loopback)})

    def bind(self) -> socket.socket:
        """A bound socket that does not listen yet, so that the port is ours before any work is done.

        Raises :class:`Refused` when the port is taken or the host is not this machine's.
        """
        found = _lookup(self.host, self.port)
        if not found:
            raise Refused(f"{self.host} is no address of this machine. Choose another with --host.")
        family, kind, protocol, _, place = found[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(place)
        except OSError as error:
            bound.close()
            raise Refused(self._why_not(error)) from error
        return bound

    def _why_not(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            return f"Port {self.port} of {self.host} is taken by another program. Choose another with --port."
        if error.errno == errno.EACCES:
            return (
                f"Port {self.port} needs more rights than this user has. Choose one above 1023 with --port."
            )
        return f"Nothing can be served at {self.host} port {self.port}: {error.strerror}."


def _lookup(host: str, port: int) -> Sequence[Found]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        return []


def _outward_hosts() -> set[str]:
    """This machine's address on the way to others; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address that belongs to nobody
        except OSError:
            return set()  # no way out of this machine
        return {str(probe.getsockname()[0])}


def _bracketed(host: str) -> str:
    """As hosts stand in addresses: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host
