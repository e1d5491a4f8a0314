"""Contact: a person we deal with, and the customers he belongs to."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Owned
from core.models import Archivable, Sourced, Stamped, Versioned
from core.permissions import RecordScope
from core.querysets import ScopedQuerySet, scoped
from core.routes import record_url
from core.text import search_terms
from crm.models.customer import Customer


class ContactQuerySet(ScopedQuerySet["Contact"]):
    """A contact is visible with any customer he is linked to; unassigned, by his own columns."""

    def scope_condition(self, user: Any, scope: RecordScope, action: str) -> Q:
        inside = scoped(Customer, user, scope, action, "customer__")
        linked = ContactLink.objects.filter(inside, ended_on=None).values_list("contact")
        own = Contact.objects.filter(scope.owned()).unassigned().order_by().values_list("pk")
        return Q(pk__in=linked.order_by().union(own))

    def unassigned(self) -> Self:
        """Contacts without an open link to a customer."""
        open_links = ContactLink.objects.filter(contact=OuterRef("pk"), ended_on=None)
        return self.filter(~Exists(open_links))

    def current(self) -> Self:
        """Without the archived ones."""
        return self.filter(archived_at=None)

    def search(self, text: str) -> Self:
        """Contacts whose name, job title, e-mail and telephones hold every word of ``text``."""
        terms = search_terms(text)
        return self.filter(*(Q(search__contains=term) for term in terms)) if terms else self.none()


class Contact(Owned, Sourced, Stamped, Versioned, Archivable):
    """A person. Without an open link to a customer he is *unassigned* and can be moved to one later."""

    first_name = models.CharField(max_length=60, blank=True)
    last_name = models.CharField(max_length=60)
    job_title = models.CharField(max_length=80, blank=True)
    email = models.EmailField("e-mail", blank=True)
    phone = models.CharField(max_length=40, blank=True)
    mobile = models.CharField(max_length=40, blank=True)
    do_not_contact = models.BooleanField(default=False)
    search = models.CharField(max_length=300, editable=False, default="")
    sort_name = models.CharField(max_length=120, editable=False, default="")  # the name as lists sort it
    form_token = models.UUIDField(null=True, unique=True, editable=False)

    objects: ClassVar[ContactQuerySet] = ContactQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["sort_name", "pk"]
        indexes = [
            models.Index(fields=["sort_name", "id"], name="contact_name"),
            models.Index(fields=["owner", "sort_name", "id"], name="contact_owner"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(last_name=""), name="contact_last_name_given")
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_absolute_url(self) -> str:
        return record_url("crm:contact", self.pk)


class ContactLink(models.Model):
    """A contact works for a customer, from a day until he leaves (``ended_on``)."""

    class Role(models.TextChoices):
        """What the contact does there."""

        BUYER = "buyer", "Buyer"
        DECISION = "decision", "Decision maker"
        TECHNICAL = "technical", "Technical"
        ACCOUNTS = "accounts", "Accounts payable"
        OTHER = "other", "Other"

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="links")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contact_links")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.OTHER)
    is_main = models.BooleanField("main contact", default=False)
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "customer"], condition=Q(ended_on=None), name="contact_link_open_once"
            ),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(is_main=True, ended_on=None), name="contact_link_one_main"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=models.F("started_on")),
                name="contact_link_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} at {self.customer}"
