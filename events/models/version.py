"""Version: one edition of an event's definition, immutable once published."""

from typing import Any

from django.db import models

from core.models import Stamped
from events.models.event import Event


class Version(Stamped):
    """What an event asks and does.

    ``trigger``: ``{"kind": "created"}``, ``{"kind": "order", "first": true}`` or
    ``{"kind": "since", "anchor": "order", "days": 60}``. ``condition``: the AST of
    :mod:`core.conditions`, empty for none. ``goal``: ``{"kind": "order"}`` or ``{"kind": "none"}``.
    ``action``: ``{"kind", "title", "body", "due_days", "guard"}``. ``assign``: the chain of rules and
    the mandatory fallback queue. ``limits``: ``{"per_run", "per_person_day"}``. The forms are checked
    by ``events.definition``. A draft has no ``published_at``; a published version never changes.
    """

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    trigger = models.JSONField()
    condition = models.JSONField(default=dict, blank=True)
    suppress = models.JSONField(default=list, blank=True)
    goal = models.JSONField(default=dict, blank=True)
    action = models.JSONField()
    assign = models.JSONField()
    limits = models.JSONField(default=dict, blank=True)
    note = models.CharField(max_length=250, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["event", "number"], name="version_number_once")]

    def __str__(self) -> str:
        return f"{self.event} version {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a draft; a published version refuses."""
        if self.pk and Version.objects.filter(pk=self.pk, published_at__isnull=False).exists():
            raise TypeError("A published version never changes: make a new one.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: occurrences name their version for ever."""
        raise TypeError("Versions are never deleted.")
