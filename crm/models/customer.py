"""Customer: a company that buys or may buy."""

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.models import Owned
from core.models import Archivable, Sourced, Stamped, Versioned
from core.querysets import ScopedQuerySet
from core.routes import record_url
from core.text import search_terms


class CustomerQuerySet(ScopedQuerySet["Customer"]):
    """Finds customers; ``visible_to`` is the entry point for anything a user sees."""

    def current(self) -> Self:
        """Without the archived ones."""
        return self.filter(archived_at=None)

    def off_rhythm(self, today: date) -> Self:
        """Active customers who by ``today`` passed the day that their rhythm of ordering gives them."""
        return self.filter(facts__lapse_due_on__lte=today, status=Customer.Status.ACTIVE)

    def search(self, text: str) -> Self:
        """Customers whose number, name, city, postcode, e-mail and telephone hold every word of ``text``."""
        terms = search_terms(text)
        return self.filter(*(Q(search__contains=term) for term in terms)) if terms else self.none()


class Customer(Owned, Sourced, Stamped, Versioned, Archivable):
    """A company we sell to or want to sell to.

    ``status``: *prospect* has not bought yet; *active*; *on hold* (no new orders); *inactive* (no trade
    wanted for now); *closed* (gone for good). ``kind`` is the customer's trade, such as retail or
    wholesale, and groups customers with a similar order rhythm. ``owner`` is the account owner.
    ``number`` is what people say on the telephone; it never changes.
    """

    class Status(models.TextChoices):
        """Where we stand with the customer."""

        PROSPECT = "prospect", "Prospect"
        ACTIVE = "active", "Active"
        ON_HOLD = "on_hold", "On hold"
        INACTIVE = "inactive", "Inactive"
        CLOSED = "closed", "Closed"

    class Kind(models.TextChoices):
        """The customer's trade."""

        RETAIL = "retail", "Retail"
        WHOLESALE = "wholesale", "Wholesale"
        ONLINE = "online", "Online shop"
        HOSPITALITY = "hospitality", "Hospitality"
        INDUSTRY = "industry", "Industry"
        OTHER = "other", "Other"

    class Tier(models.TextChoices):
        """How much attention the customer gets."""

        A = "A", "A"
        B = "B", "B"
        C = "C", "C"

    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.OTHER)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROSPECT)
    tier = models.CharField(max_length=1, choices=Tier.choices, default=Tier.C)
    email = models.EmailField("e-mail", blank=True)
    phone = models.CharField(max_length=40, blank=True)
    website = models.URLField(blank=True)
    street = models.CharField(max_length=120, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=60, blank=True)
    currency = models.CharField(max_length=3, default="GBP")
    do_not_contact = models.BooleanField(default=False)
    is_test = models.BooleanField("test record", default=False)
    search = models.CharField(max_length=400, editable=False, default="")
    sort_name = models.CharField(max_length=120, editable=False, default="")  # the name as lists sort it
    form_token = models.UUIDField(null=True, unique=True, editable=False)

    objects: ClassVar[CustomerQuerySet] = CustomerQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["sort_name", "pk"]
        permissions = [
            ("assign_owner", "Can change the account owner"),
            ("share_customer", "Can share a customer"),
            ("archive_customer", "Can archive a customer"),
            ("export_customer", "Can export customers"),
            ("view_credit", "Can see credit limits and holds"),
            ("change_credit", "Can change credit limits and holds"),
        ]
        indexes = [
            models.Index(fields=["sort_name", "id"], name="customer_name"),
            models.Index(fields=["owner", "sort_name", "id"], name="customer_owner"),
            models.Index(fields=["team", "sort_name", "id"], name="customer_team"),
            models.Index(fields=["territory", "sort_name", "id"], name="customer_territory"),
            models.Index(fields=["created_at", "id"], name="customer_created"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(number=""), name="customer_number_given"),
            models.CheckConstraint(condition=~models.Q(name=""), name="customer_name_given"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_url("crm:customer", self.pk)
