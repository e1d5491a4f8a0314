"""What pages of lower apps show about orders."""

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from orders.models import SalesOrder
from ui.panels import Panel

SHOWN = 8


def customer_orders(request: HttpRequest, customer: Model) -> Panel | None:
    """The customer's latest orders and returns."""
    if not request.user.has_perm("orders.view_salesorder"):
        return None
    orders = list(SalesOrder.objects.filter(customer=customer).order_by("-placed_at", "-pk")[:SHOWN])
    more = f"{reverse('orders:orders')}?customer={customer.pk}" if orders else ""
    return Panel("Orders", "orders/panels/customer_orders.html", {"orders": orders}, more, "All orders")
