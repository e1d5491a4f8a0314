"""A real year of orders, day by day through import and engine: exactly the silences that were counted apart.

The figures come from ``facts.json`` beside each data set, computed by other programs than ours.
"""

import json
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.sql import analyze
from crm.models import Action, Customer, CustomerFacts
from events.domain.event import latest_version
from events.engine.backtest import backtest
from events.engine.evaluate import Order, dry_run
from events.engine.window import Window
from events.models import Event, Occurrence, Run
from orders.importing import Plan, read_retail
from orders.importing.commit import commit_retail
from orders.models import SalesOrder
from tests.events.world import ZONE, night, organise, pass_night, settle, switch_on

ROOT = Path(__file__).resolve().parents[2]
FULL = Path(os.environ.get("TOUCHPOINT_TEST_DATA", ROOT.parent / "shared" / "data")) / "online_retail"
DATA = {
    "subset": (ROOT / "demo" / "data" / "online_retail_subset.csv.gz", ROOT / "demo" / "data" / "facts.json"),
    "full": (FULL / "online_retail.csv.gz", FULL / "facts.json"),
}
FIRST, LAST = date(2010, 12, 1), date(2011, 12, 9)

# Each night commits, as in life: in one long transaction PostgreSQL could not tidy up behind the facts.
pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def year() -> tuple[Path, dict[str, Any]]:
    """A file of orders and its figures: all of the data set where it lies here, else the project's part."""
    file, facts = DATA["full"] if DATA["full"][0].exists() else DATA["subset"]
    return file, json.loads(facts.read_text("utf-8"))


def test_the_year_day_by_day(year: tuple[Path, dict[str, Any]]) -> None:
    path, facts = year
    organise()
    settle(FIRST - timedelta(days=1))
    event = switch_on("NOORDER60", on=FIRST - timedelta(days=1))
    lapses = {date.fromisoformat(row["as_of"]): row for row in facts["lapse"]}
    file = read_retail(path)
    for offset in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=offset)
        plan = Plan(now=night(day), after=day - timedelta(days=1), until=day)
        commit_retail(file, plan)
        pass_night(event, day, replay=True)
        if day.day == 1:
            analyze(Customer, CustomerFacts, SalesOrder, Occurrence, Action)  # as a server does by itself
        if row := lapses.get(day):  # the file imported until this day
            check_lapse(event, day, row, now=night(day))
    check_ledger(event, facts["lapse_episodes_60_days_whole_period"])
    for day, row in lapses.items():  # the file imported whole
        check_lapse(event, day, row, now=night(LAST))


def check_lapse(event: Event, day: date, row: dict[str, Any], *, now: Any) -> None:
    """A dry run for ``day`` finds exactly the customers of the figures."""
    order = Order(kind=Run.Kind.MANUAL, now=now, judged_day=day, catch_up="all")
    found = dry_run(event, latest_version(event), order)
    assert found.counts.matched == row["no_order_for_at_least_60_days"]
    assert found.sha256 == row["sha256_of_sorted_ids_at_least_60"]


def check_ledger(event: Event, figures: dict[str, Any]) -> None:
    """The ledger and the back-test both hold the counted silences, each once."""
    rows = Occurrence.objects.filter(event=event)
    assert rows.count() == figures["episodes"]
    assert rows.values("subject_id").distinct().count() == figures["customers_with_at_least_one"]
    assert len(set(rows.values_list("subject_id", "okey"))) == figures["episodes"]
    window = Window(LAST, night(LAST), ZONE)
    found = backtest(event, latest_version(event), first=FIRST, last=LAST, window=window)
    assert found.firings == figures["episodes"]
