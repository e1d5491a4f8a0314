"""What the wiring file names, resolved.

``settings.WIRING`` is a module of plain lists and dictionaries of dotted paths. Lower apps ask for an
entry by its name and so show what upper apps contribute without importing them.
"""

from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


@cache
def wired(name: str) -> tuple[Any, ...]:
    """The objects that the wiring's list ``name`` names, in its order."""
    paths = getattr(import_module(settings.WIRING), name)
    return tuple(import_string(path) for path in paths)


@cache
def wired_map(name: str, key: str) -> tuple[Any, ...]:
    """The objects under ``key`` in the wiring's dictionary ``name``; none when the key is absent."""
    paths = getattr(import_module(settings.WIRING), name).get(key, [])
    return tuple(import_string(path) for path in paths)


@cache
def wired_text_map(name: str, key: str) -> str:
    """The plain text under ``key`` in the wiring's dictionary ``name``; empty when the key is absent."""
    return str(getattr(import_module(settings.WIRING), name).get(key, ""))


@cache
def wired_text(name: str) -> str:
    """The plain text that the wiring gives for ``name``, such as the name of a task."""
    return str(getattr(import_module(settings.WIRING), name))
