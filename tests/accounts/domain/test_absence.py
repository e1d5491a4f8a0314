"""Absences: days, substitutes, and who may enter them for whom."""

from datetime import date
from typing import Any

import pytest

from accounts.domain.absence import add_absence, cancel_absence, change_absence, end_absence
from accounts.models import Absence, User
from activity.models import Entry
from core.errors import Denied, Refused
from tests.factories import NOW, UserFactory, day


def away(user: User, first: str, last: str | None, **changes: Any) -> Absence:
    fields = {"reason": "holiday", "by": None, "now": NOW} | changes
    return add_absence(user=user, starts_on=day(first), ends_on=day(last) if last else None, **fields)


def test_an_absence_is_entered_and_told(alice: User, bob: User) -> None:
    absence = away(alice, "2026-12-01", "2026-12-05", substitute=bob, by=alice)
    assert (absence.created_by, absence.created_at, absence.substitute) == (alice, NOW, bob)
    assert set(Absence.objects.on(date(2026, 12, 5))) == {absence}
    assert Entry.objects.get(verb="absence.created").data["ends_on"] == "2026-12-05"


@pytest.mark.parametrize(
    ("first", "last", "overlaps"),
    [
        ("2026-12-01", "2026-12-09", False),
        ("2026-12-01", "2026-12-10", True),
        ("2026-12-12", "2026-12-13", True),
        ("2026-12-15", "2026-12-15", True),
        ("2026-12-16", "2026-12-20", False),
        ("2026-12-01", "2026-12-31", True),
        ("2026-12-01", None, True),
        ("2026-12-15", None, True),
        ("2026-12-16", None, False),
    ],
)
def test_no_two_absences_of_one_user_overlap(
    alice: User, bob: User, first: str, last: str | None, overlaps: bool
) -> None:
    away(alice, "2026-12-10", "2026-12-15")
    away(bob, first, last)
    if not overlaps:
        away(alice, first, last)
        return
    with pytest.raises(Refused, match="away on some of these days") as refused:
        away(alice, first, last)
    assert refused.value.field == "starts_on"


def test_an_open_end_covers_everything_after(alice: User) -> None:
    away(alice, "2026-12-10", None)
    with pytest.raises(Refused):
        away(alice, "2030-01-01", "2030-01-02")
    away(alice, "2026-12-01", "2026-12-09")


def test_a_cancelled_absence_counts_for_nothing(alice: User) -> None:
    absence = away(alice, "2026-12-10", "2026-12-15")
    cancel_absence(absence=absence, by=alice, now=NOW)
    assert not Absence.objects.on(date(2026, 12, 12)).exists()
    away(alice, "2026-12-10", "2026-12-15")
    with pytest.raises(Refused, match="cancelled already"):
        cancel_absence(absence=absence, by=alice, now=NOW)
    with pytest.raises(Refused, match="cancelled"):
        end_absence(absence=absence, last_day=day("2026-12-11"), by=alice, now=NOW)


def test_a_change_does_not_overlap_with_itself_but_with_others(alice: User) -> None:
    away(alice, "2026-12-01", "2026-12-05")
    absence = away(alice, "2026-12-10", "2026-12-15")
    fields = {"absence": absence, "reason": "sick", "substitute": None, "by": alice, "now": NOW}
    change_absence(starts_on=day("2026-12-09"), ends_on=day("2026-12-16"), **fields)
    with pytest.raises(Refused):
        change_absence(starts_on=day("2026-12-05"), ends_on=day("2026-12-16"), **fields)
    absence.refresh_from_db()
    assert (absence.starts_on, absence.reason) == (day("2026-12-09"), "sick")
    told = Entry.objects.get(verb="absence.changed").data
    assert told["starts_on"] == ["2026-12-10", "2026-12-09"]


def test_an_absence_ends_early(alice: User) -> None:
    absence = away(alice, "2026-12-10", None)
    end_absence(absence=absence, last_day=day("2026-12-11"), by=alice, now=NOW)
    assert not Absence.objects.on(date(2026, 12, 12)).exists()
    with pytest.raises(Refused) as refused:
        end_absence(absence=absence, last_day=day("2026-12-09"), by=alice, now=NOW)
    assert refused.value.field == "ends_on"


def test_who_cannot_stand_in_is_refused(alice: User, bob: User, admin: User) -> None:
    suspended = UserFactory(suspended_at=NOW)
    for substitute in (alice, suspended):
        with pytest.raises(Refused) as refused:
            away(alice, "2026-12-01", "2026-12-02", substitute=substitute)
        assert refused.value.field == "substitute"
    absence = away(alice, "2026-12-01", "2026-12-02", substitute=bob)
    User.objects.filter(pk=bob.pk).update(suspended_at=NOW)
    end_absence(absence=absence, last_day=day("2026-12-01"), by=alice, now=NOW)


def test_who_has_left_is_not_away(db: None) -> None:
    gone = UserFactory(is_active=False, deactivated_at=NOW)
    with pytest.raises(Refused, match="has left"):
        away(gone, "2026-12-01", "2026-12-02")


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-12-02", "2026-12-01", "ends_on"),
        ("1850-01-01", None, "starts_on"),
        ("2026-12-01", "3000-01-01", "ends_on"),
    ],
)
def test_impossible_days_are_refused(alice: User, first: str, last: str | None, field: str) -> None:
    with pytest.raises(Refused) as refused:
        away(alice, first, last)
    assert refused.value.field == field


def test_who_may_enter_it(
    alice: User, bob: User, charlie: User, lead: User, manager: User, admin: User
) -> None:
    for number, by in enumerate((alice, lead, manager, admin), start=1):
        absence = away(alice, f"2026-12-0{number}", f"2026-12-0{number}", by=by)
        end_absence(absence=absence, last_day=absence.starts_on, by=by, now=NOW)
        cancel_absence(absence=absence, by=by, now=NOW)
    absence = away(alice, "2026-12-10", "2026-12-11")
    for by in (bob, charlie):
        with pytest.raises(Denied):
            away(alice, "2026-12-20", "2026-12-21", by=by)
        with pytest.raises(Denied):
            end_absence(absence=absence, last_day=absence.starts_on, by=by, now=NOW)
        with pytest.raises(Denied):
            cancel_absence(absence=absence, by=by, now=NOW)
