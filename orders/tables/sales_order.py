"""Orders as rows."""

from ui.tables import Column, Table

SALES_ORDERS = Table(
    caption="Orders",
    order="-placed",
    columns=(
        Column("number", "Order", cell="orders/cells/number.html", sort="number", card="a", css="two"),
        Column(
            "placed",
            "Placed",
            cell="orders/cells/placed.html",
            sort="placed_at",
            descending_first=True,
            card="b",
        ),
        Column("customer", "Customer", cell="orders/cells/customer.html", card="c"),
        Column("status", "Status", cell="orders/cells/status.html"),
        Column("total", "Total", cell="orders/cells/total.html", numeric=True, card="d"),
    ),
)
