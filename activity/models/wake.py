"""Wake: the queue of entries that CRM events have still to look at."""

from django.db import models

from activity.models.entry import Entry


class Wake(models.Model):
    """One entry waiting for the event engine.

    Written in the entry's transaction; locked, consumed and deleted by the engine in the transaction of
    its consequences. A row that failed waits until ``not_before``; after five attempts it is *dead*,
    keeps its error and waits for a person.
    """

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT)
    verb = models.CharField(max_length=60)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    dead_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["not_before", "id"], name="wake_due", condition=models.Q(dead_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.verb} (entry {self.entry_id})"
