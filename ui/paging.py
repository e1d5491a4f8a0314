"""Keyset paging: previous and next without OFFSET, so that page 1,000 costs what page 1 costs.

A cursor names the last row of the page before: its sort value, its id, and the number of the first row
on the page it leads to (for "51 to 100 of 10,000+"). It is signed for its sort, because it comes back in
an address; one that is forged, cut off, or made for another sort means the first page.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import F, Field, IntegerField, Model, Q, QuerySet, Subquery

COUNT_CAP = 10_000
_KEY, _COUNT = "keyset_value", "rows_in_all"


@dataclass(frozen=True)
class Sort:
    """An order: the path of a stored, indexed column, and the direction. The id decides between equals."""

    path: str
    descending: bool = False

    def field(self, model: type[Model]) -> "Field[Any, Any]":
        """The column at the end of the path."""
        *steps, last = self.path.split("__")
        for step in steps:
            model = model._meta.get_field(step).related_model  # type: ignore[assignment]
        found = model._meta.pk if last == "pk" else model._meta.get_field(last)
        assert isinstance(found, Field)
        return found

    def may_be_empty(self, model: type[Model]) -> bool:
        """Whether rows without a value exist: in the column, or because a step leads nowhere."""
        if self.field(model).null:
            return True
        step, *further = self.path.split("__")
        if not further:
            return False
        first = model._meta.get_field(step)
        return first.is_relation and (not first.concrete or bool(getattr(first, "null", False)))


@dataclass(frozen=True)
class Cursor:
    """Where a page begins (``forward``) or ends: at the row with this sort value and id, not included."""

    value: Any
    pk: int
    start: int
    forward: bool

    def encode(self, sort: Sort) -> str:
        """The cursor as text for an address, signed for ``sort``."""
        content = json.dumps([self.value, self.pk, self.start, self.forward], default=_as_text)
        return _signer(sort).sign(urlsafe_b64encode(content.encode()).decode())

    @classmethod
    def decode(cls, text: str, sort: Sort, model: type[Model]) -> "Cursor | None":
        """The cursor that ``text`` says; None when it was not made here for ``sort``."""
        try:
            value, pk, start, forward = json.loads(urlsafe_b64decode(_signer(sort).unsign(text)))
        except BadSignature:
            return None
        return cls(value=sort.field(model).to_python(value), pk=pk, start=start, forward=forward)


def _signer(sort: Sort) -> Signer:
    return Signer(salt=f"ui.paging:{sort.path}:{sort.descending}")


def _as_text(value: Any) -> str:
    """Dates and times to the microsecond, decimals digit by digit: the column reads them back exactly."""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


@dataclass(frozen=True)
class Page:
    """One page of rows: what to show, where it stands, and the cursors around it (empty: no such page)."""

    rows: list[Any]
    start: int
    count: int
    size: int
    previous: str
    next: str

    @property
    def end(self) -> int:
        """The number of the last row on the page."""
        return self.start + len(self.rows) - 1

    @property
    def count_is_capped(self) -> bool:
        """Whether there are more rows than are counted."""
        return self.count > COUNT_CAP


def _up_to_cap(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    return rows.order_by().values("pk")[: COUNT_CAP + 1]


def capped_count(rows: QuerySet[Any]) -> int:
    """The number of ``rows``, at most one above the cap."""
    return _up_to_cap(rows).count()


class _CappedCount(Subquery):
    """The same as a column beside the rows of a page: it depends on none of them and is counted once."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()

    def __init__(self, rows: QuerySet[Any]) -> None:
        super().__init__(_up_to_cap(rows))


def paginate(rows: QuerySet[Any], sort: Sort, *, cursor: str, size: int) -> Page:
    """The page of ``rows`` that ``cursor`` names, in the order of ``sort``, with up to ``size`` rows."""
    model = rows.model
    at = Cursor.decode(cursor, sort, model) if cursor else None
    backward = at is not None and not at.forward
    window = rows.annotate(**{_KEY: F(sort.path), _COUNT: _CappedCount(rows)})
    window = window.order_by(*_ordering(sort, model, backwards=backward))
    if at is not None:
        window = window.filter(_beyond(sort, model, at))
    found = list(window[: size + 1])
    more, found = len(found) > size, found[:size]
    if at is not None and not found:
        return paginate(rows, sort, cursor="", size=size)  # the rows beyond the cursor have gone
    if backward:
        found.reverse()
    start = at.start if at is not None and (more or not backward) else 1
    has_previous, has_next = (more, True) if backward else (start > 1, more)

    def cursor_at(row: Any, first: int, *, forward: bool) -> str:
        return Cursor(value=getattr(row, _KEY), pk=row.pk, start=first, forward=forward).encode(sort)

    return Page(
        rows=found,
        start=start,
        count=getattr(found[0], _COUNT) if found else 0,
        size=size,
        previous=cursor_at(found[0], max(1, start - size), forward=False) if has_previous else "",
        next=cursor_at(found[-1], start + len(found), forward=True) if has_next else "",
    )


def _ordering(sort: Sort, model: type[Model], *, backwards: bool) -> list[Any]:
    """Rows without a value come last, whichever the direction; ids follow the direction of the values."""
    descending = sort.descending != backwards
    empty = {}
    if sort.may_be_empty(model):
        empty = {"nulls_first": True} if backwards else {"nulls_last": True}
    if descending:
        return [F(sort.path).desc(**empty), F("pk").desc()]
    return [F(sort.path).asc(**empty), F("pk").asc()]


def _beyond(sort: Sort, model: type[Model], at: Cursor) -> Q:
    """The rows after the cursor, or before it when it leads backwards.

    The first condition repeats what the second implies: it lets the database enter the index at the value.
    """
    path, way = sort.path, "gt" if sort.descending != at.forward else "lt"
    beyond_id = Q(**{f"pk__{way}": at.pk})
    empty = Q(**{f"{path}__isnull": True})
    if at.value is None:
        same = empty & beyond_id
        return same if at.forward else same | ~empty
    beyond = Q(**{f"{path}__{way}e": at.value}) & (Q(**{f"{path}__{way}": at.value}) | beyond_id)
    return beyond | empty if at.forward and sort.may_be_empty(model) else beyond
