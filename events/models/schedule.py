"""Schedule: when an event is next due."""

from datetime import time

from django.db import models

from events.models.event import Event


class Schedule(models.Model):
    """An event's clock: nightly at ``at`` in the organisation's zone.

    ``last_as_of`` is the last day that was judged for real; time never goes back behind it. Kept apart
    from the event's own row, which evaluations only share-lock.
    ``consecutive_failures`` are clock runs that failed in a row, ``journal_failures`` what failed between
    them: evaluations by the journal, and goals. A clock run that went well ends both.
    ``lease_owner`` and ``lease_until`` keep two processes from evaluating the same event at once where
    the database has no advisory locks; a lease that ran out is free, so nothing can stay locked.
    """

    event = models.OneToOneField(Event, on_delete=models.CASCADE, primary_key=True, related_name="schedule")
    at = models.TimeField(default=time(2))
    next_run_at = models.DateTimeField(null=True, blank=True)
    last_as_of = models.DateField(null=True, blank=True)
    consecutive_failures = models.PositiveSmallIntegerField(default=0)
    journal_failures = models.PositiveSmallIntegerField(default=0)
    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["next_run_at"], name="schedule_due")]

    def __str__(self) -> str:
        return f"{self.event_id} next at {self.next_run_at}"
