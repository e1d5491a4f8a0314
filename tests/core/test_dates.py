"""Local dates: nothing moves when the clocks change."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import (
    add_business_days,
    is_business_day,
    local_day,
    local_instant,
    next_local_time,
    parse_day,
)

ZONES = [
    "Europe/London", "Europe/Berlin", "America/New_York", "America/Santiago", "Asia/Kathmandu",
    "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Chatham", "Antarctica/Troll", "Pacific/Apia",
    "America/St_Johns", "Africa/Cairo",
]  # fmt: skip
zones = st.sampled_from([ZoneInfo(name) for name in ZONES])
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
times = st.times().map(lambda value: value.replace(second=0, microsecond=0))
BERLIN = ZoneInfo("Europe/Berlin")
WEEK = (1, 2, 3, 4, 5)


def test_a_time_in_the_spring_gap_moves_on_by_the_gap() -> None:
    assert local_instant(date(2026, 3, 29), time(2, 30), BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_autumn_fold_means_the_first_time() -> None:
    assert local_instant(date(2026, 10, 25), time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(zone=zones, day=days, at=times)
def test_wall_clock_is_kept_outside_gaps(zone: ZoneInfo, day: date, at: time) -> None:
    shown = local_instant(day, at, zone).astimezone(zone).replace(tzinfo=None)
    wall = datetime.combine(day, at)
    assert shown == wall or (_in_gap(wall, zone) and wall < shown <= wall + timedelta(hours=24))


def _in_gap(wall: datetime, zone: ZoneInfo) -> bool:
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall


@given(zone=zones, day=days, at=times)
def test_one_nightly_run_per_local_day(zone: ZoneInfo, day: date, at: time) -> None:
    """Following the schedule for a fortnight, each local day has one run, later each time."""
    moment = local_instant(day, time(12), zone)
    seen = []
    for _ in range(14):
        following = next_local_time(moment, at, zone)
        assert following > moment
        moment = following
        seen.append(local_day(moment, zone))
    assert len(set(seen)) == 14
    gaps = {(after - before).days for before, after in itertools.pairwise(seen)}
    assert gaps <= {1, 2}  # two where the calendar itself left a day out


@given(day=days, count=st.integers(0, 30))
def test_business_days_land_on_business_days(day: date, count: int) -> None:
    found = add_business_days(day, count, weekdays=WEEK, country="GB")
    assert is_business_day(found, weekdays=WEEK, country="GB")
    between = [day + timedelta(days=n) for n in range(1, (found - day).days + 1)]
    worked = sum(is_business_day(one, weekdays=WEEK, country="GB") for one in between)
    started_free = not is_business_day(day, weekdays=WEEK, country="GB")
    assert worked == (max(count, 1) if started_free else count)


def test_public_holidays_are_no_business_days() -> None:
    assert add_business_days(date(2026, 12, 24), 1, weekdays=WEEK, country="GB") == date(2026, 12, 29)
    assert add_business_days(date(2026, 12, 24), 1, weekdays=WEEK, country="") == date(2026, 12, 25)


def test_a_working_week_needs_a_day() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        add_business_days(date(2026, 1, 1), 1, weekdays=(), country="")


@pytest.mark.parametrize(
    "text", ["2026-02-30", "tomorrow", "0001-01-01", "9999-12-31", "", "2026-1-1", "\x00"]
)
def test_impossible_days_are_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a date|lies outside"):
        parse_day(text)
