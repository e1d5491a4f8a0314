"""Breaker: a run that matches far more than usual waits for a person."""

from statistics import median

from events.models import Event, Run

LEAST = 50
TIMES = 5
RUNS = 30


def trips(event: Event, *, new: int, gap_days: int, unseen_days: int) -> bool:
    """Whether ``new`` matches are out of proportion for this event.

    The limit is five times the median of the last 30 clock runs, times the days since the last one,
    and never below 50. The median begins with the first run that found anything. When nobody looked for
    longer than the catch-up window (``unseen_days``), the engine stood still or the clock jumped: then
    any match waits.
    """
    if new == 0:
        return False
    if unseen_days > event.catchup_days:
        return True
    return new > max(LEAST, TIMES * usual(event) * max(1, gap_days))


def usual(event: Event) -> float:
    """The median number of new matches per clock run since the first that found any."""
    rows = Run.objects.filter(event=event, kind__in=[Run.Kind.SCHEDULED, Run.Kind.SWEEP], error_class="")
    rows = rows.exclude(finished_at=None)  # the run that asks
    found = list(rows.order_by("-started_at", "-pk").values_list("matched", flat=True)[:RUNS])
    while found and found[-1] == 0:
        found.pop()
    return median(found) if found else 0
