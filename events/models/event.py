"""Event: a named question asked of the data, and what to do with the answers."""

from django.db import models

from core.models import Stamped, Versioned
from core.routes import record_url


class Event(Stamped, Versioned):
    """A CRM event definition. What it asks and does stands in its versions; one of them is active.

    States: *draft* (never activated or deactivated: makes nothing); *active*; *paused* (keeps its queue,
    makes nothing); *held* (a run matched far more than usual and waits for a person); *faulted* (failed
    three times in a row, by the clock or by the journal; runs on, is tried again within six hours, and is
    active again when it went well); *archived*.

    ``floor_on``: trigger days up to and including it are left alone ("from now on"). ``key_epoch`` leads
    each occurrence key and rises only when an edit changes what an occurrence is. ``floor_at`` is the same
    floor for triggers that compare instants.
    """

    class Family(models.TextChoices):
        """What the event serves."""

        PROCESS = "process", "Process-driven"
        MARKETING = "marketing", "Marketing-driven"

    class Status(models.TextChoices):
        """Whether it runs."""

        DRAFT = "draft", "Off"
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        HELD = "held", "Held"
        FAULTED = "faulted", "Faulted"
        ARCHIVED = "archived", "Archived"

    RUNNING = (Status.ACTIVE, Status.FAULTED)

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=80)
    family = models.CharField(max_length=9, choices=Family.choices, default=Family.PROCESS)
    subject_type = models.CharField(max_length=20, default="customer")
    is_system = models.BooleanField(default=False)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    active_version = models.ForeignKey(
        "events.Version", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    priority = models.PositiveSmallIntegerField(default=3)
    starts_on = models.DateField(null=True, blank=True)
    stops_on = models.DateField(null=True, blank=True)
    key_epoch = models.PositiveSmallIntegerField(default=1)
    floor_on = models.DateField(null=True, blank=True)
    floor_at = models.DateTimeField(null=True, blank=True)
    catchup_days = models.PositiveSmallIntegerField(default=30)
    status_changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        permissions = [
            ("activate_event", "Can activate and deactivate events"),
            ("pause_system", "Can pause system events"),
            ("release_held", "Can release held matches"),
            ("view_status", "Can see Status"),
            ("view_status_all", "Can see Status of everybody"),
            ("override_team", "Can reroute follow-ups of own teams"),
            ("override_any", "Can reroute anybody's follow-ups"),
            ("export_followups", "Can export follow-ups"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(status="active") | models.Q(active_version__isnull=False),
                name="event_active_has_version",
            ),
            models.CheckConstraint(
                condition=models.Q(stops_on=None)
                | models.Q(starts_on=None)
                | models.Q(stops_on__gte=models.F("starts_on")),
                name="event_stops_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(priority__gte=1, priority__lte=5), name="event_priority"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_running(self) -> bool:
        """Whether it is evaluated: active, or faulted and tried again."""
        return self.status in self.RUNNING

    def get_absolute_url(self) -> str:
        return record_url("events:event", self.pk)
