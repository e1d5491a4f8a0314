"""The interface kit: generic pages, tables, filters, navigation. It knows no business record."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Generic pages and the shell around them."""

    name = "ui"
    verbose_name = "Interface"
