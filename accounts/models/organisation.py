"""Organisation: the company that uses this installation."""

from datetime import time
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models

from core.models import Versioned

WEEKDAYS = [1, 2, 3, 4, 5]


def check_time_zone(name: str) -> None:
    """Refuse a name that is not an IANA time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError(f"{name!r} is not a time zone such as Europe/London.") from error


def default_workdays() -> list[int]:
    """Monday to Friday, as ISO weekdays."""
    return list(WEEKDAYS)


class Organisation(Versioned):
    """The one company of this installation: its clock, calendar and currency.

    Business days, "today" and the judged day of the event engine follow ``time_zone``; instants are
    stored in UTC. There is exactly one row, with id 1.
    """

    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=60, default="Europe/London", validators=[check_time_zone])
    currency = models.CharField(max_length=3, default="GBP")
    country = models.CharField("country (for public holidays)", max_length=2, default="GB", blank=True)
    working_days = models.JSONField(default=default_workdays)  # ISO weekdays, 1 = Monday
    opens_at = models.TimeField(default=time(9))
    closes_at = models.TimeField(default=time(17))

    class Meta:
        verbose_name = "organisation"
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="organisation_is_one"),
            models.CheckConstraint(
                condition=models.Q(opens_at__lt=models.F("closes_at")),
                name="organisation_opens_before_closing",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return ZoneInfo(self.time_zone)
