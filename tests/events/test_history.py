"""Any history, any nights: the ledger is what the closed form says, and nothing twice."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from crm.models import Action, Customer
from events.domain.event import latest_version
from events.engine.backtest import backtest
from events.engine.window import Window
from events.models import Event, Occurrence, Version
from orders.domain.facts import roll
from tests.events.world import (
    START,
    ZONE,
    customer,
    night,
    organise,
    pass_night,
    sale,
    settle,
    shipped,
    switch_on,
)
from tests.factories import UserFactory

NIGHTS = 40
SILENT = 10  # days without an order; a short silence makes short histories telling
WINDOW = 6
histories = st.lists(st.lists(st.integers(1, 18), min_size=1, max_size=4), min_size=1, max_size=3)


def order_days(gaps: list[int]) -> list[date]:
    """Order days from the gaps between them."""
    days, at = [], START
    for gap in gaps:
        at += timedelta(days=gap)
        days.append(at)
    return days


def silences(days: list[date], nights: set[date], *, window: int = WINDOW) -> set[date]:
    """Independent model: order days whose silence was true on an evaluated night within the window."""
    found = set()
    for index, at in enumerate(days):
        until = days[index + 1] if index + 1 < len(days) else date.max
        true_on = {on for on in nights if at + timedelta(days=SILENT) <= on < until}
        if any(on < at + timedelta(days=SILENT + window) for on in true_on):
            found.add(at)
    return found


class HistoryTest(TestCase):
    """Each example is rolled back."""

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(gaps=histories, skipped=st.sets(st.integers(0, NIGHTS - 1), max_size=15))
    def test_ledger_equals_model(self, gaps: list[list[int]], skipped: set[int]) -> None:
        """Skipped nights, repeated nights: each silence once, none that was never true."""
        plan = [order_days(row) for row in gaps]
        nights = {START + timedelta(days=n) for n in range(NIGHTS) if n not in skipped}
        made, event = self.live(plan, nights)
        expected = {
            (who.pk, at) for who, days in zip(made, plan, strict=True) for at in silences(days, nights)
        }
        ledger = set(Occurrence.objects.filter(event=event).values_list("subject_id", "anchor_on"))
        assert ledger == expected
        assert Occurrence.objects.filter(event=event).count() == len(expected)
        assert Occurrence.objects.filter(state="fired").count() == Action.objects.count()

    @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
    @given(gaps=histories)
    def test_every_night_equals_the_back_test(self, gaps: list[list[int]]) -> None:
        """Evaluating every night finds exactly the closed form's firings."""
        nights = {START + timedelta(days=n) for n in range(NIGHTS)}
        _, event = self.live([order_days(row) for row in gaps], nights)
        last = START + timedelta(days=NIGHTS - 1)
        found = backtest(
            event, latest_version(event), first=START, last=last, window=Window(last, night(last), ZONE)
        )
        assert Occurrence.objects.filter(event=event).count() == found.firings

    def live(self, plan: list[list[date]], nights: set[date]) -> tuple[list[Customer], Event]:
        """Go through the days: orders arrive, nights pass."""
        organise()
        rep = UserFactory(roles=["sales_rep"])
        made = [customer(rep) for _ in plan]
        settle(START - timedelta(days=1))
        Version.objects.filter(event=shipped("NOORDER60")).update(
            trigger={"kind": "since", "anchor": "order", "days": SILENT}
        )
        Event.objects.update(catchup_days=WINDOW)
        event = switch_on("NOORDER60", on=START - timedelta(days=1))
        for offset in range(NIGHTS):
            today = START + timedelta(days=offset)
            for who, days in zip(made, plan, strict=True):
                if today in days:
                    sale(who, today)
                    settle(today)
            if today in nights:
                pass_night(event, today, replay=True)
                if offset % 5 == 0:
                    pass_night(event, today, replay=True)
            else:
                roll(day=today, now=night(today))
        return made, event
