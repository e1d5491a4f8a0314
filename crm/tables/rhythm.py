"""Order rhythm: how long a customer has been silent beside how often they usually order."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm.models import CustomerFacts

FROM_ORDER_DAYS = 4  # below, a usual interval says nothing
ON_TIME, LATE = Decimal("1.15"), Decimal(2)
WIDTH = 96


@dataclass(frozen=True)
class Rhythm:
    """The silence in days, the usual interval in days, and both as widths of a strip ``WIDTH`` wide.

    The strip runs from the last order to today or, when that lies ahead, to the expected day:
    ``shown_width`` is the silence within the usual interval; what goes beyond fills the rest.
    """

    days: int
    usual: int
    last_on: date
    expected_on: date | None
    times: str
    tone: str
    shown_width: str
    usual_width: str
    is_late: bool

    @property
    def sentence(self) -> str:
        """What the strip shows."""
        return f"{self.days} days since the last order, usually every {self.usual} days"

    @property
    def fill(self) -> str:
        """The class that colours the delay."""
        return {"ok": "fo", "warn": "fw", "danger": "fd"}[self.tone]


def rhythm_of(facts: CustomerFacts | None, *, today: date) -> Rhythm | None:
    """The rhythm of a customer with at least four order days; None for the others."""
    if facts is None or facts.last_order_on is None or not facts.median_gap:
        return None
    if facts.order_days < FROM_ORDER_DAYS:
        return None
    days = max((today - facts.last_order_on).days, 0)
    usual = max(facts.median_gap, Decimal(1))
    ratio = days / usual
    span = max(Decimal(days), usual)
    usual_width = WIDTH * usual / span
    return Rhythm(
        days=days,
        usual=round(usual),
        last_on=facts.last_order_on,
        expected_on=facts.expected_next_on,
        times=f"{ratio:.1f}",
        tone="ok" if ratio <= ON_TIME else "warn" if ratio <= LATE else "danger",
        shown_width=f"{min(WIDTH * days / span, usual_width):.1f}",
        usual_width=f"{usual_width:.1f}",
        is_late=days > usual,
    )
