"""Entry: one line of the journal."""

from typing import Any

from django.conf import settings
from django.db import models


class Cause(models.TextChoices):
    """What kind of doing led to the entry."""

    USER = "user", "By hand"
    IMPORT = "import", "Import"
    ENGINE = "engine", "CRM event"
    SYSTEM = "system", "System"


class Entry(models.Model):
    """Who did what to which record, when, and what changed.

    ``at`` is when it was entered, ``happened_at`` when it happened: an order of last month that was imported
    today stands on the timeline under last month. Most often both are the same.

    The same row is the audit line, the item on a timeline, and what a CRM event reacts to. Entries are
    written once, in the transaction of the change they describe, and never updated or deleted. The
    subject is named by label and id, without a foreign key, so that the journal outlives records.
    """

    subject_type = models.CharField(max_length=50)
    subject_id = models.BigIntegerField()
    customer_id = models.BigIntegerField(null=True)  # whose timeline the entry stands on
    verb = models.CharField(max_length=60)
    at = models.DateTimeField()
    happened_at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    cause = models.CharField(max_length=10, choices=Cause.choices)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = "journal entry"
        verbose_name_plural = "journal entries"
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="entry_subject"),
            models.Index(
                fields=["customer_id", "-happened_at", "-id"],
                name="entry_timeline",
                condition=~models.Q(customer_id=None),
            ),
            models.Index(fields=["by", "-at"], name="entry_by"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type} {self.subject_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new entry; an entry that exists is never changed."""
        if not self._state.adding:
            raise TypeError("Journal entries are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: the journal is append-only."""
        raise TypeError("Journal entries are never deleted.")
