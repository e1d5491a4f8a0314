"""What people and imports do with items."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from activity.domain import Line, changes, record, record_many
from activity.models import Cause
from catalog.models import Item
from core.errors import Changed, Refused
from core.text import clean_text, fold

DETAILS = ("name", "kind", "unit")
CODE_LENGTH = 30


def item_code(text: str) -> str:
    """The code as it is stored: cleaned, upper case.

    Raises ``Refused`` when nothing is left or when it is too long.
    """
    code = clean_text(text).upper()
    if not code:
        raise Refused("An item needs a code.", field="code")
    if len(code) > CODE_LENGTH:
        raise Refused(f"The code of an item has at most {CODE_LENGTH} characters.", field="code")
    return code


def search_text(code: str, name: str) -> str:
    """What a search for the item looks through."""
    return fold(f"{code} {name}")[:200]


@transaction.atomic
def create_item(
    *,
    code: str,
    by: User | None,
    now: datetime,
    name: str = "",
    kind: str = Item.Kind.GOODS,
    unit: str = "pcs",
) -> Item:
    """A new item. Raises ``Refused`` when its code is taken."""
    row = Item(code=item_code(code), name=clean_text(name), kind=kind, unit=unit)
    if Item.objects.filter(code=row.code).exists():
        raise Refused(f"The code {row.code} is taken: choose another.", field="code")
    return add_items([row], by=by, now=now)[0]


@transaction.atomic
def add_items(rows: Sequence[Item], *, by: User | None, now: datetime, cause: str = Cause.USER) -> list[Item]:
    """Write many new items at once, with a journal entry each; the codes are clean and free."""
    for row in rows:
        row.created_at, row.created_by = now, by
        row.search = search_text(row.code, row.name)
    made = Item.objects.bulk_create(rows, batch_size=500)
    lines = [Line(row, {"code": row.code, "name": row.name}) for row in made]
    record_many(lines, "item.created", by=by, now=now, cause=cause)
    return made


@transaction.atomic
def change_item(item: Item, *, values: Mapping[str, Any], expected: int, by: User, now: datetime) -> Item:
    """Write what ``values`` (name, kind, unit) alters, if nobody saved since version ``expected``.

    Raises ``Changed`` when somebody did. The code never changes: orders and papers name it.
    """
    if unknown := values.keys() - set(DETAILS):
        raise TypeError(f"Not a changeable field of an item: {', '.join(sorted(unknown))}.")
    differing = changes({name: getattr(item, name) for name in values}, values)
    if not differing:
        return item
    search = search_text(item.code, values.get("name", item.name))
    _write(item, expected, search=search, **{name: new for name, (_, new) in differing.items()})
    record(item, "item.changed", by=by, now=now, data=differing)
    return item


@transaction.atomic
def archive_item(item: Item, *, by: User, now: datetime) -> None:
    """Take the item out of sale; orders that name it stay as they are."""
    if item.archived_at is not None:
        raise Refused(f"{item.code} is archived already.")
    _write(item, item.version, archived_at=now)
    record(item, "item.changed", by=by, now=now, data={"archived_at": [None, now]})


@transaction.atomic
def restore_item(item: Item, *, by: User, now: datetime) -> None:
    """Put an archived item on sale again."""
    if item.archived_at is None:
        raise Refused(f"{item.code} is not archived.")
    before = item.archived_at
    _write(item, item.version, archived_at=None)
    record(item, "item.changed", by=by, now=now, data={"archived_at": [before, None]})


def _write(item: Item, expected: int, **values: Any) -> None:
    if not item.update_guarded(expected=expected, **values):
        raise Changed(f"{item.code} was changed by somebody else since you opened it.")
