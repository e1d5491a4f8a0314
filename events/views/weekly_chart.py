"""The chart of follow-ups made and closed per week, as plain numbers for SVG."""

from dataclasses import dataclass

from events.domain.status_trend import Week

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 560, 170, 40, 8, 148
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)


@dataclass(frozen=True)
class Bar:
    """One week: its bar of closed ones, its label, and the point of the created ones."""

    week: Week
    x: float
    y: float
    width: float
    height: float
    middle: float
    point: float
    is_present: bool


@dataclass(frozen=True)
class Chart:
    """Bars, grid lines as (y, value), and the line of created ones without the week that runs."""

    bars: list[Bar]
    grid: list[tuple[float, int]]
    line: str
    top: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing was made or closed in all these weeks."""
        return not any(bar.week.created or bar.week.closed for bar in self.bars)


def chart_of(found: list[Week]) -> Chart:
    """The chart of ``found``; the last week is the one that runs."""
    most = max([1, *(max(week.created, week.closed) for week in found)])
    step = next((step for step in STEPS if most <= 4 * step), STEPS[-1])
    top = step * max(-(-most // step), 1)
    slot = (WIDTH - LEFT) / len(found)
    bars = [
        _bar(week, place, slot, top, is_present=place == len(found) - 1) for place, week in enumerate(found)
    ]
    line = " ".join(f"{bar.middle:.1f},{bar.point:.1f}" for bar in bars if not bar.is_present)
    grid = [(_height(value, top), value) for value in range(0, top + 1, step)]
    return Chart(bars, grid, line, top)


def _height(value: int, top: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * value / top, 1)


def _bar(week: Week, place: int, slot: float, top: int, *, is_present: bool) -> Bar:
    y = _height(week.closed, top)
    left = LEFT + place * slot
    return Bar(
        week=week,
        x=round(left + slot * 0.17, 1),
        y=y,
        width=round(slot * 0.66, 1),
        height=round(BOTTOM - y, 1),
        middle=round(left + slot / 2, 1),
        point=_height(week.created, top),
        is_present=is_present,
    )
