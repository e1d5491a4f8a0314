"""Overrides that were made: the list, one of them, and taking it back or ending it."""

from typing import Any

from django.db.models import Count, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from activity.models import Entry
from core.permissions import requires
from crm.tables.action import RELATED, follow_up_rows
from events.domain.override import end_override, undo_override
from events.domain.override_rules import may_reroute, overrides_within
from events.models import Override
from events.tables.override import OVERRIDES
from events.views.management import ManagementPage
from events.views.override_draft import left_alone
from ui.views.action import ActionPage
from ui.views.list import ListPage


class OverrideList(ManagementPage, ListPage):
    """Active and past overrides, newest first."""

    policy = requires("events.view_override")
    title = "Overrides"
    model = Override
    table = OVERRIDES
    related = ("from_user", "created_by")
    nouns = ("override", "overrides")
    empty_icon, empty_text = "signpost-split", "What is rerouted on Follow-up Override is listed here."
    template_name = "events/override_list.html"

    def rows(self) -> QuerySet[Override]:
        rows = overrides_within(self.user).select_related(*self.related)
        return rows.annotate(moved_count=Count("items"))


class OverrideDetail(ManagementPage):
    """One override: what went to whom, what came back, and what can still be taken back."""

    policy = requires("events.view_override")
    template_name = "events/override_detail.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self.user
        rows = overrides_within(user).select_related(
            "from_user", "created_by", "ended_by", "absence__substitute"
        )
        override = get_object_or_404(rows, pk=pk)
        items = list(override.items.select_related("to_user", *(f"action__{name}" for name in RELATED)))
        items.sort(key=lambda item: (item.action.due_on, item.action.priority, item.pk))
        actions = [item.action for item in items]
        drawn = follow_up_rows(actions, user, today=self.today, may_be_hidden=True)
        live = [item for item in items if item.action.is_live]
        there = [item for item in live if item.action.assignee_id == item.to_user_id and not item.returned_at]
        entry = Entry.objects.filter(
            subject_type="events.override", subject_id=override.pk, verb="override.created"
        ).first()
        return self.answer(
            record=override,
            title=f"Override for {override.from_user}",
            crumb="Overrides",
            crumb_url=reverse("events:overrides"),
            lines=list(zip(items, drawn, strict=True)),
            open_count=len(there),
            closed_count=len(items) - len(live),
            returned_count=sum(item.returned_at is not None for item in items),
            receivers=len({item.to_user_id for item in items}),
            left_alone=left_alone(entry.data.get("kept", []) if entry else [], user, day=self.today),
            is_active=override.status == Override.Status.ACTIVE,
            may_reroute=may_reroute(user),
        )


class OverrideAct(ManagementPage, ActionPage):
    """Base: takes an override back or ends it."""

    policy = requires("events.view_override")
    model = Override
    template_name = "events/override_verb.html"

    def rows(self) -> QuerySet[Override]:
        return overrides_within(self.user).select_related("from_user")

    def context(self, **extra: Any) -> dict[str, Any]:
        unresolved = extra["record"].items.filter(returned_at=None, kept_reason="", action__closed_at=None)
        return super().context(unresolved=unresolved.count(), **extra)


class OverrideUndo(OverrideAct):
    """Takes an override back."""

    title, submit_label = "Undo the override", "Undo"

    def act(self, record: Override, form: Form) -> Override:
        result = undo_override(override=record, by=self.user, now=self.now)
        self.done = back_in_words(len(result.moved), len(result.kept))
        return result.override


class OverrideEnd(OverrideAct):
    """Ends an override before its day of return."""

    title, submit_label = "End the override", "End now"

    def act(self, record: Override, form: Form) -> Override:
        result = end_override(override=record, by=self.user, now=self.now)
        self.done = back_in_words(len(result.moved), len(result.kept))
        return result.override


def back_in_words(moved: int, kept: int) -> str:
    """22 follow-ups went back, 1 stayed."""
    text = f"{moved} follow-up{'' if moved == 1 else 's'} went back"
    return text + (f", {kept} stayed" if kept else "")
