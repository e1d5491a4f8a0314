"""The page of one customer, and the whole of its timeline."""

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from activity.models import Entry
from core.permissions import requires
from crm.forms.communication import LogForm
from crm.models import Action, ContactLink, Customer
from crm.tables.action import RELATED, follow_up_rows
from crm.tables.customer import facts_tiles, status_chip
from crm.tables.rhythm import rhythm_of
from crm.tables.timeline import items_of, timeline
from ui.paging import Sort, paginate
from ui.views.detail import DetailPage
from ui.views.page import Page

MOST_OPEN = 50
SHOWN_OPEN = 6
SHOWN_CLOSED = 4
SHOWN_CONTACTS = 8
SHOWN_ENTRIES = 15
TIMELINE_PAGE = 50


class CustomerDetail(DetailPage):
    """One customer: who they are, how they order, what is to be done, and everything that happened."""

    policy = requires("crm.view_customer")
    model = Customer
    panels = "crm.customer"
    related = ("owner", "team", "territory", "facts")
    template_name = "crm/customer_detail.html"

    def context(self, **extra: Any) -> dict[str, Any]:
        customer: Customer = extra["record"]
        user = self.request.user
        live = self.live(customer)
        links = contact_links(customer) if user.has_perm("crm.view_contact") else []
        facts = getattr(customer, "facts", None)
        return super().context(
            status_chip=status_chip(customer),
            rhythm=rhythm_of(facts, today=self.today),
            facts=facts,
            tiles=facts_tiles(customer, today=self.today, open_actions=live),
            follow_ups=[
                replace(row, customer="", customer_url="")
                for row in follow_up_rows(
                    live[:SHOWN_OPEN], user, today=self.today, with_people=True, visible={customer.pk}
                )
            ],
            open_count=len(live),
            closed=self.closed(customer),
            links=links[:SHOWN_CONTACTS],
            contact_count=len(links),
            entries=timeline(user, customer_id=customer.pk, limit=SHOWN_ENTRIES, today=self.today),
            **self.rights(customer, live),
            **extra,
        )

    def live(self, customer: Customer) -> list[Action]:
        """What is still to be done, most urgent first; none for users without the function."""
        if not self.request.user.has_perm("crm.view_action"):
            return []
        return list(Action.objects.live().filter(customer=customer).select_related(*RELATED)[:MOST_OPEN])

    def closed(self, customer: Customer) -> list[Action]:
        """What was closed last."""
        if not self.request.user.has_perm("crm.view_action"):
            return []
        rows = Action.objects.filter(customer=customer).exclude(closed_at=None)
        return list(rows.select_related("closed_by").order_by("-closed_at", "-pk")[:SHOWN_CLOSED])

    def rights(self, customer: Customer, live: list[Action]) -> dict[str, Any]:
        """What the page offers to this user."""
        user = self.request.user
        may_change = Customer.objects.visible_to(user, "change").filter(pk=customer.pk).exists()
        current = customer.archived_at is None
        may_log = user.has_perm("crm.add_communication") and current
        return {
            "may_change": may_change,
            "may_archive": may_change and user.has_perm("crm.archive_customer"),
            "may_add_action": user.has_perm("crm.add_action") and current,
            "may_add_contact": may_change and current and user.has_perm("crm.add_contact"),
            "log_form": log_form(customer, user=user, chosen=live[0] if live else None) if may_log else None,
        }


def contact_links(customer: Customer) -> list[ContactLink]:
    """The customer's contacts of today, the main one first."""
    links = ContactLink.objects.filter(customer=customer, ended_on=None).select_related("contact")
    return list(links.order_by("-is_main", "contact__last_name", "contact__first_name", "pk")[:MOST_OPEN])


def log_form(
    customer: Customer, *, user: Any, chosen: Action | None = None, outcome: str = "", data: Any = None
) -> LogForm:
    """The form for a conversation with the customer.

    ``chosen`` is the follow-up offered first, ``outcome`` what is said to have come of it.
    """
    actions: QuerySet[Action] = Action.objects.visible_to(user, "change").live()
    actions = actions.filter(customer=customer, assignee__isnull=False)
    initial: dict[str, Any] = {}
    if chosen is not None:
        initial = {"action": chosen.pk, "contact": chosen.contact_id, "outcome": outcome}
    return LogForm(data, customer=customer, actions=actions, initial=initial)


class CustomerTimeline(Page):
    """Everything that happened with a customer, page by page."""

    policy = requires("crm.view_customer")
    template_name = "crm/customer_timeline.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
        rows = Entry.objects.filter(customer_id=customer.pk).select_related("by")
        page = paginate(
            rows, Sort("happened_at", descending=True), cursor=request.GET.get("page", ""), size=TIMELINE_PAGE
        )
        return self.answer(
            title="Timeline",
            crumb=customer.name,
            crumb_url=customer.get_absolute_url(),
            page=page,
            entries=items_of(request.user, page.rows, today=self.today),
        )
