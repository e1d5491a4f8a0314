"""What a detail page shows of other apps: panels, named in the wiring, drawn by templates."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from core.registry import wired_map


@dataclass(frozen=True)
class Panel:
    """A card on a detail page: its title, its template with what that needs, and a link to all of it.

    ``place`` is "main" or "side".
    """

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    more_url: str = ""
    more_label: str = ""
    place: str = "main"


PanelFunction = Callable[[HttpRequest, Model], Panel | None]


def panels_of(page: str, request: HttpRequest, record: Model) -> list[Panel]:
    """The panels wired to ``page`` ("crm.customer") for ``record``; a function that gives None has none."""
    functions: tuple[PanelFunction, ...] = wired_map("DETAIL_PANELS", page)
    panels = (function(request, record) for function in functions)
    return [panel for panel in panels if panel is not None]
