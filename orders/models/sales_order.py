"""SalesOrder: what a customer bought or sent back."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.querysets import ScopedQuerySet
from core.routes import record_url
from crm.models import Customer
from orders.models.document import OrderDocument

MOST_CUSTOMERS = 200  # whose orders one search shows


class SalesOrderQuerySet(ScopedQuerySet["SalesOrder"]):
    """Visible with the customer."""

    scope_path = "customer"

    def sales(self) -> "SalesOrderQuerySet":
        """Orders that count: placed sales, neither returns nor cancelled."""
        return self.filter(kind=SalesOrder.Kind.SALE, status=SalesOrder.Status.PLACED)

    def search(self, text: str) -> Self:
        """The order with this number, and the orders of customers that the search for ``text`` finds.

        The customers are looked up first, so that both conditions are answered by an index.
        """
        found = Customer.objects.search(text).order_by("sort_name", "pk").values_list("pk", flat=True)
        customers = list(found[:MOST_CUSTOMERS])
        return self.filter(Q(number__in={text, text.upper()}) | Q(customer__in=customers))


class SalesOrder(OrderDocument):
    """A sale, or a return (quantities stay positive, the kind gives the sign).

    States: *placed* and *cancelled* (with ``cancelled_at`` and who did it). ``placed_on`` is the local
    day of ``placed_at`` in the organisation's zone, stored because every fact and event asks for it.
    ``content_hash`` identifies the content of an imported order: the same number with another content
    is reported, never overwritten.
    """

    class Kind(models.TextChoices):
        """Which way the goods go."""

        SALE = "sale", "Sale"
        RETURN = "return", "Return"

    class Status(models.TextChoices):
        """Where the order stands."""

        PLACED = "placed", "Placed"
        CANCELLED = "cancelled", "Cancelled"

    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.SALE)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PLACED)
    placed_at = models.DateTimeField()
    placed_on = models.DateField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    returned_order = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="returns"
    )
    content_hash = models.CharField(max_length=64, blank=True)

    objects: ClassVar[SalesOrderQuerySet] = SalesOrderQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-placed_at", "-pk"]
        permissions = [
            ("cancel_salesorder", "Can cancel a sales order"),
            ("view_import", "Can see imports"),
            ("import_orders", "Can import orders"),
        ]
        indexes = [
            models.Index(fields=["customer", "-placed_at", "-id"], name="order_customer"),
            models.Index(fields=["-placed_at", "-id"], name="order_placed"),
            models.Index(fields=["placed_on", "customer"], name="order_day"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="placed", cancelled_at=None)
                | Q(status="cancelled", cancelled_at__isnull=False),
                name="order_cancelled_has_time",
            ),
            models.CheckConstraint(condition=Q(total__gte=0), name="order_total_positive"),
            models.CheckConstraint(condition=~Q(number=""), name="order_number_given"),
            models.CheckConstraint(
                condition=Q(returned_order=None) | Q(kind="return"), name="order_only_returns_name_an_order"
            ),
        ]

    def get_absolute_url(self) -> str:
        return record_url("orders:order", self.pk)
