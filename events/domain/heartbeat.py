"""Heartbeat: proof that the engine looks for work."""

from datetime import date, datetime, timedelta

from core.clock import database_now
from events.models import Heartbeat

STALE = timedelta(minutes=5)


def beat(*, now: datetime, took_ms: int) -> None:
    """Note that a tick ended at ``now``."""
    Heartbeat.objects.update_or_create(pk=1, defaults={"at": now, "took_ms": took_ms})


def last_beat() -> datetime | None:
    """When the last tick ended; None before the first."""
    return Heartbeat.objects.filter(pk=1).values_list("at", flat=True).first()


def is_stale(*, now: datetime) -> bool:
    """Whether the engine has been silent for more than five minutes."""
    at = last_beat()
    return at is None or now - at > STALE


def nightly_day() -> date | None:
    """The local day whose nightly work is finished."""
    return Heartbeat.objects.filter(pk=1).values_list("day", flat=True).first()


def night_done(*, day: date) -> None:
    """Note that the nightly work of ``day`` is finished."""
    Heartbeat.objects.update_or_create(pk=1, defaults={"day": day})


def readiness() -> str:
    """What is wrong with the engine, in a sentence; empty when it beats."""
    at = last_beat()
    if at is None:
        return "The event engine has not run yet."
    if database_now() - at > STALE:  # clock: a health check has no caller who brings the time
        return f"The event engine last ran at {at:%Y-%m-%d %H:%M} UTC."
    return ""
