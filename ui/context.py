"""What the shell around every page needs."""

from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from core.clock import database_now
from core.dates import local_day
from ui.navigation import NavEntry, NavGroup, navigation


class Shell:
    """Sidebar, theme and brand of one request; nothing is computed before a template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user: Any = getattr(request, "user", None)

    @classmethod
    def of(cls, request: HttpRequest) -> "Shell":
        """The shell of ``request``: one, so that page and sidebar share one instant."""
        if not hasattr(request, "shell"):
            request.shell = cls(request)  # type: ignore[attr-defined]
        return request.shell  # type: ignore[attr-defined, no-any-return]

    @property
    def is_signed_in(self) -> bool:
        """Whether the sidebar has an owner; error pages may have none."""
        return bool(self.user and self.user.is_authenticated)

    @cached_property
    def now(self) -> datetime:
        """The instant of the page."""
        return database_now()

    @cached_property
    def today(self) -> date:
        """The calendar day of the page in the zone of the request."""
        return local_day(self.now, timezone.get_current_timezone())

    @cached_property
    def groups(self) -> list[NavGroup]:
        """The sidebar's groups; empty for visitors."""
        return navigation(self.user, self.request.path, self.now) if self.is_signed_in else []

    @property
    def entries(self) -> list[NavEntry]:
        """All entries of the sidebar."""
        return [entry for group in self.groups for entry in group.entries]

    @property
    def bottom(self) -> list[NavEntry]:
        """The entries of the bar on phones: at most four, the fifth place opens the sidebar."""
        offered = sorted((entry for entry in self.entries if entry.item.bottom), key=lambda e: e.item.bottom)
        return [entry for entry in self.entries if entry in offered[:4]]

    @property
    def shortcuts(self) -> list[NavEntry]:
        """The entries that a key leads to."""
        return [entry for entry in self.entries if entry.item.key]

    @property
    def search(self) -> NavEntry | None:
        """The list that the search field of the top bar asks, when the user may open it."""
        return next((entry for entry in self.entries if entry.item.search), None)

    @property
    def theme(self) -> str:
        """The stored theme choice of the user; empty for visitors, whose browser decides."""
        return self.user.theme if self.is_signed_in else ""

    @property
    def letter_keys(self) -> bool:
        """Whether single letters are shortcuts for the user."""
        return bool(self.user.letter_keys) if self.is_signed_in else True

    @property
    def version(self) -> str:
        """Touchpoint's version."""
        return str(settings.VERSION)


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: ``shell`` in every template."""
    return {"shell": Shell.of(request)}
