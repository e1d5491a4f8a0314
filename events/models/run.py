"""Run: one evaluation of one event, with what it found and did."""

from django.conf import settings
from django.db import models

from events.models.event import Event
from events.models.version import Version


class Run(models.Model):
    """One evaluation, committed together with its consequences; a failed one is written afterwards."""

    class Kind(models.TextChoices):
        """What started it."""

        SCHEDULED = "scheduled", "Nightly"
        JOURNAL = "journal", "Something happened"
        SWEEP = "sweep", "Nightly sweep"
        MANUAL = "manual", "Run now"
        ACTIVATION = "activation", "Activation"
        RELEASE = "release", "Release of the queue"
        GOAL = "goal", "Goals"

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="runs")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    as_of = models.DateField()  # the judged day
    catch_up_all = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    gap_days = models.PositiveIntegerField(default=0)
    matched = models.PositiveIntegerField(default=0)  # new occurrences this run wrote
    already_known = models.PositiveIntegerField(default=0)
    suppressed = models.JSONField(default=dict)  # reason -> count
    fired = models.PositiveIntegerField(default=0)
    queued = models.PositiveIntegerField(default=0)  # left waiting when the run ended
    held = models.PositiveIntegerField(default=0)
    expired = models.PositiveIntegerField(default=0)
    superseded = models.PositiveIntegerField(default=0)
    out_of_window = models.PositiveIntegerField(default=0)
    ms_total = models.PositiveIntegerField(default=0)
    error_class = models.CharField(max_length=120, blank=True)
    error_text = models.CharField(max_length=2000, blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [models.Index(fields=["event", "-started_at", "-id"], name="run_event")]

    def __str__(self) -> str:
        return f"{self.event_id} as of {self.as_of}"
