"""Pages of events: all, one, its runs and its occurrences. The switches are in ``event_verbs``."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.domain.organisation import organisation
from accounts.models import Role
from core.errors import Refused
from core.permissions import requires
from crm.models import Action, Customer
from crm.tables.action import RELATED, follow_up_rows
from events.definition import Definition, definition_of, in_words, sentence
from events.domain.event_figures import PERIOD_DAYS, Figures, figures, last_runs, missed, waiting
from events.domain.given_up import given_up, kinds_given_up
from events.models import Event, Occurrence, Run, Version
from events.tables.history import entries_of, event_history
from events.tables.occurrence import OCCURRENCES
from events.tables.run import RUNS
from events.templatetags.events import short_moment
from events.views.management import ManagementPage
from ui.blocks import Tab, Tile
from ui.templatetags.ui import near_day
from ui.views.list import ListPage

# Status of an event -> tone and icon of its chip.
CHIPS = {
    Event.Status.DRAFT: ("neutral", "circle"),
    Event.Status.ACTIVE: ("ok", "check-circle"),
    Event.Status.PAUSED: ("warn", "pause-circle"),
    Event.Status.HELD: ("danger", "hand-index"),
    Event.Status.FAULTED: ("danger", "exclamation-octagon"),
    Event.Status.ARCHIVED: ("neutral", "archive"),
}
ON = (Event.Status.ACTIVE, Event.Status.PAUSED, Event.Status.HELD, Event.Status.FAULTED)
FAMILIES = (("", "All"), *Event.Family.choices)
FOLLOW_UPS = 8
HISTORY = 10


@dataclass(frozen=True)
class EventRow:
    """An event as the list draws it; of an unreadable definition ``sentence`` says what is wrong."""

    event: Event
    sentence: str
    goes_to: str
    figures: Figures
    last_run: Run | None

    @property
    def is_on(self) -> bool:
        """Whether it was activated and not switched off since."""
        return self.event.status in ON

    @property
    def state(self) -> str:
        """Its status in running text: active, paused, held, faulted, off."""
        return str(self.event.get_status_display()).lower()

    @property
    def next_run(self) -> str:
        """When it runs next, or why it does not."""
        return next_run_words(self.event)

    @property
    def chip(self) -> tuple[str, str]:
        """Tone and icon of the status."""
        return CHIPS[Event.Status(self.event.status)]

    @property
    def open_url(self) -> str:
        """The open follow-ups of the event."""
        return follow_ups_url(self.event, "open")

    @property
    def overdue_url(self) -> str:
        """The overdue ones."""
        return follow_ups_url(self.event, "overdue")


def follow_ups_url(event: Event, status: str) -> str:
    """The list of the event's follow-ups in one status, whosoever they are."""
    params = urlencode({"whose": "all", "event": event.code, "status": status})
    return f"{reverse('crm:followups')}?{params}"


class EventList(ManagementPage):
    """All events with what they ask, whom they go to, and how their follow-ups fare."""

    policy = requires("events.view_event")
    title = "Events"
    template_name = "events/event_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        family = request.GET.get("family", "")
        rows = self.event_rows()
        shown = [row for row in rows if row.event.family == family] if family in Event.Family.values else rows
        return self.answer(
            rows=shown,
            tabs=[Tab(label, f"?family={key}" if key else "?", key == family) for key, label in FAMILIES],
            tiles=self.tiles(rows),
            attention=[row for row in rows if row.event.status in (Event.Status.HELD, Event.Status.FAULTED)],
            unsettled=self.unsettled(rows),
            subtitle=self.subtitle(rows),
        )

    def event_rows(self) -> list[EventRow]:
        """Every event that is not archived; the busiest first."""
        events = list(
            Event.objects.exclude(status=Event.Status.ARCHIVED)
            .select_related("schedule", "active_version")
            .prefetch_related("versions")
        )
        found = figures(self.user, day=self.today, zone=organisation().zone)
        runs, names = last_runs(events), receiver_names()
        rows = [
            event_row(event, found.get(event.code, Figures()), runs.get(event.pk), names) for event in events
        ]
        return sorted(rows, key=lambda row: (not row.is_on, -row.figures.created, row.event.name))

    def unsettled(self, rows: list[EventRow]) -> list[Event]:
        """The events that gave up happenings."""
        kinds = kinds_given_up()
        pairs = ((row.event, row.event.active_version) for row in rows)
        return [event for event, version in pairs if version and version.trigger["kind"] in kinds]

    def tiles(self, rows: list[EventRow]) -> list[Tile]:
        """Created, open, overdue and closed on time, over all events."""
        closed = sum(row.figures.closed for row in rows)
        on_time = sum(row.figures.on_time for row in rows)
        overdue = sum(row.figures.overdue for row in rows)
        created = sum(row.figures.created for row in rows)
        share = f"{round(100 * on_time / closed)}%" if closed else "None yet"
        return [
            Tile("Created, 30 days", f"{created:,}", context="Follow-ups made by events"),
            Tile("Open", f"{sum(row.figures.open for row in rows):,}", context="Follow-ups from events"),
            Tile(
                "Overdue",
                f"{overdue:,}",
                tone="danger",
                is_loud=bool(overdue),
                context="Open and due before today",
            ),
            Tile("Closed on time", share, context=f"{on_time:,} of {closed:,} closed in 30 days"),
        ]

    def subtitle(self, rows: list[EventRow]) -> str:
        """How many run, and how many do not, by why."""
        counts = Counter("on" if row.event.is_running else row.state for row in rows)
        found = [f"{counts[state]} {state}" for state in ("on", "paused", "held", "off") if counts[state]]
        return f"Routine business events that create follow-ups. {', '.join(found) or 'None yet'}"


def next_run_words(event: Event) -> str:
    """21 Nov, 02:00; else why there is none: what does not run has no next run, whatever was planned."""
    if event.status in (Event.Status.PAUSED, Event.Status.HELD):
        return f"None while {event.get_status_display().lower()}"
    planned = event.schedule.next_run_at if event.is_running else None
    return short_moment(planned) if planned else "None planned"


def receiver_names() -> dict[str, str]:
    """Names of roles by code, for saying where follow-ups go."""
    return {str(code): name for code, name in Role.objects.exclude(code=None).values_list("code", "name")}


def event_row(event: Event, found: Figures, run: Run | None, names: dict[str, str]) -> EventRow:
    """One row; a definition that cannot be read says so instead of breaking the list."""
    version = shown_version(event)
    try:
        definition = definition_of(version) if version else None
    except Refused as refusal:
        return EventRow(event, refusal.message, "", found, run)
    if definition is None:
        return EventRow(event, "No definition yet", "", found, run)
    return EventRow(event, sentence(definition), goes_to(definition, names), found, run)


def shown_version(event: Event) -> Version | None:
    """The active version, else the newest."""
    versions = list(event.versions.all())
    active = next((version for version in versions if version.pk == event.active_version_id), None)
    version = active or next(iter(versions), None)
    if version is not None:
        version.event = event
    return version


def goes_to(definition: Definition, names: dict[str, str]) -> str:
    """Whom the first rule means, in two words."""
    if not definition.rules:
        return f"Queue of {names.get(definition.queue, definition.queue)}"
    first = definition.rules[0]
    if first["rule"] == "owner":
        return "Account owner"
    if first["rule"] == "user":
        return "One person"
    return names.get(first["role"], first["role"])


class EventPage(ManagementPage):
    """Base of the pages of one event: its header and tabs."""

    policy = requires("events.view_event")

    def event(self, pk: int) -> Event:
        """The event of the address."""
        return get_object_or_404(Event.objects.select_related("schedule", "active_version"), pk=pk)

    def head(self, event: Event, here: str) -> dict[str, Any]:
        """What the header and the tabs of the event need."""
        routes = (("Overview", "event"), ("Occurrences", "event_occurrences"), ("Runs", "event_runs"))
        tone, icon = CHIPS[Event.Status(event.status)]
        return {
            "record": event,
            "title": event.name,
            "crumb": "Events",
            "crumb_url": reverse("events:events"),
            "chip_tone": tone,
            "chip_icon": icon,
            "is_on": event.status in ON,
            "tabs": [
                Tab(label, reverse(f"events:{name}", args=[event.pk]), name == here) for label, name in routes
            ],
        }


class EventDetail(EventPage):
    """One event: the definition in words, what it did, its newest follow-ups, versions and history."""

    template_name = "events/event_detail.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        event = self.event(pk)
        versions = list(event.versions.select_related("created_by"))
        found = figures(self.user, day=self.today, zone=organisation().zone)
        states = waiting(event)
        past = Paginator(entries_of(event), HISTORY).get_page(request.GET.get("past"))
        return self.answer(
            **self.head(event, "event"),
            words=definition_words(event, versions),
            versions=versions,
            tiles=self.tiles(event, found.get(event.code, Figures()), states),
            follow_ups=self.follow_ups(event),
            open_url=follow_ups_url(event, "open"),
            last_run=last_runs([event]).get(event.pk),
            next_run=next_run_words(event),
            held=states.get("held", 0),
            given_up=given_up(event),
            missed=missed(event, now=self.now),
            past=past,
            history=event_history(self.user, past.object_list, today=self.today),
        )

    def tiles(self, event: Event, found: Figures, states: dict[str, int]) -> list[Tile]:
        """The event's figures."""
        share = f"{found.on_time_percent}%" if found.closed else "None yet"
        late = (
            f"{round(100 * found.overdue / found.open)}% of the open ones"
            if found.overdue
            else "Nothing is late"
        )
        first = self.today - timedelta(days=PERIOD_DAYS - 1)
        return [
            Tile("Created, 30 days", f"{found.created:,}", context=f"Since {near_day(first, self.today)}"),
            Tile("Open", f"{found.open:,}", context="Not closed yet", url=follow_ups_url(event, "open")),
            Tile(
                "Overdue",
                f"{found.overdue:,}",
                tone="danger",
                is_loud=bool(found.overdue),
                context=late,
                url=follow_ups_url(event, "overdue"),
            ),
            Tile("Closed on time", share, context=f"{found.on_time:,} of {found.closed:,} closed in 30 days"),
            Tile("Waiting", f"{states.get('queued', 0):,}", context="For the next nights"),
        ]

    def follow_ups(self, event: Event) -> Any:
        """The newest follow-ups of the event that the user may see."""
        user = self.user
        rows = (
            Action.objects.visible_to(user)
            .filter(origin_code=event.code)
            .select_related(*RELATED, "closed_by")
        )
        return follow_up_rows(rows.order_by("-pk")[:FOLLOW_UPS], user, today=self.today, with_people=True)


def definition_words(event: Event, versions: list[Version]) -> dict[str, str]:
    """The shown version as sentences by part; empty when there is none or it cannot be read."""
    version = next((row for row in versions if row.pk == event.active_version_id), next(iter(versions), None))
    if version is None:
        return {}
    version.event = event
    try:
        return in_words(definition_of(version))
    except Refused as refusal:
        return {"when": refusal.message}


class EventListPage(EventPage, ListPage):
    """Base of the lists below an event."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.record = self.event(kwargs["pk"])
        return super().get(request, *args, **kwargs)


class EventRuns(EventListPage):
    """What each evaluation of the event found and did."""

    model = Run
    table = RUNS
    nouns = ("run", "runs")
    related = ("version", "started_by")
    empty_icon, empty_text = "clock-history", "The event was not evaluated yet."
    template_name = "events/event_rows.html"

    def rows(self) -> QuerySet[Run]:
        return Run.objects.filter(event=self.record).select_related(*self.related)

    def context(self, **extra: Any) -> dict[str, Any]:
        return super().context(**self.head(self.record, "event_runs"), **extra)


class EventOccurrences(EventListPage):
    """The ledger of the event: what came true once, and what became of it."""

    model = Occurrence
    table = OCCURRENCES
    nouns = ("occurrence", "occurrences")
    empty_icon, empty_text = "journal", "Nothing came true yet since the event was activated."
    template_name = "events/event_rows.html"

    def rows(self) -> QuerySet[Occurrence]:
        """With the customer's name where the user may see the customer."""
        visible = Customer.objects.visible_to(self.user).filter(pk=OuterRef("customer_id"))
        rows = Occurrence.objects.filter(event=self.record).select_related("action", "version")
        return rows.annotate(customer_name=Subquery(visible.values("name")[:1]))

    def context(self, **extra: Any) -> dict[str, Any]:
        return super().context(**self.head(self.record, "event_occurrences"), **extra)
