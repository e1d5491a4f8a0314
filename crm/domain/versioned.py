"""Edits of records with a version: what differs is written once, against the version that was read."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model

from core.errors import Changed
from core.models import Versioned


def differences(record: Model, changes: Mapping[str, Any], allowed: Iterable[str]) -> dict[str, list[Any]]:
    """``{"field": [old, new]}`` for what ``changes`` would alter; other fields are a programming error."""
    if unknown := changes.keys() - set(allowed):
        raise TypeError(f"Not to be edited: {', '.join(sorted(unknown))}.")
    pairs = {name: [getattr(record, name), value] for name, value in changes.items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def write(record: Versioned, differing: Mapping[str, list[Any]], *, expected: int, **more: Any) -> None:
    """Write the new values with ``more``; refuse when somebody saved since ``expected`` was read."""
    values = {name: new for name, (_, new) in differing.items()}
    if not record.update_guarded(expected=expected, **values, **more):
        raise Changed("Somebody saved other changes meanwhile. Compare them, then save again.")
