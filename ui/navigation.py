"""The sidebar: which entries a user sees, which one is current, and their counts.

Each app defines its entries as tuples of :class:`Item`; the wiring's list ``NAVIGATION`` names the tuples
in the order of the sidebar. An entry is shown only to users whom its policy allows, and a group only when
it has an entry.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Count, QuerySet, Value
from django.urls import reverse

from core.permissions import Policy, signed_in
from core.registry import wired

CountFunction = Callable[[Any, datetime], "int | QuerySet[Any]"]


@dataclass(frozen=True)
class Item:
    """One entry of the sidebar.

    ``icon`` is the name of a Bootstrap icon. ``count`` takes the user and the instant and returns the rows
    to count, or a number; it is shown when it is above zero. ``count_word`` says what is counted ("open",
    "overdue"), and "overdue" is drawn red. ``bottom`` above 0 offers the entry for the bar on phones, which
    takes the four lowest. ``key`` is the letter that follows G to go there. ``search`` is the text in the
    top bar's search field, which asks this list by ``?q=``.
    """

    group: str
    label: str
    icon: str
    url_name: str
    policy: Policy = field(default_factory=signed_in)
    count: CountFunction | None = None
    count_word: str = "open"
    bottom: int = 0
    key: str = ""
    search: str = ""


@dataclass(frozen=True)
class NavEntry:
    """An entry as one user sees it on one page."""

    item: Item
    url: str
    is_current: bool
    count: int

    @property
    def is_late(self) -> bool:
        """Whether the count calls for attention."""
        return self.item.count_word == "overdue" and self.count > 0


@dataclass(frozen=True)
class NavGroup:
    """Entries under one heading."""

    label: str
    entries: list[NavEntry]


def allowed_items(user: Any) -> list[Item]:
    """The wired entries that ``user`` may open, in their order."""
    items: list[Item] = [item for group in wired("NAVIGATION") for item in group]
    return [item for item in items if item.policy.allows(user)]


def current_url(urls: list[str], path: str) -> str:
    """Which of ``urls`` the page at ``path`` belongs to: the longest that it starts with; "/" only itself."""
    fitting = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(fitting, key=len, default="")


def counted(asked: "Mapping[str, int | QuerySet[Any]]") -> dict[str, int]:
    """The numbers of ``asked`` by their names; all that are rows are counted in one query."""
    numbers = {name: found for name, found in asked.items() if isinstance(found, int)}
    parts = [
        rows.order_by().values_list(Value(name)).annotate(Count("pk"))
        for name, rows in asked.items()
        if not isinstance(rows, int)
    ]
    return numbers | dict(parts[0].union(*parts[1:], all=True)) if parts else numbers


def navigation(user: Any, path: str, now: datetime) -> list[NavGroup]:
    """The sidebar of ``user`` on the page at ``path``, with the counts of the instant ``now``."""
    urls = {item: reverse(item.url_name) for item in allowed_items(user)}
    here = current_url(list(urls.values()), path)
    counts = counted({item.url_name: item.count(user, now) for item in urls if item.count})
    entries = [
        NavEntry(item=item, url=url, is_current=url == here, count=counts.get(item.url_name, 0))
        for item, url in urls.items()
    ]
    return [
        NavGroup(label=label, entries=list(members))
        for label, members in groupby(entries, key=lambda entry: entry.item.group)
    ]
