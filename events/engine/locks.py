"""Locks: at most one process evaluates an event at a time.

Locks only save work; the ledger's unique key is what guarantees "at most once". On PostgreSQL the lock
is advisory and ends with the transaction. SQLite has none: there a lease row is taken by
compare-and-set, and is free again when it ran out or when its process is gone.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import get_ident

from django.db.models import Q

from core.sql import is_postgresql, try_advisory_lock
from events.models import Schedule

EVENT_SPACE = 7001
LEASE = timedelta(seconds=60)


@contextmanager
def event_lease(event_id: int, *, now: datetime) -> Iterator[bool]:
    """Hold the event's lease while the block runs; yields whether it was obtained.

    On PostgreSQL it always yields true: :func:`try_event_lock` inside the transaction decides.
    """
    if is_postgresql():
        yield True
        return
    owner = f"{socket.gethostname()}:{os.getpid()}:{get_ident()}"
    if not _take(event_id, owner, now):
        yield False
        return
    try:
        yield True
    finally:
        Schedule.objects.filter(event_id=event_id, lease_owner=owner).update(lease_owner="", lease_until=None)


def try_event_lock(event_id: int) -> bool:
    """Take the event's advisory lock inside the evaluating transaction; true where leases are used."""
    return try_advisory_lock(EVENT_SPACE, event_id) if is_postgresql() else True


def _take(event_id: int, owner: str, now: datetime) -> bool:
    row = Schedule.objects.filter(event_id=event_id)
    seen = row.values_list("lease_owner", flat=True).first()
    if seen is None:
        return False
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    if seen and _is_gone(seen):
        free |= Q(lease_owner=seen)
    return row.filter(free).update(lease_owner=owner, lease_until=now + LEASE) == 1


def _is_gone(owner: str) -> bool:
    """Whether the process that holds the lease lived on this machine and has ended."""
    host, _, rest = owner.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
