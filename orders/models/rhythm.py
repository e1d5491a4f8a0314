"""Rhythm: how often customers order; the working figures behind the facts."""

from django.db import models

from crm.models import Customer


class OrderRhythm(models.Model):
    """The rhythm of one customer with at least four order days.

    ``gaps`` counts the gaps between his distinct order days; ``double_gap`` is twice their median in
    days (a median may end in a half). ``kind_gap`` is the kind's usual gap that his facts were last
    shrunk towards; empty when his kind had none yet.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="rhythm"
    )
    gaps = models.PositiveIntegerField()
    double_gap = models.PositiveIntegerField()
    kind_gap = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = "order rhythm"

    def __str__(self) -> str:
        return f"Rhythm of customer {self.customer_id}"


class KindRhythm(models.Model):
    """The usual gap of a kind of customer in whole days: the median of the medians of its customers.

    Computed when the facts are rolled, and then the same for all orders until the next roll.
    """

    kind = models.CharField(max_length=12, primary_key=True, choices=Customer.Kind.choices)
    gap = models.PositiveIntegerField()

    class Meta:
        verbose_name = "rhythm of a kind"

    def __str__(self) -> str:
        return f"{self.kind}: {self.gap} days"
