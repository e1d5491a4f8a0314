"""Events: what stands in lists, and running one by hand."""

from datetime import datetime

from accounts.models import User
from core.errors import Refused
from events.engine.evaluate import Order, Result, evaluate
from events.models import Event, Run, Version


def latest_version(event: Event) -> Version:
    """The newest version, published or not: the one that activation uses."""
    version = Version.objects.select_related("event").filter(event=event).order_by("-number").first()
    if version is None:
        raise Refused(f"The event {event.name} has no definition yet.")
    return version


def active_version(event: Event) -> Version:
    """The version that was activated last: the one that runs, or was paused."""
    if event.active_version_id is None:
        raise Refused(f"The event {event.name} was never activated.")
    return Version.objects.select_related("event").get(pk=event.active_version_id)


def run_now(event: Event, *, by: User | None, now: datetime) -> Result:
    """Evaluate the event at once, with the same locks, keys and limits as at night."""
    result = evaluate(event.pk, Order(kind=Run.Kind.MANUAL, now=now, by=by))
    if result.run is None:
        raise Refused(result.skipped)
    return result
