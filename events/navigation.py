"""Entries of the sidebar for CRM management."""

from ui.navigation import Item

MANAGEMENT: tuple[Item, ...] = ()
