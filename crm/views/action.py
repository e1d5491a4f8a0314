"""Pages of follow-ups: the list, one of them, and a new one. What is done with one is in ``action_verbs``."""

from typing import Any

from django.db.models import Model, QuerySet
from django.forms import Form
from django.shortcuts import get_object_or_404
from django.urls import reverse

from core.permissions import requires
from crm.domain.action import create_action
from crm.domain.action_rules import may_dispose
from crm.filters.action import CLOSED, MINE, STATUS, WHOSE, ActionFilter
from crm.forms.action import NewActionForm
from crm.models import Action, Customer
from crm.tables.action import (
    CLOSED_ACTIONS,
    ICONS,
    OPEN_ACTIONS,
    RELATED,
    RESTRICTED,
    follow_up_rows,
    visible_customer_ids,
)
from crm.tables.timeline import history
from ui.blocks import FollowUpRow, Tab
from ui.tables import Table
from ui.views.detail import DetailPage
from ui.views.form import FormPage
from ui.views.list import ListPage


class FollowUps(ListPage):
    """Follow-ups by whose they are, status, event, customer and due date."""

    policy = requires("crm.view_action")
    title = "Follow-ups"
    model = Action
    filter_class = ActionFilter
    related = RELATED
    nouns = ("follow-up", "follow-ups")
    empty_icon = "check2-all"
    empty_text = "Follow-ups appear here when a CRM event finds a reason, or when somebody adds one."
    create_label = "New follow-up"
    template_name = "crm/followups.html"
    fragment_name = "crm/followup_list.html"

    @property
    def table(self) -> Table:  # type: ignore[override]
        """Open ones by due date, closed ones by the day they were closed."""
        return CLOSED_ACTIONS if self.request.GET.get("status") == CLOSED else OPEN_ACTIONS

    def filters(self, rows: QuerySet[Any]) -> ActionFilter:
        return ActionFilter(self.request.GET, queryset=rows, user=self.request.user, today=self.today)

    @property
    def create_url(self) -> str:  # type: ignore[override]
        """Where to add one, for those who may."""
        return reverse("crm:action_new") if self.request.user.has_perm("crm.add_action") else ""

    def context(self, **extra: Any) -> dict[str, Any]:
        if "page" in extra:
            filters: ActionFilter = extra["filters"]
            extra["follow_ups"] = self.drawn(extra["page"].rows, filters.chosen_whose != MINE)
            extra["whose_tabs"] = self.tabs("whose", WHOSE, filters.chosen_whose)
            extra["status_tabs"] = self.tabs("status", STATUS, filters.chosen_status)
        return super().context(**extra)

    def drawn(self, rows: Any, with_people: bool) -> list[FollowUpRow]:
        """The rows as the user may see them."""
        return follow_up_rows(rows, self.request.user, today=self.today, with_people=with_people)

    def tabs(self, name: str, choices: tuple[tuple[str, str], ...], here: str) -> list[Tab]:
        """One tab per choice of the filter ``name``, with the other filters kept."""
        return [Tab(label, self._url(name, value), value == here) for value, label in choices]

    def _url(self, name: str, value: str) -> str:
        params = self.request.GET.copy()
        for stale in ("page", "sort"):
            params.pop(stale, None)
        params[name] = value
        return f"?{params.urlencode()}"


class FollowUp(DetailPage):
    """One follow-up: what is to be done, why, for whom, and what happened to it."""

    policy = requires("crm.view_action")
    model = Action
    related = (*RELATED, "owner", "closed_by", "customer__owner")
    template_name = "crm/action_detail.html"

    def context(self, **extra: Any) -> dict[str, Any]:
        action: Action = extra["record"]
        user = self.request.user
        visible = visible_customer_ids([action], user)
        sees = action.customer_id is None or action.customer_id in visible
        shown = sees or action.assignee_id == user.pk
        extra["title"] = action.title if shown else RESTRICTED
        (row,) = follow_up_rows([action], user, today=self.today, with_links=True, visible=visible)
        return super().context(
            crumb="Follow-ups",
            crumb_url=reverse("crm:followups"),
            icon=ICONS[Action.Kind(action.kind)],
            sees_customer=sees,
            shown=shown,
            row=row,
            entries=history(user, action, today=self.today) if shown else [],
            **self.rights(action),
            **extra,
        )

    def rights(self, action: Action) -> dict[str, bool]:
        """What the page offers to this user; the domain checks again."""
        user = self.request.user
        may_change = Action.objects.visible_to(user, "change").filter(pk=action.pk).exists()
        held = action.assignee_id is not None
        disposes = may_change and action.is_live and held and may_dispose(action, user)
        snoozed = action.snoozed_until is not None and action.snoozed_until > self.today
        return {
            "may_complete": may_change and action.is_live and held,
            "may_log": may_change and action.is_live and held and user.has_perm("crm.add_communication"),
            "may_start": disposes and action.status == Action.Status.OPEN,
            "may_snooze": disposes and not snoozed,
            "may_wake": disposes and snoozed,
            "may_hand_over": disposes,
            "may_cancel": disposes,
            "may_claim": may_change and action.is_live and action.queue_id is not None,
            "may_reopen": may_change
            and action.closed_by_id == user.pk
            and action.closed_on == self.today
            and action.status != Action.Status.SUPERSEDED,
            "is_snoozed": snoozed,
        }


class FollowUpNew(FormPage):
    """A follow-up added by hand, for the customer named in the address or for none."""

    policy = requires("crm.add_action")
    title, submit_label, done = "New follow-up", "Add follow-up", "Follow-up added"
    model, form_class = Action, NewActionForm
    template_name = "crm/form_with_customer.html"
    customer: Customer | None = None

    def find(self, pk: int | None) -> None:
        """The customer of the address, when the user may see it."""
        self.customer = None
        if pk is not None:
            self.customer = get_object_or_404(Customer.objects.visible_to(self.request.user).current(), pk=pk)

    def make_form(self, data: Any = None, files: Any = None) -> Form:
        initial: dict[str, Any] = {"assignee": self.request.user.pk, "due_on": self.today}
        if self.customer is not None:
            initial["customer"] = self.customer.number
        return NewActionForm(
            data, user=self.request.user, today=self.today, customer=self.customer, initial=initial
        )

    def save(self, form: Any) -> Model:
        return create_action(**form.cleaned_data, by=self.request.user, now=self.now)

    def context(self, **extra: Any) -> dict[str, Any]:
        back = self.customer.get_absolute_url() if self.customer else reverse("crm:followups")
        crumb = self.customer.name if self.customer else "Follow-ups"
        return {**super().context(crumb=crumb, crumb_url=back, **extra), "cancel_url": back}
