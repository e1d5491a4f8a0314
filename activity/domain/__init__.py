"""The journal's verbs."""

from activity.domain.entry import Line, changes, record, record_many, record_rows

__all__ = ["Line", "changes", "record", "record_many", "record_rows"]
