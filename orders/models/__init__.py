"""Tables of orders."""

from orders.models.order_line import OrderLine
from orders.models.rhythm import KindRhythm, OrderRhythm
from orders.models.sales_order import SalesOrder

__all__ = ["KindRhythm", "OrderLine", "OrderRhythm", "SalesOrder"]
