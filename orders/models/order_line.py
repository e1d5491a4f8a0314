"""OrderLine: one item of an order."""

from django.db import models
from django.db.models import Q

from catalog.models import Item
from core.money import MoneyField
from orders.models.sales_order import SalesOrder


class OrderLine(models.Model):
    """A quantity of an item at a price. ``total`` is quantity times price, half up to two decimals."""

    order = models.ForeignKey(SalesOrder, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=120, blank=True)
    quantity = models.PositiveIntegerField()
    unit_price = MoneyField()
    total = MoneyField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_quantity"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="order_line_price"),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.quantity} x {self.item_id}"
