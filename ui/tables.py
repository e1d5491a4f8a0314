"""Tables of list pages: which columns, how a cell is drawn, and which columns may sort.

A column sorts only by a stored, indexed column of the model or of a record it points to; so no address
can ask for an order that the database would have to compute. ``unindexed_sorts`` names those that break
the rule, and a test asks it for every list page.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import QueryDict
from django.template import Context
from django.template.loader import get_template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from ui.paging import Sort
from ui.templatetags.ui import words

CellFunction = Callable[[Any, Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Column:
    """One column.

    The cell shows the attribute path ``value`` ("owner.name"; empty: ``name``) as ``text`` turns it into
    words. Or ``cell`` draws it: a function of the row and what the page passes on, or a template, which gets
    these with ``row`` and ``value`` and takes ten times as long. ``sort`` is the path of the database column
    behind it. ``card`` is the cell's place on the phone card: a (top left), b (top right), c (bottom left),
    d (bottom right), nothing (not shown).
    """

    name: str
    header: str
    value: str = ""
    text: Callable[[Any], Any] | None = None
    cell: CellFunction | str = ""
    sort: str = ""
    descending_first: bool = False
    numeric: bool = False
    card: str = ""
    css: str = ""

    @property
    def cell_css(self) -> str:
        """The classes of the column's cells."""
        marks = [self.css, "num" if self.numeric else "", f"m-{self.card}" if self.card else ""]
        return " ".join(mark for mark in marks if mark)


@dataclass(frozen=True)
class Table:
    """The columns of a list page, its first order (``-`` in front: descending), and its name for readers."""

    columns: tuple[Column, ...]
    order: str
    caption: str
    selectable: bool = False

    def sort(self, asked: str) -> Sort:
        """The order that ``asked`` names ("name", "-last_order"); anything else means the table's own."""
        sortable = {column.name: column.sort for column in self.columns if column.sort}
        if asked.removeprefix("-") not in sortable:
            asked = self.order
        return Sort(path=sortable[asked.removeprefix("-")], descending=asked.startswith("-"))


@dataclass(frozen=True)
class Head:
    """A header cell: its link sorts, or turns the order round."""

    column: Column
    url: str
    aria_sort: str


class BoundTable:
    """A table with its rows, for the template ``components/table.html``."""

    def __init__(self, table: Table, rows: list[Any], params: QueryDict, context: dict[str, Any]) -> None:
        self.table = table
        self.records = rows
        self.params = params
        self.context = context
        self.sort = table.sort(params.get("sort", ""))

    @property
    def heads(self) -> list[Head]:
        """The header cells."""
        return [self._head(column) for column in self.table.columns]

    def _head(self, column: Column) -> Head:
        if not column.sort:
            return Head(column, "", "")
        is_sorted = column.sort == self.sort.path
        descending = not self.sort.descending if is_sorted else column.descending_first
        params = self.params.copy()
        params.pop("page", None)
        params["sort"] = f"-{column.name}" if descending else column.name
        state = ("descending" if self.sort.descending else "ascending") if is_sorted else ""
        return Head(column, f"?{params.urlencode()}", state)

    @property
    def rows(self) -> Iterator[tuple[Any, SafeString]]:
        """Each record with its drawn cells."""
        cells = [(self._opening(column), self._drawer(column)) for column in self.table.columns]
        for record in self.records:
            drawn = (f"{opening}{_shown(draw(record))}</td>" for opening, draw in cells)
            yield record, mark_safe("".join(drawn))  # noqa: S308  all of it is escaped

    def _opening(self, column: Column) -> SafeString:
        """The tag that begins each cell of the column."""
        columns = self.table.columns
        first = "first" if column is columns[0] and not self.table.selectable else ""
        css = words(column.cell_css, first, "last" if column is columns[-1] else "")
        return format_html('<td class="{}">', css) if css else mark_safe("<td>")

    def _drawer(self, column: Column) -> Callable[[Any], Any]:
        """What draws the column's cell of a record."""
        cell, path = column.cell, column.value or column.name
        if callable(cell):
            return lambda record: cell(record, self.context)
        if cell:
            return self._template_drawer(cell, path)
        if column.text:
            text = column.text
            return lambda record: text(read_path(record, path))
        return lambda record: read_path(record, path)

    def _template_drawer(self, name: str, path: str) -> Callable[[Any], Any]:
        template = get_template(name).template  # type: ignore[attr-defined]
        context = Context(self.context)  # one for all cells: a new one for each would cost more than the cell

        def draw(record: Any) -> SafeString:
            with context.push(row=record, value=read_path(record, path)):
                return mark_safe(template.render(context).strip())  # noqa: S308  the template has escaped it

        return draw


def _shown(value: Any) -> str:
    return "" if value is None else conditional_escape(value)


def read_path(record: Any, path: str) -> Any:
    """The attribute at the end of a dotted path; None when a step on the way is empty."""
    value = record
    for step in path.split("."):
        value = getattr(value, step, None)
        if value is None:
            return None
    return value() if callable(value) else value


def unindexed_sorts(table: Table, model: type[Model]) -> list[str]:
    """The names of sortable columns whose database column leads no index."""
    return [c.name for c in table.columns if c.sort and not _is_indexed(Sort(c.sort), model)]


def _is_indexed(sort: Sort, model: type[Model]) -> bool:
    column = sort.field(model)
    meta = column.model._meta
    if column.primary_key or column.unique or column.db_index:
        return True
    leading = [index.fields[0].lstrip("-") for index in meta.indexes if index.fields]
    leading += [rule.fields[0] for rule in meta.constraints if getattr(rule, "fields", ())]
    return column.name in leading
