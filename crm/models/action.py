"""Action: one piece of work for one person. What came from a CRM event is called a follow-up."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Role, TeamMember
from core.models import Stamped, Versioned
from core.permissions import RecordScope
from core.querysets import ScopedQuerySet
from core.routes import record_url
from crm.models.contact import Contact
from crm.models.customer import Customer


class ActionQuerySet(ScopedQuerySet["Action"]):
    """An action is visible with its customer, to the person or role that has to do it, and to who leads him.

    The latter may lie outside the customers that the user sees: pages then say "Restricted".
    """

    scope_path = "customer"

    def scope_condition(self, user: Any, scope: RecordScope, action: str) -> Q:
        own = Q(assignee_id=user.pk) | Q(customer=None, created_by_id=user.pk)
        if scope.led_team_ids:
            own |= Q(assignee__in=TeamMember.objects.filter(team_id__in=scope.led_team_ids).values("user"))
        return super().scope_condition(user, scope, action) | own | Q(queue_id__in=sorted(scope.role_ids))

    def live(self) -> "ActionQuerySet":
        """Neither done nor cancelled nor superseded."""
        return self.filter(closed_at=None)


class Action(Stamped, Versioned):
    """The one work-item table, for actions made by hand and by CRM events.

    States: *open*; *in progress* (somebody started); *done* (with an outcome); *cancelled* (with a
    reason); *superseded* (its goal came true before anybody started). The last three are final and have
    ``closed_at``. A snoozed action is open with ``snoozed_until`` in the future. Overdue is derived:
    ``due_on`` before today.

    Exactly one of ``assignee`` and ``queue`` (a role whose members claim) is set. ``owner`` is whom the
    rule meant; an override changes only the assignee. ``assign_seq`` rises with each change of hands and
    is what a reroute compares before it sets. ``origin_key`` names the occurrence that made it: at most
    one action per occurrence. ``guard_key`` is unique while the action is live: one open follow-up per
    reason to call. ``reason`` holds the facts as they were, frozen.
    """

    class Kind(models.TextChoices):
        """What is to be done."""

        CALL = "call", "Call"
        EMAIL = "email", "E-mail"
        VISIT = "visit", "Visit"
        PACKAGE = "package", "Package"
        TASK = "task", "Task"

    class Status(models.TextChoices):
        """Where the work stands."""

        OPEN = "open", "Open"
        IN_PROGRESS = "in_progress", "In progress"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        SUPERSEDED = "superseded", "Superseded"

    class Origin(models.TextChoices):
        """Where the action came from."""

        MANUAL = "manual", "Added by hand"
        EVENT = "event", "CRM event"

    class Outcome(models.TextChoices):
        """What came of it."""

        REACHED = "reached", "Done"
        ORDER = "order", "Ordered or will order"
        NO_INTEREST = "no_interest", "No interest now"
        NO_ANSWER = "no_answer", "No answer"
        NOT_RELEVANT = "not_relevant", "Not useful"
        GOAL_MET = "goal_met", "Goal reached on its own"
        STOPPED = "stopped", "Event was stopped"
        OTHER = "other", "Other"

    LIVE = (Status.OPEN, Status.IN_PROGRESS)

    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.TASK)
    title = models.CharField(max_length=160)
    body = models.TextField(max_length=4000, blank=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="actions"
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="actions"
    )
    status = models.CharField(max_length=11, choices=Status.choices, default=Status.OPEN)
    priority = models.PositiveSmallIntegerField(default=3)  # 1 is most urgent
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="actions"
    )
    queue = models.ForeignKey(
        Role, on_delete=models.PROTECT, null=True, blank=True, related_name="queued_actions"
    )
    assign_rule = models.CharField(max_length=20, default="manual")
    assign_note = models.CharField(max_length=250, blank=True)  # why this person, in a sentence
    assign_seq = models.PositiveIntegerField(default=0)
    due_on = models.DateField()
    due_time = models.TimeField(null=True, blank=True)
    original_due_on = models.DateField()
    snoozed_until = models.DateField(null=True, blank=True)
    snooze_count = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)  # calls that nobody answered
    first_touched_at = models.DateTimeField(null=True, blank=True)
    goal_met_at = models.DateTimeField(null=True, blank=True)  # came true after somebody started: asks
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    outcome_note = models.TextField(max_length=2000, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)  # local day, for "on time"
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    origin = models.CharField(max_length=6, choices=Origin.choices, default=Origin.MANUAL)
    origin_code = models.CharField(max_length=30, blank=True)
    origin_key = models.CharField(max_length=200, null=True, blank=True, unique=True)
    guard_key = models.CharField(max_length=120, null=True, blank=True)
    anchor_on = models.DateField(null=True, blank=True)  # the day that the goal is compared with
    reason = models.JSONField(default=dict, blank=True)
    form_token = models.UUIDField(null=True, unique=True, editable=False)

    objects: ClassVar[ActionQuerySet] = ActionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["due_on", "priority", "pk"]
        indexes = [
            models.Index(
                fields=["assignee", "due_on", "id"], name="action_mine", condition=Q(closed_at=None)
            ),
            models.Index(fields=["queue", "due_on", "id"], name="action_queue", condition=Q(closed_at=None)),
            models.Index(
                fields=["origin_code", "assignee", "due_on"],
                name="action_matrix",
                condition=Q(closed_at=None),
            ),
            models.Index(
                fields=["closed_on", "origin_code", "assignee"],
                name="action_closed",
                condition=~Q(closed_at=None),
            ),
            models.Index(fields=["customer", "-created_at"], name="action_customer"),
            models.Index(fields=["due_on", "id"], name="action_due", condition=Q(closed_at=None)),
            models.Index(fields=["origin_code", "created_at"], name="action_created"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_on=None, status__in=["open", "in_progress"])
                | Q(
                    closed_at__isnull=False,
                    closed_on__isnull=False,
                    status__in=["done", "cancelled", "superseded"],
                ),
                name="action_closed_is_final",
            ),
            models.CheckConstraint(
                condition=Q(assignee__isnull=False, queue=None) | Q(assignee=None, queue__isnull=False),
                name="action_person_or_queue",
            ),
            models.CheckConstraint(
                condition=Q(origin="event", origin_key__isnull=False) | Q(origin="manual", origin_key=None),
                name="action_event_has_key",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="") | Q(closed_at__isnull=False) & ~Q(outcome=""),
                name="action_closed_has_outcome",
            ),
            models.CheckConstraint(condition=Q(priority__gte=1, priority__lte=5), name="action_priority"),
            models.CheckConstraint(condition=~Q(title=""), name="action_title_given"),
            models.UniqueConstraint(
                fields=["guard_key"],
                condition=Q(closed_at=None, guard_key__isnull=False),
                name="action_one_live_per_guard",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return record_url("crm:action", self.pk)

    @property
    def is_live(self) -> bool:
        """Whether there is still something to do."""
        return self.closed_at is None
