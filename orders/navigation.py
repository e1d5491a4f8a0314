"""Orders' entries of the sidebar."""

from core.permissions import requires
from ui.navigation import Item

SELLING = (
    Item(
        "Selling",
        "Orders",
        "receipt",
        "orders:orders",
        policy=requires("orders.view_salesorder"),
        bottom=5,
        key="o",
    ),
)
