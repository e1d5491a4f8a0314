"""Tables of CRM events."""

from events.models.event import Event
from events.models.heartbeat import Heartbeat
from events.models.match import Match
from events.models.occurrence import Occurrence
from events.models.override import Override, OverrideItem
from events.models.pool_cursor import PoolCursor
from events.models.run import Run
from events.models.schedule import Schedule
from events.models.version import Version

__all__ = [
    "Event",
    "Heartbeat",
    "Match",
    "Occurrence",
    "Override",
    "OverrideItem",
    "PoolCursor",
    "Run",
    "Schedule",
    "Version",
]
