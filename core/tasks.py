"""The door to Celery: how apps declare tasks and wake them.

Correctness never rests on the broker. Work is a row first; a message only says "look now", and the
heartbeat looks anyway.
"""

import logging
import os
from collections.abc import Callable
from typing import Any

from celery import current_app, shared_task
from django.conf import settings
from django.db import connection, transaction

log = logging.getLogger(__name__)


def task(name: str) -> Callable[[Callable[..., Any]], Any]:
    """Declare a task that may run twice or late without harm, under a stable ``name``."""

    def declare(function: Callable[..., Any]) -> Any:
        return shared_task(name=name, ignore_result=True)(function)

    return declare


def wake(name: str) -> None:
    """Ask for the task called ``name`` once the present transaction commits, at most once for it.

    A broker that is down is only logged: what there is to do is a row, and the heartbeat finds it.
    """
    waiting = [getattr(entry[1], "wakes", "") for entry in connection.run_on_commit]
    if name not in waiting:
        transaction.on_commit(_Wake(name), robust=True)


class _Wake:
    """Sends one message. A class, because Django names a failing callback by its qualified name."""

    __qualname__ = "wake"

    def __init__(self, name: str) -> None:
        self.wakes = name

    def __call__(self) -> None:
        try:
            current_app.send_task(self.wakes, expires=60, retry=False)
        except Exception as error:  # noqa: BLE001  # any broker fault: the heartbeat finds the row anyway
            log.warning("The broker did not take %s: %s", self.wakes, error)


def broker_fault() -> str:
    """A sentence when the broker does not take messages, else empty; answers within a few seconds."""
    if not settings.REDIS_URL and not os.access(settings.BROKER_DIR, os.W_OK | os.X_OK):
        return "The broker's folder cannot be written."
    try:
        with current_app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    except Exception:  # noqa: BLE001  # each transport has its own errors, and all mean the same here
        return "The broker does not answer."
    return ""
