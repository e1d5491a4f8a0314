"""The back-test: closed form over a past period, borders included."""

import pytest

from events.domain.event import latest_version
from events.engine.backtest import backtest
from events.engine.window import Window
from tests.events.world import ZONE, customer, day, night, organise, shipped

pytestmark = pytest.mark.django_db


def test_an_order_soon_after_the_period_still_counts_as_ordered_anyway() -> None:
    organise()
    customer(None, "2026-01-10", "2026-03-20")
    event, last = shipped("NOORDER60"), day("2026-03-15")
    window = Window(last, night(last), ZONE)
    found = backtest(event, latest_version(event), first=day("2026-03-01"), last=last, window=window)
    assert (found.firings, found.ordered_anyway) == (1, 1)


def test_an_order_on_the_sixtieth_day_ends_the_silence_in_time() -> None:
    organise()
    customer(None, "2026-01-10", "2026-03-11")
    event, last = shipped("NOORDER60"), day("2026-03-15")
    window = Window(last, night(last), ZONE)
    found = backtest(event, latest_version(event), first=day("2026-03-01"), last=last, window=window)
    assert found.firings == 0
