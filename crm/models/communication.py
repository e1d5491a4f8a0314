"""Communication: what was said, written or met about."""

from typing import ClassVar

from django.db import models

from core.models import Stamped
from core.querysets import ScopedQuerySet
from crm.models.action import Action
from crm.models.contact import Contact
from crm.models.customer import Customer


class CommunicationQuerySet(ScopedQuerySet["Communication"]):
    """Visible with the customer."""

    scope_path = "customer"


class Communication(Stamped):
    """One conversation with a customer; it moves ``last_contact_on`` of the customer's facts."""

    class Channel(models.TextChoices):
        """How we spoke."""

        CALL = "call", "Call"
        EMAIL = "email", "E-mail"
        MEETING = "meeting", "Meeting"
        VISIT = "visit", "Visit"
        LETTER = "letter", "Letter"

    class Direction(models.TextChoices):
        """Who began."""

        OUT = "out", "We contacted them"
        IN = "in", "They contacted us"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="communications")
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="communications"
    )
    action = models.ForeignKey(
        Action, on_delete=models.PROTECT, null=True, blank=True, related_name="communications"
    )
    channel = models.CharField(max_length=8, choices=Channel.choices)
    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.OUT)
    happened_at = models.DateTimeField()
    subject = models.CharField(max_length=160)
    body = models.TextField(max_length=8000, blank=True)
    form_token = models.UUIDField(null=True, unique=True, editable=False)

    objects: ClassVar[CommunicationQuerySet] = CommunicationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-happened_at", "-pk"]
        indexes = [models.Index(fields=["customer", "-happened_at", "-id"], name="communication_customer")]
        constraints = [
            models.CheckConstraint(condition=~models.Q(subject=""), name="communication_subject_given")
        ]

    def __str__(self) -> str:
        return self.subject
