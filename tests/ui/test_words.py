"""Dates, money and names in the product's words."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from ui.templatetags import ui

TODAY = date(2026, 11, 17)


@pytest.mark.parametrize(
    ("due_on", "text"),
    [
        (date(2026, 11, 13), "4 days late"),
        (date(2026, 11, 16), "1 day late"),
        (date(2023, 1, 1), "1,416 days late"),
        (TODAY, "Today"),
        (date(2026, 11, 18), "Tomorrow"),
        (date(2026, 11, 19), "Thu 19 Nov"),
        (date(2026, 11, 24), "Tue 24 Nov"),
        (date(2026, 11, 25), "25 Nov"),
        (date(2027, 1, 4), "4 Jan 2027"),
    ],
)
def test_due_text(due_on: date, text: str) -> None:
    assert ui.due_text(due_on, TODAY) == text


def test_due_shows_the_time_only_on_the_day() -> None:
    assert ui.due(TODAY, TODAY, time(11, 30))["text"] == "11:30"
    assert ui.due(date(2026, 11, 18), TODAY, time(11, 30))["text"] == "Tomorrow"
    late = ui.due(date(2026, 11, 16), TODAY, time(11, 30))
    assert (late["text"], late["late"]) == ("1 day late", True)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (TODAY, "Today"), (date(2026, 11, 16), "Yesterday"), (date(2025, 11, 17), "17 Nov 2025")],
)
def test_near_day(value: date | None, text: str) -> None:
    assert ui.near_day(value, TODAY) == text


@pytest.mark.parametrize(
    ("value", "short", "told"),
    [
        (None, "", ""),
        (TODAY, "17 Nov", "today"),
        (date(2026, 11, 18), "18 Nov", "tomorrow"),
        (date(2026, 1, 4), "4 Jan", "4 Jan"),
        (date(2027, 1, 4), "4 Jan 2027", "4 Jan 2027"),
    ],
)
def test_days_in_lists_and_in_sentences(value: date | None, short: str, told: str) -> None:
    assert (ui.short_day(value, TODAY), ui.told_day(value, TODAY)) == (short, told)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (datetime(2026, 11, 17, 14, 5, tzinfo=UTC), "Today, 09:05"),
        (datetime(2026, 11, 17, 1, 5, tzinfo=UTC), "Yesterday, 20:05"),
        (datetime(2026, 3, 1, 20, 0, tzinfo=UTC), "1 Mar, 15:00"),
        (datetime(2026, 1, 1, 1, 0, tzinfo=UTC), "31 Dec 2025, 20:00"),
    ],
)
def test_near_moment_is_on_the_clock_of_the_request(value: datetime | None, text: str) -> None:
    with timezone.override(ZoneInfo("America/New_York")):
        assert ui.near_moment(value, TODAY) == text


@pytest.mark.parametrize(("value", "text"), [(None, ""), (TODAY, "today"), (date(2026, 9, 16), "62 days")])
def test_days_since(value: date | None, text: str) -> None:
    assert ui.days_since(value, TODAY) == text


def test_moment_is_on_the_clock_of_the_request() -> None:
    with timezone.override(ZoneInfo("America/New_York")):
        assert ui.moment(datetime(2026, 11, 17, 1, 5, tzinfo=UTC)) == "16 Nov 2026, 20:05"


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("2405.42", "GBP", "£2,405.42"),
        ("-2405.425", "EUR", "-€2,405.43"),
        ("-0.001", "GBP", "£0.00"),
        ("1234567.5", "CHF", "CHF 1,234,567.50"),
    ],
)
def test_money(amount: str, currency: str, text: str) -> None:
    assert ui.money(Decimal(amount), currency) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [("2405.50", "£2,406"), ("9999999", "£9,999,999"), ("12355000", "£12.36 m"), ("-1", "-£1")],
)
def test_money_in_tiles(amount: str, text: str) -> None:
    assert ui.money_short(Decimal(amount), "GBP") == text


def test_counts_stop_at_the_cap() -> None:
    assert (ui.capped(10_000), ui.capped(10_001)) == ("10,000", "10,000+")


@pytest.mark.parametrize(
    ("name", "letters"), [("Mara Ellison", "ME"), ("Ana de la Cruz", "AC"), ("Cher", "C"), ("", "")]
)
def test_initials(name: str, letters: str) -> None:
    assert ui.initials(name) == letters


def test_hue_follows_the_id_and_has_a_class() -> None:
    hues = {ui.hue(SimpleNamespace(pk=pk)) for pk in range(500)}
    assert hues == {f"h{number}" for number in range(ui.AVATAR_HUES)}
    assert ui.hue(SimpleNamespace(pk=7)) == ui.hue(SimpleNamespace(pk=7))


@pytest.mark.parametrize(
    ("value", "top", "percent"), [(72, 100, "72.0"), (5, 0, "0.0"), (-3, 10, "0.0"), (30, 10, "100.0")]
)
def test_meter_stays_within_its_frame(value: int, top: int, percent: str) -> None:
    assert ui.meter(value, top, "sentence")["percent"] == percent
