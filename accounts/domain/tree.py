"""Trees of teams and of territories: no row may stand above itself."""

from typing import TypeVar

from accounts.models import Team, Territory
from core.errors import Refused

Node = TypeVar("Node", Team, Territory)


def check_parent(node: Node, parent: Node | None) -> None:
    """Refuse a ``parent`` that is ``node`` itself or stands below it.

    Locks all rows, in one order: two changes at the same time could otherwise close a circle between them.
    """
    if parent is None:
        return
    rows = type(node)._default_manager.select_for_update().order_by("pk")
    above = dict(rows.values_list("pk", "parent_id"))
    seen: set[int] = set()
    step: int | None = parent.pk
    while step is not None and step not in seen:
        if step == node.pk:
            kind = node._meta.verbose_name
            raise Refused(
                f"{parent} cannot stand above {node}: it is the same {kind} or below it.", field="parent"
            )
        seen.add(step)
        step = above.get(step)
