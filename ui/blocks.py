"""What pages hand to the components: plain data, so that any app can fill them."""

from dataclasses import dataclass, field
from datetime import date, time


@dataclass(frozen=True)
class Tile:
    """A stat tile: a label, a value, a word beside it with its tone and icon, one line of context, a link.

    ``is_loud`` gives the value the tone too.
    """

    label: str
    value: str
    unit: str = ""
    tone: str = ""
    icon: str = ""
    context: str = ""
    url: str = ""
    is_loud: bool = False


@dataclass(frozen=True)
class Tab:
    """A saved view or a tab; ``count`` None shows none."""

    label: str
    url: str
    is_current: bool = False
    count: int | None = None


@dataclass(frozen=True)
class RowLink:
    """A further act on a follow-up row, with its key."""

    label: str
    url: str
    key: str = ""


@dataclass(frozen=True)
class FollowUpRow:
    """A follow-up as every list draws it. It always says why it exists.

    ``reason_kind`` is process, marketing or manual; ``reason_event`` the event's name ("Added by Ruth" for
    manual ones), ``reason_fact`` the fact that fired it. ``complete_url`` is empty for closed ones and for
    users who may not close them, ``url`` for those who may not open it; ``claim_url`` is set on what waits
    in a queue of theirs. ``closed_on`` is the day it was closed. ``assignee`` names whose it is where rows
    of several people stand together, ``in_queue`` that it is a queue's, ``note`` a further state ("Snoozed
    until 24 Nov", "Done"). ``links`` (snooze, hand over) and the contact show a second line on the
    highlighted row.
    """

    pk: int
    title: str
    url: str
    icon: str
    kind: str
    customer: str
    customer_url: str
    due_on: date
    reason_kind: str
    reason_event: str
    reason_fact: str = ""
    reason_url: str = ""
    due_time: time | None = None
    complete_url: str = ""
    claim_url: str = ""
    closed_on: date | None = None
    assignee: str = ""
    assignee_hue: str = ""
    in_queue: bool = False
    note: str = ""
    contact: str = ""
    contact_note: str = ""
    phone: str = ""
    links: list[RowLink] = field(default_factory=list)

    @property
    def is_closed(self) -> bool:
        """Whether there is nothing left to do."""
        return self.closed_on is not None
