"""Back-test: what an event would have done over a past period, in closed form.

For "no order for N days" each distinct order day followed by N days without an order is one firing, on
day N. That equals evaluating every night of the period.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter

from core.errors import Refused
from events.definition import Definition, Trigger, definition_of
from events.engine.matching import Question, admitted, matches
from events.engine.window import Window, end_of
from events.models import Event, Version
from orders.models import SalesOrder

ANYWAY = timedelta(days=30)  # who orders within this time of a firing would have ordered without a call


@dataclass
class Backtest:
    """Firings by day; ``approximate`` when a condition was judged with today's values."""

    firings: int = 0
    customers: set[int] = field(default_factory=set)
    per_day: Counter[date] = field(default_factory=Counter)
    ordered_anyway: int = 0
    approximate: bool = False

    def add(self, customer_id: int, day: date) -> None:
        """Count one firing."""
        self.firings += 1
        self.customers.add(customer_id)
        self.per_day[day] += 1

    @property
    def per_month(self) -> dict[str, int]:
        """Firings by month, ``2011-03``."""
        months: Counter[str] = Counter()
        for day, count in self.per_day.items():
            months[f"{day:%Y-%m}"] += count
        return dict(sorted(months.items()))


def backtest(event: Event, version: Version, *, first: date, last: date, window: Window) -> Backtest:
    """Firings of ``version`` with trigger days from ``first`` to ``last``, both included.

    ``window`` supplies the zone and the present; its bounds are not used.
    """
    if last < first:
        raise Refused("The period ends before it begins.", field="to")
    definition = definition_of(version)
    if definition.trigger.is_clock:
        return _silences(event, definition, first, last, window)
    return _happenings(event, definition, first, last, window)


def _silences(event: Event, definition: Definition, first: date, last: date, window: Window) -> Backtest:
    found = Backtest(approximate=bool(definition.condition))
    allowed = _allowed(event, definition, window)
    for customer_id, days in order_days(last + ANYWAY):
        if allowed is not None and customer_id not in allowed:
            continue
        _add_silences(found, customer_id, days, definition.trigger, first, last)
    return found


def _add_silences(
    found: Backtest, customer_id: int, days: list[date], trigger: Trigger, first: date, last: date
) -> None:
    length = timedelta(days=trigger.days)
    for day, following in zip(days, [*days[1:], None], strict=True):
        fires_on = day + length
        if first <= fires_on <= last and (following is None or following > fires_on):
            found.add(customer_id, fires_on)
            if following is not None and following <= fires_on + ANYWAY:
                found.ordered_anyway += 1


def order_days(last: date) -> Iterator[tuple[int, list[date]]]:
    """Each customer's distinct days of placed sales up to ``last``, in order; streamed."""
    rows = SalesOrder.objects.all().sales().filter(placed_on__lte=last).order_by("customer_id", "placed_on")
    pairs = rows.values_list("customer_id", "placed_on").distinct().iterator(chunk_size=5000)
    for customer_id, group in groupby(pairs, key=itemgetter(0)):
        yield customer_id, [day for _, day in group]


def _allowed(event: Event, definition: Definition, window: Window) -> set[int] | None:
    """Customers whom the condition admits today; None when there is no condition."""
    if not definition.condition:
        return None
    rows = admitted(Question(event, definition, Window(window.judged_day, window.now, window.zone)))
    return set(rows.values_list("pk", flat=True))


def _happenings(event: Event, definition: Definition, first: date, last: date, window: Window) -> Backtest:
    found = Backtest(approximate=bool(definition.condition))
    period = Window(
        judged_day=last,
        now=window.now,
        zone=window.zone,
        after_instant=end_of(first - timedelta(days=1), window.zone),
    )
    rows = matches(Question(event, definition, period)).order_by()
    for customer_id, day in rows.values_list("m_customer", "m_trigger_on").iterator(chunk_size=5000):
        found.add(customer_id, day)
    return found
