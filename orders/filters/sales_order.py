"""What the list of orders can be narrowed by."""

from typing import Any

from django.db.models import QuerySet

from crm.models import Customer
from orders.models import SalesOrder
from ui.filters import ChoiceFilter, DayFilter, IdFilter, ListFilter, SearchFilter


class SalesOrderFilter(ListFilter):
    """Filters of the order list. The search asks for a number or a customer."""

    q = SearchFilter("Order number or customer")
    kind = ChoiceFilter(label="Kind", choices=SalesOrder.Kind.choices, empty_label="Sales and returns")
    status = ChoiceFilter(label="Status", choices=SalesOrder.Status.choices, empty_label="All")
    placed_from = DayFilter(label="Placed from", field_name="placed_on", lookup_expr="gte")
    placed_to = DayFilter(label="Placed to", field_name="placed_on", lookup_expr="lte")
    customer = IdFilter(label="Customer", field_name="customer_id")

    class Meta:
        model = SalesOrder
        fields: list[str] = []

    def words(self, field: Any, value: Any) -> str:
        if field.name != "customer":
            return super().words(field, value)
        rows: QuerySet[Customer] = Customer.objects.visible_to(self.request.user).filter(pk=value)
        return str(rows.first() or "unknown")
