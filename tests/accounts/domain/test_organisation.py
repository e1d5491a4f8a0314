"""The organisation: its clock and calendar."""

from datetime import UTC, datetime, time
from typing import Any

import pytest

from accounts.domain.organisation import business_day_after, change_organisation, organisation, today_at
from accounts.models import Organisation, User
from activity.models import Entry
from core.errors import Refused
from tests.factories import NOW, day

pytestmark = pytest.mark.django_db


def change(**changes: Any) -> Organisation:
    fields = {
        "name": "Acme",
        "time_zone": "Europe/London",
        "currency": "GBP",
        "country": "GB",
        "working_days": [1, 2, 3, 4, 5],
        "opens_at": time(9),
        "closes_at": time(17),
        "by": None,
        "now": NOW,
    }
    return change_organisation(**(fields | changes))


def test_there_is_one_with_plain_settings() -> None:
    assert organisation() == organisation()
    assert Organisation.objects.count() == 1


def test_a_change_moves_days_and_is_told(admin: User) -> None:
    change(by=admin)
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert today_at(late) == day("2026-11-20")
    change(time_zone="Europe/Athens", by=admin, version=organisation().version)
    assert today_at(late) == day("2026-11-21")
    assert business_day_after(day("2026-11-20"), 1) == day("2026-11-23")
    change(time_zone="Europe/Athens", working_days=[6, 5, 6], by=admin)
    assert organisation().working_days == [5, 6]
    assert business_day_after(day("2026-11-20"), 1) == day("2026-11-21")
    told = Entry.objects.filter(verb="organisation.changed", by=admin)
    assert [entry.data for entry in told.order_by("pk")][1:] == [
        {"time_zone": ["Europe/London", "Europe/Athens"]},
        {"working_days": [[1, 2, 3, 4, 5], [5, 6]]},
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"currency": "£££"}, "currency"),
        ({"currency": "gbp"}, "currency"),
        ({"country": "XX"}, "country"),
        ({"working_days": []}, "working_days"),
        ({"working_days": [0]}, "working_days"),
        ({"closes_at": time(9)}, "closes_at"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        change(**changes)
    assert refused.value.field == field
