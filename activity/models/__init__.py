"""Tables of the journal."""

from activity.models.entry import Cause, Entry
from activity.models.wake import Wake

__all__ = ["Cause", "Entry", "Wake"]
