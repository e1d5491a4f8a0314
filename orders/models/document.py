"""What every order document has: a number, a customer, a day and a sum."""

from django.db import models

from core.models import Sourced, Stamped, Versioned
from core.money import MoneyField
from crm.models import Contact, Customer


class OrderDocument(Sourced, Stamped, Versioned):
    """Base of order documents; each kind of document is a table of its own."""

    number = models.CharField(max_length=30, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="%(class)ss")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    customer_reference = models.CharField(max_length=60, blank=True)
    currency = models.CharField(max_length=3)
    total = MoneyField(default=0)
    note = models.TextField(max_length=2000, blank=True)
    form_token = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number
