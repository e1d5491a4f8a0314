"""Journal verbs of orders."""

from activity.verbs import Verb

VERBS = (
    Verb("order.placed", "placed the order", wakes=True, alone="Order placed"),
    Verb("order.cancelled", "cancelled the order"),
    Verb("order.returned", "entered the return", alone="Goods returned"),
)
