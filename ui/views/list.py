"""The list page: filters in the address, a sorted table, previous and next."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django_htmx.http import trigger_client_event

from ui.filters import ListFilter
from ui.paging import Page as Rows
from ui.paging import paginate
from ui.tables import BoundTable, Table
from ui.templatetags.ui import capped
from ui.views.page import Page

PAGE_SIZES = (25, 50, 100)


class ListPage(Page):
    """Rows of ``model`` that the user may see. A subclass sets ``model``, ``table`` and ``nouns``.

    ``related`` are the foreign keys that the cells read. A filter that cannot be read is an error at its
    field with status 422 and shows no rows, so that nobody mistakes all rows for the filtered ones.
    """

    model: ClassVar[type[Model]]
    table: ClassVar[Table]
    nouns: ClassVar[tuple[str, str]]
    filter_class: ClassVar[type[ListFilter] | None] = None
    related: ClassVar[tuple[str, ...]] = ()
    create_url = ""
    create_label = ""
    empty_icon = "inbox"
    empty_text = ""
    template_name = "ui/list.html"
    fragment_name = "ui/list_rows.html"

    def rows(self) -> QuerySet[Any]:
        """The rows before filtering, with what the cells need."""
        visible = self.model._default_manager.visible_to(self.request.user)  # type: ignore[attr-defined]
        return visible.select_related(*self.related) if self.related else visible

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = self.rows()
        filters = self.filters(rows)
        is_valid = filters is None or filters.is_valid()
        if filters is not None:
            rows = filters.qs if is_valid else rows.none()
        sort = self.table.sort(request.GET.get("sort", ""))
        page = paginate(rows, sort, cursor=request.GET.get("page", ""), size=self.size)
        table = BoundTable(self.table, page.rows, request.GET, self.cell_context())
        response = self.answer(200 if is_valid else 422, page=page, table=table, filters=filters)
        if self.wants_fragment:
            trigger_client_event(response, "tp:announce", {"text": self.counted(page)})
        return response

    def filters(self, rows: QuerySet[Any]) -> ListFilter | None:
        """The filters of the address, bound."""
        return (
            self.filter_class(self.request.GET, queryset=rows, request=self.request)
            if self.filter_class
            else None
        )

    @property
    def size(self) -> int:
        """Rows per page: one of the offered sizes, else the first."""
        asked = self.request.GET.get("rows", "")
        return next((size for size in PAGE_SIZES if str(size) == asked), PAGE_SIZES[0])

    def counted(self, page: Rows) -> str:
        """The number of rows in words: 1 customer, 10,000+ customers."""
        return f"{capped(page.count)} {self.nouns[0] if page.count == 1 else self.nouns[1]}"

    def cell_context(self) -> dict[str, Any]:
        """What the templates of cells get beside ``row`` and ``value``."""
        return {"user": self.request.user, "today": self.today, "now": self.now}

    def context(self, **extra: Any) -> dict[str, Any]:
        if "page" in extra:
            extra.setdefault("subtitle", self.counted(extra["page"]))
        return super().context(sizes=PAGE_SIZES, **extra)
