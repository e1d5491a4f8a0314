"""What every change of a record of accounts has in common."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model

from accounts.models import User
from activity.domain import changes, record
from core.errors import Changed, Refused
from core.models import Versioned

Row = TypeVar("Row", bound=Model)


def locked(row: Row) -> Row:
    """``row`` as it is stored now, locked until the transaction ends."""
    # Not ``type(row)``: the user of a request is a lazy stand-in for one.
    return row.__class__._default_manager.select_for_update().get(pk=row.pk)


def write(
    row: Versioned,
    verb: str,
    values: Mapping[str, Any],
    *,
    by: User | None,
    now: datetime,
    version: int | None = None,
    also: Mapping[str, Any] | None = None,
) -> None:
    """Write ``values`` into the locked ``row``, with a journal entry of what changed.

    ``also`` adds changes of related rows to the entry, as ``{"field": [old, new]}``. Nothing is written
    when nothing changed. Raises ``Changed`` when ``version`` is given and no longer the stored one.
    """
    if version is not None and row.version != version:
        raise Changed(f"Somebody else changed {row} meanwhile. Nothing was saved: open the page again.")
    data = changes({name: getattr(row, name) for name in values}, values) | dict(also or {})
    if not data:
        return
    if not row.update_guarded(**values):
        raise Changed(f"Somebody else changed {row} meanwhile. Nothing was saved: open the page again.")
    record(row, verb, by=by, now=now, data=data)


def check_name(name: str, model: type[Model], *, besides: Model | None = None) -> str:
    """``name`` without outer white space; refuses an empty or a taken one."""
    name = name.strip()
    if not name:
        raise Refused("Enter a name.", field="name")
    others = model._default_manager.filter(name__iexact=name)
    if others.exclude(pk__in=[besides.pk] if besides else []).exists():
        raise Refused(f"There is already a {model._meta.verbose_name} called {name}.", field="name")
    return name
