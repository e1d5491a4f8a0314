"""Occurrence: the ledger of what happened once and is never acted on twice."""

from typing import Any

from django.db import models
from django.db.models import Q

from crm.models import Action
from events.models.event import Event
from events.models.run import Run
from events.models.version import Version


class Occurrence(models.Model):
    """One answer to an event's question, identified by (event, subject, key).

    The key is computed from the data alone, such as ``1|since:order:2011-03-01`` for the silence after
    the orders of that day. Its unique constraint is what guarantees "at most once", whatever crashes,
    repeats or runs in parallel. The ledger outlives its follow-up; rows are never deleted.

    States: *queued* (waits for its turn under the limits); *fired* (has exactly one action); *held*
    (waits for a person); *expired* (no longer true, or waited too long); *cancelled* (the event was
    stopped).
    """

    class State(models.TextChoices):
        """What became of it."""

        QUEUED = "queued", "Waiting"
        FIRED = "fired", "Follow-up made"
        HELD = "held", "Held"
        EXPIRED = "expired", "Expired"
        CANCELLED = "cancelled", "Cancelled"

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="occurrences")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="occurrences")
    subject_type = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    customer_id = (
        models.BigIntegerField()
    )  # whom the follow-up is about; no foreign key: the ledger outlives records
    okey = models.CharField(max_length=120)
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    trigger_on = models.DateField()  # the local day on which it came true
    anchor_on = models.DateField(null=True)  # the day it is counted from
    detected_at = models.DateTimeField()
    state_changed_at = models.DateTimeField()
    score = models.BigIntegerField(default=0)  # greater is released first
    evidence = models.JSONField(default=dict)
    action = models.OneToOneField(Action, on_delete=models.PROTECT, null=True, related_name="occurrence")

    class Meta:
        ordering = ["-detected_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "subject_type", "subject_id", "okey"], name="occurrence_once"
            ),
            models.CheckConstraint(
                condition=Q(state="fired", action__isnull=False) | ~Q(state="fired") & Q(action=None),
                name="occurrence_fired_has_action",
            ),
        ]
        indexes = [
            models.Index(
                fields=["event", "-score", "trigger_on", "id"],
                name="occurrence_waiting",
                condition=Q(state__in=["queued", "held"]),
            ),
            models.Index(fields=["event", "-detected_at", "-id"], name="occurrence_event"),
            models.Index(fields=["subject_type", "subject_id"], name="occurrence_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.subject_type} {self.subject_id} {self.okey}"

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: a deleted key would fire again."""
        raise TypeError("Occurrences are never deleted.")
