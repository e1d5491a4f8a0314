"""Override: follow-ups rerouted from somebody who is away."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Absence, User
from core.dates import day_words
from core.models import Stamped
from core.routes import record_url
from crm.models import Action


class Override(Stamped):
    """A manager's decision to reroute a person's follow-ups; facts are added, never deleted.

    States: *active* (until ``returns_on``, or until ended by hand, or for good); *ended* (what nobody
    touched went back); *undone* (what nobody changed went back at once). ``absence`` is the absence that
    carries "also what arrives meanwhile".
    """

    class Status(models.TextChoices):
        """Where the override stands."""

        ACTIVE = "active", "Active"
        ENDED = "ended", "Ended"
        UNDONE = "undone", "Undone"

    class Strategy(models.TextChoices):
        """How the targets were chosen."""

        ONE = "one", "One person"
        BALANCE = "balance", "Balanced by workload"

    from_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="overrides_from")
    starts_on = models.DateField()
    returns_on = models.DateField(null=True, blank=True)  # first day back; empty: no automatic return
    reason = models.CharField(max_length=10, choices=Absence.Reason.choices)
    note = models.CharField(max_length=500)
    strategy = models.CharField(max_length=7, choices=Strategy.choices)
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.ACTIVE)
    absence = models.ForeignKey(Absence, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    form_token = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["status", "returns_on"], name="override_returns")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="active", ended_at=None) | Q(~Q(status="active"), ended_at__isnull=False),
                name="override_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(returns_on=None) | Q(returns_on__gt=models.F("starts_on")),
                name="override_returns_later",
            ),
            models.CheckConstraint(condition=~Q(note=""), name="override_note_given"),
        ]

    def __str__(self) -> str:
        return f"Override for {self.from_user} from {day_words(self.starts_on)}"

    def get_absolute_url(self) -> str:
        return record_url("events:override_detail", self.pk)


class OverrideItem(models.Model):
    """One follow-up that an override moved: from whom, to whom, and whether it went back.

    ``seq`` is the follow-up's ``assign_seq`` right after the move: it still equals the row's while nobody
    changed its hands since, which is what undo and return require.
    """

    override = models.ForeignKey(Override, on_delete=models.PROTECT, related_name="items")
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="override_items")
    from_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    to_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField()
    returned_at = models.DateTimeField(null=True, blank=True)
    kept_reason = models.CharField(max_length=120, blank=True)  # why it did not go back

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["override", "action"], name="override_item_once"),
            models.CheckConstraint(condition=~Q(to_user=models.F("from_user")), name="override_item_moves"),
        ]
        indexes = [models.Index(fields=["action"], name="override_item_action")]

    def __str__(self) -> str:
        return f"{self.action_id}: {self.from_user_id} to {self.to_user_id}"
