"""The journal of a record as people read it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from activity.models import Cause, Entry
from activity.verbs import UnknownVerb, verb_named
from core.registry import wired_text_map
from crm.models import Action, Communication
from ui.templatetags.ui import moment, money, told_day

ENGINE = "Touchpoint"
SHOWN_HISTORY = 100
ENTERED_LATE = timedelta(hours=1)  # from then on the line also says when it was entered
NEWEST_FIRST = ("-happened_at", "-pk")

# Icon and tone by verb, or by the word before its dot.
MARKS = {
    "action.created": ("lightning-charge", "accent"),
    "action.closed": ("check-lg", "ok"),
    "action.superseded": ("check-lg", "ok"),
    "action.snoozed": ("alarm", ""),
    "action.attempted": ("telephone-x", ""),
    "action": ("check2-square", ""),
    "order.cancelled": ("x-lg", "danger"),
    "order.returned": ("arrow-return-left", "warn"),
    "order": ("box-seam", "ok"),
    "contact": ("person", ""),
    "customer.created": ("building", "accent"),
    "customer": ("pencil", ""),
}
CHANNEL_ICONS = {
    "call": "telephone",
    "email": "envelope",
    "meeting": "people",
    "visit": "geo-alt",
    "letter": "mailbox",
}
CHANNEL_SAYS = {
    "call": "called",
    "email": "wrote an e-mail to",
    "meeting": "met",
    "visit": "visited",
    "letter": "wrote a letter to",
}


@dataclass(frozen=True)
class TimelineItem:
    """One line: who did what, to what, when; a quoted text below it. Nobody of ours: ``who`` is empty."""

    pk: int
    at: datetime
    who: str
    says: str
    what: str
    url: str
    icon: str
    tone: str
    detail: str = ""
    quote: str = ""


def timeline(user: User, *, customer_id: int, limit: int, today: date) -> list[TimelineItem]:
    """The newest ``limit`` journal entries on a customer's timeline that the user may read."""
    entries = Entry.objects.filter(customer_id=customer_id).select_related("by")
    return items_of(user, entries.order_by(*NEWEST_FIRST)[:limit], today=today)


def history(user: User, record: Any, *, today: date) -> list[TimelineItem]:
    """The journal entries of one record, as they were entered, newest first; what they are about is clear."""
    entries = Entry.objects.filter(subject_type=record._meta.label_lower, subject_id=record.pk)
    rows = list(entries.select_related("by").order_by("-pk")[:SHOWN_HISTORY])
    entered = {entry.pk: entry.at for entry in rows}
    items = items_of(user, rows, today=today)
    return [replace(item, what="", url="", at=entered[item.pk]) for item in items]


def items_of(user: User, entries: Iterable[Entry] | QuerySet[Entry], *, today: date) -> list[TimelineItem]:
    """The lines of ``entries``, in their order, without those about records that the user may not view."""
    readable = [entry for entry in entries if user.has_perm(_permission(entry.subject_type))]
    spoken = [entry.subject_id for entry in readable if entry.verb == "communication.logged"]
    talks = Communication.objects.select_related("contact").in_bulk(spoken) if spoken else {}
    names = _receivers(readable)
    return [_item(entry, talks.get(entry.subject_id), names, today) for entry in readable]


def _receivers(entries: Iterable[Entry]) -> dict[int, str]:
    """The names of the people into whose hands follow-ups went, in one query when there are any."""
    ids = {_receiver(entry) for entry in entries} - {0}
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def _receiver(entry: Entry) -> int:
    """The id of whoever got the follow-up when it changed hands; 0 for nobody, and for other entries."""
    hands = entry.data.get("assignee")
    return int(hands[1] or 0) if isinstance(hands, list) and entry.verb.startswith("action.") else 0


def _permission(subject_type: str) -> str:
    app, _, model = subject_type.partition(".")
    return f"{app}.view_{model}"


def _item(entry: Entry, talk: Communication | None, names: Mapping[int, str], today: date) -> TimelineItem:
    if entry.verb == "communication.logged" and talk is not None:
        return _talk(entry, talk)
    who, says = _told(entry)
    icon, tone = MARKS.get(entry.verb) or MARKS.get(entry.verb.partition(".")[0], ("dot", ""))
    return TimelineItem(
        pk=entry.pk,
        at=entry.happened_at,
        who=who,
        says=says,
        what=str(entry.data.get("title") or entry.data.get("number") or entry.data.get("name") or ""),
        url=_url(entry),
        icon=icon,
        tone=tone,
        detail=_detail(entry, names, today),
        quote=str(entry.data.get("note") or entry.data.get("reason") or ""),
    )


def _told(entry: Entry) -> tuple[str, str]:
    """Who did it, and what: "Mara", "placed the order"; for what an import brought "", "Order placed"."""
    who = entry.by.name if entry.by else ENGINE
    try:
        verb = verb_named(entry.verb)
    except UnknownVerb:  # written by an earlier version
        return who, entry.verb.replace(".", " ").replace("_", " ")
    brought = entry.by is None and entry.cause != Cause.ENGINE and verb.alone
    return ("", verb.alone) if brought else (who, verb.says)


def _talk(entry: Entry, talk: Communication) -> TimelineItem:
    whom = talk.contact or "the customer"
    if talk.direction == Communication.Direction.IN:
        says = f"logged a conversation that {whom} began"
    else:
        says = f"{CHANNEL_SAYS[talk.channel]} {whom}"
    return TimelineItem(
        pk=entry.pk,
        at=entry.happened_at,
        who=entry.by.name if entry.by else ENGINE,
        says=says,
        what=talk.subject,
        url="",
        icon=CHANNEL_ICONS[talk.channel],
        tone="",
        detail=f"Entered {moment(entry.at)}" if entry.at - entry.happened_at > ENTERED_LATE else "",
        quote=talk.body,
    )


def _url(entry: Entry) -> str:
    route = wired_text_map("RECORD_ROUTES", entry.subject_type)
    return reverse(route, args=[entry.subject_id]) if route else ""


def _detail(entry: Entry, names: Mapping[int, str], today: date) -> str:
    """What changed, or what came of it, in one line."""
    if name := names.get(_receiver(entry)):
        return f"To {name}"
    outcome = entry.data.get("outcome")
    if outcome in Action.Outcome.values:
        return str(Action.Outcome(outcome).label)
    if entry.verb in ("customer.changed", "contact.changed"):
        return "; ".join(_change(name, pair) for name, pair in entry.data.items() if isinstance(pair, list))
    if "total" in entry.data and "currency" in entry.data:
        return money(Decimal(str(entry.data["total"])), str(entry.data["currency"]))
    if "until" in entry.data:
        return f"Until {told_day(date.fromisoformat(str(entry.data['until'])), today)}"
    return _event(entry.data) if entry.data.get("event") else ""


def _event(data: dict[str, Any]) -> str:
    name, why = data.get("event_name") or data["event"], data.get("why")
    return f"{name}: {why}" if why else str(name)


def _change(name: str, pair: list[Any]) -> str:
    old, new = (str(value) if value not in (None, "") else "nothing" for value in pair)
    return f"{name.replace('_', ' ').capitalize()}: {old} to {new}"
