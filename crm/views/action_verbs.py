"""What people do with one follow-up: a page each, which also answers a row's own request."""

from typing import Any

from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from core.permissions import requires
from crm.domain.action import (
    cancel_action,
    claim_action,
    complete_action,
    hand_over_action,
    reopen_action,
    snooze_action,
    start_action,
    wake_action,
)
from crm.forms.action import CancelForm, CompleteForm, HandOverForm, SnoozeForm
from crm.models import Action
from crm.tables.action import RELATED, follow_up_rows
from ui.templatetags.ui import day
from ui.toasts import toast
from ui.views.action import ActionPage
from ui.views.page import redirect_to


class FollowUpAct(ActionPage):
    """Base: the follow-up among those that the user may change; afterwards its row or its page."""

    policy = requires("crm.change_action")
    model = Action
    row_name = "crm/followup_row.html"
    template_name = "crm/action_verb.html"

    def rows(self) -> QuerySet[Any]:
        return super().rows().select_related(*RELATED, "closed_by")

    def context(self, **extra: Any) -> dict[str, Any]:
        (row,) = follow_up_rows([extra["record"]], self.request.user, today=self.today, with_links=True)
        return super().context(row=row, **extra)

    def row(self, record: Any, status: int = 200) -> HttpResponse:
        """The row as lists draw it."""
        (row,) = follow_up_rows([record], self.request.user, today=self.today)
        shown = render_to_string(self.row_name, {"row": row, "today": self.today}, self.request)
        return HttpResponse(shown, status=status)


class Complete(FollowUpAct):
    """Closes a follow-up with what came of it; "no answer" puts it off."""

    title, submit_label = "Complete follow-up", "Complete"
    form_class = CompleteForm

    def act(self, record: Action, form: Any) -> Action:
        complete_action(record, **form.cleaned_data, by=self.request.user, now=self.now)
        if record.is_live:
            self.done = f"No answer: back on {day(record.due_on)}"
        else:
            self.done = f"Follow-up closed: {record.get_outcome_display()}"
        return record

    def undo_url(self, record: Action) -> str:
        return "" if record.is_live else reverse("crm:action_reopen", args=[record.pk])


class Reopen(FollowUpAct):
    """Takes the closing back."""

    title, submit_label, done = "Open the follow-up again", "Open again", "Follow-up opened again"

    def act(self, record: Action, form: Any) -> Action:
        reopen_action(record, by=self.request.user, now=self.now)
        return record


class Snooze(FollowUpAct):
    """Hides a follow-up until a day."""

    title, submit_label, done = "Snooze follow-up", "Snooze", "Follow-up snoozed"
    form_class = SnoozeForm

    def make_form(self, record: Action, data: Any = None) -> Form:
        return SnoozeForm(data, today=self.today)

    def act(self, record: Action, form: Any) -> Action:
        snooze_action(record, **form.cleaned_data, by=self.request.user, now=self.now)
        return record

    def undo_url(self, record: Action) -> str:
        return reverse("crm:action_wake", args=[record.pk])


class Wake(FollowUpAct):
    """Brings a snoozed follow-up back today."""

    title, submit_label, done = "End the snooze", "Bring it back today", "Follow-up is back"

    def act(self, record: Action, form: Any) -> Action:
        wake_action(record, by=self.request.user, now=self.now)
        return record


class HandOver(FollowUpAct):
    """Gives a follow-up to a colleague."""

    title, submit_label, done = "Hand over follow-up", "Hand over", "Follow-up handed over"
    form_class = HandOverForm

    def make_form(self, record: Action, data: Any = None) -> Form:
        return HandOverForm(data, action=record, today=self.today)

    def act(self, record: Action, form: Any) -> Action:
        hand_over_action(record, **form.cleaned_data, by=self.request.user, now=self.now)
        return record

    def finished(self, record: Action) -> HttpResponse:
        """What one has given away may lie outside one's records from now on."""
        if self.is_from_row or Action.objects.visible_to(self.request.user).filter(pk=record.pk).exists():
            return super().finished(record)
        toast(self.request, self.done)
        return redirect_to(self.request, reverse("crm:followups"))


class Claim(FollowUpAct):
    """Takes a follow-up out of the queue of one's role."""

    title, submit_label, done = "Claim follow-up", "Claim", "Follow-up claimed"

    def act(self, record: Action, form: Any) -> Action:
        claim_action(record, by=self.request.user, now=self.now)
        return record


class Start(FollowUpAct):
    """Says that the work has begun."""

    title, submit_label, done = "Start follow-up", "Start", "Follow-up started"

    def act(self, record: Action, form: Any) -> Action:
        start_action(record, by=self.request.user, now=self.now)
        return record


class Cancel(FollowUpAct):
    """Closes a follow-up without doing it."""

    title, submit_label, done = "Cancel follow-up", "Cancel follow-up", "Follow-up cancelled"
    form_class = CancelForm
    danger = True

    def act(self, record: Action, form: Any) -> Action:
        cancel_action(record, **form.cleaned_data, by=self.request.user, now=self.now)
        return record

    def undo_url(self, record: Action) -> str:
        return reverse("crm:action_reopen", args=[record.pk])
