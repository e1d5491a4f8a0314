"""The table of contents of orders."""

from django.urls import path

from orders.views import sales_order

app_name = "orders"

urlpatterns = [
    path("orders/", sales_order.SalesOrderList.as_view(), name="orders"),
    path("orders/<int:pk>/", sales_order.SalesOrderDetail.as_view(), name="order"),
]
