"""Order rhythm: how long a customer has been silent beside how often they usually order."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from crm.models import CustomerFacts

FROM_ORDER_DAYS = 4  # below, a usual interval says nothing
ON_TIME, LATE = Decimal("1.15"), Decimal(2)
WIDTH = 96
STRIP = (
    '<svg class="rhythm" viewBox="-2 0 100 22" {}><path class="usual" d="M0 7h{}v8H0z"/>{}'
    '<path class="expected" d="M0 6v10{}M{} 3v16"/></svg>'
)
DELAY = f'<path class="{{}}" d="M{{}} 7H{WIDTH}v8H{{}}z"/>'
QUIET = mark_safe('aria-hidden="true"')


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

    def drawn(self, *, quiet: bool = False) -> SafeString:
        """A strip: the silence within the usual interval, the delay beyond, the last and the expected order.

        ``quiet``: the same stands beside it in words, so readers need not hear it twice.
        """
        label = QUIET if quiet else format_html('role="img" aria-label="{}"', self.sentence)
        shown, usual = self.shown_width, self.usual_width
        delay = format_html(DELAY, self.fill, usual, usual) if self.is_late else ""
        return format_html(STRIP, label, shown, delay, "" if self.is_late else f"M{shown} 11H{WIDTH}", usual)


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
