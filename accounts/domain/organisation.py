"""The organisation: its calendar, for everything that counts days."""

from datetime import date, datetime

from accounts.models import Organisation
from core.dates import add_business_days, local_day


def organisation() -> Organisation:
    """The one organisation of this installation; made with plain settings when there is none yet."""
    row, _ = Organisation.objects.get_or_create(pk=1, defaults={"name": "Our company"})
    return row


def today_at(instant: datetime) -> date:
    """The organisation's calendar day at ``instant``."""
    return local_day(instant, organisation().zone)


def business_day_after(day: date, count: int) -> date:
    """The ``count``-th business day after ``day`` in the organisation's calendar."""
    own = organisation()
    return add_business_days(day, count, weekdays=own.working_days, country=own.country)
