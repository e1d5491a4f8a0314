"""Journal verbs of orders."""

from activity.verbs import Verb

VERBS = (
    Verb("order.placed", "placed the order", wakes=True),
    Verb("order.cancelled", "cancelled the order"),
    Verb("order.returned", "entered the return"),
)
