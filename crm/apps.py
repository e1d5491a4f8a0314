"""Crm: see the package's models for its words."""

from django.apps import AppConfig


class CrmConfig(AppConfig):
    """The crm app."""

    name = "crm"
