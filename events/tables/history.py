"""What happened to an event, as its page tells it: the journal of the event in sentences."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from activity.models import Entry
from crm.tables.timeline import TimelineItem, items_of
from events.domain.activation import ALL, CANCEL_ALL, CANCEL_UNTOUCHED, KEEP, NOW, SPREAD
from events.models import Event

CHOICES = {
    NOW: "they were skipped",
    SPREAD: "follow-ups for them under the limits",
    ALL: "follow-ups for all at once",
}
OPEN_FOLLOW_UPS = {
    KEEP: "Open follow-ups were kept",
    CANCEL_UNTOUCHED: "Open follow-ups that nobody had started were cancelled",
    CANCEL_ALL: "All open follow-ups were cancelled",
}
MARKS = {
    "event.activated": ("lightning-charge", "accent"),
    "event.resumed": ("play", "accent"),
    "event.paused": ("pause", "warn"),
    "event.deactivated": ("power", ""),
    "event.held": ("hand-index", "danger"),
    "event.released": ("hand-thumbs-up", ""),
    "event.faulted": ("exclamation-octagon", "danger"),
    "event.recovered": ("check-lg", "ok"),
    "event.retried": ("arrow-repeat", ""),
}


def entries_of(event: Event) -> QuerySet[Entry]:
    """The journal entries of the event, newest first."""
    rows = Entry.objects.filter(subject_type=event._meta.label_lower, subject_id=event.pk)
    return rows.select_related("by").order_by("-pk")


def event_history(user: User, entries: Iterable[Entry], *, today: date) -> list[TimelineItem]:
    """The lines of ``entries``: who did what to the event, with what consequence, and why."""
    found = list(entries)
    texts = {entry.pk: (entry.verb, _detail(entry.verb, entry.data)) for entry in found}
    items = []
    for item in items_of(user, found, today=today):
        verb, detail = texts[item.pk]
        icon, tone = MARKS.get(verb, (item.icon, item.tone))
        items.append(replace(item, what="", url="", icon=icon, tone=tone, detail=detail))
    return items


def _detail(verb: str, data: Mapping[str, Any]) -> str:
    """The consequence in one line; an entry of an earlier version may lack what it needs."""
    match verb:
        case "event.activated" | "event.resumed":
            text = f"Version {data.get('version')}, {_many(data.get('matches'), 'present match', 'es')}"
            return f"{text}: {CHOICES.get(data.get('choice', ''), 'nothing noted')}"
        case "event.deactivated":
            dropped = f"{_many(data['queued'], 'waiting match', 'es')} dropped" if data.get("queued") else ""
            kept = OPEN_FOLLOW_UPS.get(data.get("open_follow_ups", ""), "")
            return ". ".join(part for part in (kept, dropped) if part)
        case "event.held":
            return f"{_many(data.get('matches'), 'match', 'es')}, usually {data.get('usual', 'few')}"
        case "event.released":
            done = "released" if data.get("decision") == "release" else "dropped"
            return f"{_many(data.get('count'), 'held match', 'es')} {done}"
        case "event.retried":
            return _many(data.get("happenings"), "happening", "s")
        case "event.faulted":
            return str(data.get("error", ""))
    return ""


def _many(count: Any, word: str, ending: str) -> str:
    number = count if isinstance(count, int) else 0
    return f"{number:,} {word}{'' if number == 1 else ending}"
