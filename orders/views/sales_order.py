"""Pages of sales orders: the list, and one order with its lines."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from core.permissions import requires
from orders.filters.sales_order import SalesOrderFilter
from orders.models import OrderLine, SalesOrder
from orders.tables.sales_order import SALES_ORDERS
from ui.paging import capped_count
from ui.views.detail import DetailPage
from ui.views.list import ListPage

SHOWN_LINES = 1000  # imported orders reach 541 lines


class SalesOrderList(ListPage):
    """The orders of customers that the user may see."""

    policy = requires("orders.view_salesorder")
    title = "Orders"
    model = SalesOrder
    table = SALES_ORDERS
    filter_class = SalesOrderFilter
    related = ("customer",)
    nouns = ("order", "orders")
    empty_icon = "receipt"
    empty_text = "Orders appear here once they are entered or imported."


class SalesOrderDetail(DetailPage):
    """One order with its lines, its returns and what it was returned from."""

    policy = requires("orders.view_salesorder")
    model = SalesOrder
    related = ("customer", "contact", "returned_order", "cancelled_by", "created_by")
    template_name = "orders/order_detail.html"

    def context(self, **extra: Any) -> dict[str, Any]:
        order = extra["record"]
        lines: QuerySet[OrderLine] = OrderLine.objects.filter(order=order).select_related("item")
        extra["title"] = f"{order.get_kind_display()} {order.number}"
        return super().context(
            crumb="Orders",
            crumb_url=reverse("orders:orders"),
            subtitle=order.customer.name,
            lines=lines.order_by("position")[:SHOWN_LINES],
            line_count=capped_count(lines),
            returns=list(order.returns.order_by("placed_at", "pk")),
            **extra,
        )
