"""The detail page: one record and the panels that the wiring gives its page."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from ui.panels import panels_of
from ui.views.page import Page


class DetailPage(Page):
    """One row of ``model`` that the user may see; a hidden one is not found.

    ``panels`` names the page in the wiring ("crm.customer"). The template extends ``ui/detail.html``.
    """

    model: ClassVar[type[Model]]
    panels = ""
    related: ClassVar[tuple[str, ...]] = ()
    template_name = "ui/detail.html"

    def rows(self) -> QuerySet[Any]:
        """The rows among which the record is looked up."""
        visible = self.model._default_manager.visible_to(self.request.user)  # type: ignore[attr-defined]
        return visible.select_related(*self.related) if self.related else visible

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = get_object_or_404(self.rows(), pk=pk)
        panels = panels_of(self.panels, request, record) if self.panels else []
        return self.answer(record=record, title=self.title or str(record), **self.placed(panels))

    def placed(self, panels: list[Any]) -> dict[str, Any]:
        """The panels by their place."""
        return {
            "main_panels": [panel for panel in panels if panel.place == "main"],
            "side_panels": [panel for panel in panels if panel.place == "side"],
        }
