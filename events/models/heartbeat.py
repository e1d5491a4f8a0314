"""Heartbeat: when the engine last looked for work."""

from django.db import models


class Heartbeat(models.Model):
    """The last tick of the engine; one row with id 1. Older than five minutes means something is wrong."""

    at = models.DateTimeField(null=True)
    took_ms = models.PositiveIntegerField(default=0)
    day = models.DateField(null=True)  # the local day whose nightly work is finished

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="heartbeat_is_one")]

    def __str__(self) -> str:
        return f"Last tick at {self.at}"
