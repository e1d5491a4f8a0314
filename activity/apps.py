"""Activity: the one journal."""

from django.apps import AppConfig


class ActivityConfig(AppConfig):
    """Journal entries and the queue of those that events may react to."""

    name = "activity"
