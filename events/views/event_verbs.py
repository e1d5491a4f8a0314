"""What is done with one event: a page each, which asks before it acts."""

from math import ceil
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from core.errors import Refused
from core.permissions import requires
from crm.filters.action import OPEN, OVERDUE, status_condition
from crm.models import Action
from events.definition import in_words
from events.domain.activation import activate, deactivate, decide_held, pause, resume
from events.domain.event import active_version, latest_version, run_now
from events.domain.event_figures import waiting
from events.domain.given_up import try_again
from events.engine.preview import Preview, preview, preview_run
from events.forms.event import ActivateForm, DeactivateForm, HeldForm, ReasonForm
from events.models import Event, Version
from events.views.management import ManagementPage
from ui.toasts import toast
from ui.views.action import ActionPage
from ui.views.errors import refused_input
from ui.views.form import attempt
from ui.views.page import redirect_to

DEFAULT_SPREAD = 25  # above so many matches, starting from now on is the careful choice


class EventActivate(ManagementPage):
    """Shows what the event would do now, asks what becomes of the present matches, and switches it on."""

    policy = requires("events.view_event", "events.activate_event")
    template_name = "events/event_activate.html"
    verb, done = "Activate", "is on"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        event = get_object_or_404(Event, pk=pk)
        if obstacle := self.obstacle(event):
            toast(request, f"{event.name} {obstacle}", error=True)
            return redirect_to(request, event.get_absolute_url())
        return self.asked(event, None)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        event = get_object_or_404(Event, pk=pk)
        form = ActivateForm(request.POST)
        result = attempt(form, lambda valid: self.start(event, valid)) if form.is_valid() else None
        if result is None:
            return self.asked(event, form, status=422)
        made = result.released.fired
        many = f": {made} follow-up{'' if made == 1 else 's'} made" if made else ""
        toast(request, f"{event.name} {self.done}{many}")
        return redirect_to(request, event.get_absolute_url())

    def obstacle(self, event: Event) -> str:
        """Why there is nothing to ask; empty when there is."""
        on = event.status in (Event.Status.ACTIVE, Event.Status.HELD, Event.Status.FAULTED)
        return "is on already" if on else ""

    def version(self, event: Event) -> Version:
        """The version that will run."""
        return latest_version(event)

    def start(self, event: Event, form: ActivateForm) -> Any:
        """Switch it on with what was chosen."""
        return activate(event, **form.cleaned_data, by=self.user, now=self.now)

    def asked(self, event: Event, form: ActivateForm | None, status: int = 200) -> HttpResponse:
        """The page with a fresh preview; what was chosen stays."""
        try:
            found = preview(event, self.version(event), now=self.now, by=self.user)
        except Refused as refusal:
            return refused_input(self.request, refusal.message)
        if form is None:
            choice = "now" if found.count > DEFAULT_SPREAD else "spread"
            form = ActivateForm(initial={"choice": choice})
        return self.answer(
            status,
            record=event,
            title=f"{self.verb} {event.name}",
            crumb=event.name,
            crumb_url=event.get_absolute_url(),
            form=form,
            preview=found,
            words=in_words(found.definition),
            days=days_to_spread(found),
        )


class EventResume(EventActivate):
    """Lets a paused event run again: what came true during the pause is asked about as on activation."""

    verb, done = "Resume", "runs again"

    def obstacle(self, event: Event) -> str:
        return "" if event.status == Event.Status.PAUSED else "is not paused"

    def version(self, event: Event) -> Version:
        return active_version(event)

    def start(self, event: Event, form: ActivateForm) -> Any:
        return resume(event, **form.cleaned_data, by=self.user, now=self.now)


def days_to_spread(found: Preview) -> int:
    """On how many days all of them would be made into follow-ups under the limits."""
    limits = found.definition.limits
    return max(ceil(found.total / limits.per_run), ceil(found.busiest[1] / limits.per_person_day), 1)


class EventAct(ManagementPage, ActionPage):
    """Base: one verb on one event, by holders of the right to activate."""

    policy = requires("events.view_event", "events.activate_event")
    model = Event
    template_name = "events/event_verb.html"

    def rows(self) -> QuerySet[Event]:
        return Event.objects.select_related("schedule")

    def context(self, **extra: Any) -> dict[str, Any]:
        open_ones = Action.objects.filter(origin_code=extra["record"].code)
        return super().context(
            open_count=open_ones.filter(status_condition(OPEN, self.today)).count(),
            overdue_count=open_ones.filter(status_condition(OVERDUE, self.today)).count(),
            states=waiting(extra["record"]),
            **extra,
        )


class EventDeactivate(EventAct):
    """Switches an event off."""

    title, submit_label, done, danger = "Deactivate event", "Deactivate", "Event deactivated", True
    form_class = DeactivateForm

    def act(self, record: Event, form: Any) -> Event:
        count = deactivate(record, **form.cleaned_data, by=self.user, now=self.now)
        if count:
            self.done = f"Event deactivated, {count} follow-ups cancelled"
        return record


class EventPause(EventAct):
    """Pauses an event."""

    title, submit_label, done = "Pause event", "Pause", "Event paused"
    form_class = ReasonForm

    def act(self, record: Event, form: Any) -> Event:
        pause(record, **form.cleaned_data, by=self.user, now=self.now)
        return record


class EventRun(EventAct):
    """Evaluates an event at once."""

    title, submit_label = "Run event now", "Run now"
    template_name = "events/event_run.html"

    def context(self, **extra: Any) -> dict[str, Any]:
        """With what the run would make; nothing of an event that does not run."""
        event = extra["record"]
        running = event.is_running and event.active_version_id is not None
        found = preview_run(event, active_version(event), now=self.now, by=self.user) if running else None
        days = days_to_spread(found) if found else 1
        return super().context(preview=found, days=days, **extra)

    def act(self, record: Event, form: Any) -> Event:
        result = run_now(record, by=self.user, now=self.now)
        made = result.released.fired
        self.done = f"Run finished: {made} follow-up{'' if made == 1 else 's'} made"
        if result.held:
            self.done = "Run finished: held, far more matches than usual"
        return record


class EventAgain(EventAct):
    """Has the engine look again at what it gave up."""

    title, submit_label = "Try again what failed", "Try again"

    def act(self, record: Event, form: Any) -> Event:
        count = try_again(record, by=self.user, now=self.now)
        self.done = f"The engine looks again at {count} happening{'' if count == 1 else 's'}"
        return record


class EventHeld(EventAct):
    """Decides what becomes of held matches."""

    policy = requires("events.view_event", "events.release_held")
    title, submit_label = "Decide about held matches", "Decide"
    form_class = HeldForm

    def act(self, record: Event, form: Any) -> Event:
        release = form.cleaned_data["decision"] == "release"
        count = decide_held(
            record, release=release, reason=form.cleaned_data["reason"], by=self.user, now=self.now
        )
        self.done = f"{count} matches {'released' if release else 'dropped'}"
        return record
