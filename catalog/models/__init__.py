"""Tables of the catalog."""

from catalog.models.item import Item

__all__ = ["Item"]
