"""The journal's verbs."""

from activity.domain.entry import Line, changes, record, record_many

__all__ = ["Line", "changes", "record", "record_many"]
