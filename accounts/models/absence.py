"""Absence: when a user is away and who stands in."""

from datetime import date

from django.db import models

from accounts.models.user import User
from core.models import Stamped, Versioned


class AbsenceQuerySet(models.QuerySet):
    """Finds who is away."""

    def on(self, day: date) -> "AbsenceQuerySet":
        """Absences that cover ``day``."""
        return self.filter(
            models.Q(ends_on=None) | models.Q(ends_on__gte=day), starts_on__lte=day, cancelled_at=None
        )


class Absence(Stamped, Versioned):
    """A user is away from ``starts_on`` to ``ends_on``, both included; no end means until further notice.

    New follow-ups meant for him go to ``substitute`` meanwhile. Absences of one user never overlap
    (kept by the domain function under a lock). A cancelled absence counts for nothing.
    """

    class Reason(models.TextChoices):
        """Why somebody is away."""

        SICK = "sick", "Sick leave"
        HOLIDAY = "holiday", "Holiday"
        TRAVEL = "travel", "Business travel"
        LEFT = "left", "Left the company"
        OTHER = "other", "Other"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=10, choices=Reason.choices, default=Reason.OTHER)
    substitute = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="substitutes_for"
    )
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        indexes = [models.Index(fields=["user", "starts_on"], name="absence_user_day")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")),
                name="absence_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(substitute=None) | ~models.Q(substitute=models.F("user")),
                name="absence_substitute_is_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} away from {self.starts_on}"
