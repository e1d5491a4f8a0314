"""Abstract bases that records of every app share."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F


class Stamped(models.Model):
    """Who made the record and when; ``created_by`` empty means the system itself."""

    created_at = models.DateTimeField(editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        abstract = True


class Versioned(models.Model):
    """Optimistic locking: ``version`` rises with every edit, and an edit names the one it read."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def update_guarded(self, *, expected: int | None = None, **changes: Any) -> bool:
        """Write ``changes`` if the stored version is still ``expected`` (default: the one read).

        True when the row was written; the instance then carries the new values. False when somebody
        else was first; nothing is written.
        """
        seen = self.version if expected is None else expected
        rows = type(self)._default_manager.filter(pk=self.pk, version=seen)
        if rows.update(version=F("version") + 1, **changes) != 1:
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        self.version = seen + 1
        return True


class Archivable(models.Model):
    """Business records are never deleted, only archived."""

    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class Source(models.TextChoices):
    """Where a record came from."""

    USER = "user", "Entered"
    IMPORT = "import", "Imported"
    DEMO = "demo", "Demo"
    ENGINE = "engine", "CRM event"


class Sourced(models.Model):
    """Where a record came from, and since when events of kind created, order and changed may see it.

    ``events_from`` empty means never: imported history does not start welcome packages.
    """

    source = models.CharField(max_length=10, choices=Source.choices, default=Source.USER, editable=False)
    events_from = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class Counter(models.Model):
    """The last number given out in a series such as ``order:2026``; see :mod:`core.numbers`."""

    series = models.CharField(max_length=40, primary_key=True)
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.series}: {self.value}"
