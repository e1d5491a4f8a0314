"""Core: bases without a business word and without HTML."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Abstract bases, permissions, tasks, conditions, raw SQL, errors, money, dates."""

    name = "core"
