"""CustomerFacts: what events, lists and pages ask about a customer's trade."""

from django.db import models

from core.money import MoneyField
from crm.models.customer import Customer


class CustomerFacts(models.Model):
    """One row per customer, kept in the transaction of each order and rolled on every local day.

    Days are local dates. Windows count the orders with ``day - N < order day <= day``, where ``day`` is
    the day the facts were last rolled to (:class:`FactsDay`); ``*_365_before`` is the year before that.
    Cancelled orders count nowhere; returns only in ``returns_365``. Gaps are whole days between
    distinct order days. ``median_gap`` is shrunk towards the median of customers of the same kind and
    is empty below four order days; ``expected_next_on`` adds it to the last order day, and
    ``lapse_due_on`` adds one and a half times it, within 10 to 400 days.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="facts"
    )
    first_order_on = models.DateField(null=True)
    last_order_on = models.DateField(null=True)
    last_order_number = models.CharField(max_length=30, blank=True)
    order_days = models.PositiveIntegerField(default=0)
    orders_total = models.PositiveIntegerField(default=0)
    orders_30 = models.PositiveIntegerField(default=0)
    orders_90 = models.PositiveIntegerField(default=0)
    orders_365 = models.PositiveIntegerField(default=0)
    orders_365_before = models.PositiveIntegerField(default=0)
    sales_total = MoneyField(default=0)
    sales_30 = MoneyField(default=0)
    sales_90 = MoneyField(default=0)
    sales_365 = MoneyField(default=0)
    sales_365_before = MoneyField(default=0)
    returns_365 = models.PositiveIntegerField(default=0)
    median_gap = models.DecimalField(max_digits=6, decimal_places=1, null=True)
    expected_next_on = models.DateField(null=True)
    lapse_due_on = models.DateField(null=True)
    last_contact_on = models.DateField(null=True)

    class Meta:
        verbose_name = "customer facts"
        verbose_name_plural = "customer facts"
        indexes = [
            models.Index(fields=["last_order_on", "customer"], name="facts_last_order"),
            models.Index(fields=["lapse_due_on", "customer"], name="facts_lapse_due"),
            models.Index(fields=["last_contact_on", "customer"], name="facts_last_contact"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_order_on=None, last_order_on=None, orders_total=0)
                | models.Q(first_order_on__lte=models.F("last_order_on"), orders_total__gt=0),
                name="facts_orders_have_days",
            )
        ]

    def __str__(self) -> str:
        return f"Facts of customer {self.customer_id}"


class FactsDay(models.Model):
    """The local day to which all facts were last rolled; one row with id 1.

    The event engine refuses to judge a day that the facts have not reached.
    """

    rolled_on = models.DateField(null=True)

    class Meta:
        verbose_name = "facts day"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="facts_day_is_one")]

    def __str__(self) -> str:
        return f"Facts as of {self.rolled_on}"
