"""My day: what a person has to do, most urgent first, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, FloatField, Q, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from core.permissions import signed_in
from core.sql import DaysUntil
from crm.filters.action import (
    ALL,
    CLOSED,
    MINE,
    NEXT,
    NEXT_DAYS,
    OPEN,
    OVERDUE,
    QUEUE,
    SNOOZED,
    TODAY,
    followup_query,
    status_condition,
)
from crm.models import Action, Customer
from crm.tables.action import RELATED, follow_up_rows, visible_customer_ids
from crm.tables.rhythm import Rhythm, rhythm_of
from ui.blocks import FollowUpRow, Tile
from ui.views.page import Page

SHOWN = 60
SHOWN_QUEUE = 10
SHOWN_AT_RISK = 5


@dataclass(frozen=True)
class Group:
    """Rows under one heading: how many there are, those that are shown, and the list of all."""

    title: str
    icon: str
    count: int
    rows: list[FollowUpRow]
    url: str
    is_first: bool


@dataclass(frozen=True)
class AtRisk:
    """Customers who are late: those that are shown, how many there are, and the list of all."""

    rows: list[tuple[Customer, Rhythm | None]]
    count: int
    url: str


class MyDay(Page):
    """The first page after signing in."""

    policy = signed_in()
    title = "My day"
    template_name = "crm/my_day.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("crm.view_action"):
            return self.answer(greeting=self.greeting(), subtitle=long_day(self.today), has_work=False)
        counts, work, queue = self.counts(), self.work(), self.queue()
        seen: dict[str, Any] = {
            "today": self.today,
            "visible": visible_customer_ids([*work, *queue], request.user),
        }
        return self.answer(
            has_work=True,
            greeting=self.greeting(),
            subtitle=f"{long_day(self.today)}. {first_thing(counts)}",
            counts=counts,
            tiles=tiles(counts, self.today),
            groups=self.groups(self.work_rows(work, seen), counts),
            snoozed_url=list_url(status=SNOOZED),
            queue=follow_up_rows(queue, request.user, **seen),
            queue_url=list_url(whose=QUEUE),
            at_risk=self.at_risk(),
        )

    def greeting(self) -> str:
        """Good morning, Mara."""
        hour = self.now.astimezone(timezone.get_current_timezone()).hour
        part = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
        return f"Good {part}, {str(self.request.user).split()[0]}"

    @cached_property
    def own(self) -> QuerySet[Action]:
        """One's own follow-ups, as the list counts them: one may see them all, so nothing else is asked."""
        user, rows = self.request.user, Action.objects.filter(assignee=self.request.user)
        params = {"whose": MINE, "status": ALL}
        return followup_query(params, user, today=self.today, rows=rows).order_by()

    def counts(self) -> dict[str, int]:
        """The numbers of the page, each as the list that it leads to counts it."""
        today = self.today
        states = {name: status_condition(name, today) for name in (OPEN, OVERDUE, TODAY, NEXT, SNOOZED)}
        closed = status_condition(CLOSED, today) & Q(closed_on__gte=monday(today))
        states |= {"closed": closed, "on_time": closed & Q(closed_on__lte=F("original_due_on"))}
        rows = self.own.filter(states[OPEN] | closed)
        return rows.aggregate(**{name: Count("pk", filter=condition) for name, condition in states.items()})

    def work(self) -> list[Action]:
        """What is due until next week; what is snoozed stays away until its day."""
        today = self.today
        rows = self.own.filter(status_condition(OPEN, today))
        awake = rows.filter(due_on__lte=today + timedelta(days=NEXT_DAYS)).exclude(snoozed_until__gt=today)
        return list(awake.select_related(*RELATED).order_by("due_on", "priority", "pk")[:SHOWN])

    def work_rows(self, work: list[Action], seen: dict[str, Any]) -> list[FollowUpRow]:
        """The rows with whom to call and what to do; each act comes back here."""
        return follow_up_rows(work, self.request.user, with_links=True, back=self.request.path, **seen)

    def groups(self, drawn: list[FollowUpRow], counts: dict[str, int]) -> list[Group]:
        """The rows under Overdue, Today and Next 7 days."""
        today = self.today

        def group(title: str, icon: str, status: str, belongs: Callable[[date], bool]) -> Group:
            fitting = [row for row in drawn if belongs(row.due_on)]
            is_first = bool(fitting) and fitting[0] is drawn[0]
            return Group(title, icon, counts[status], fitting, list_url(status=status), is_first)

        return [
            group("Overdue", "exclamation-circle-fill", OVERDUE, lambda due: due < today),
            group("Today", "sun", TODAY, lambda due: due == today),
            group("Next 7 days", "calendar3", NEXT, lambda due: due > today),
        ]

    def queue(self) -> list[Action]:
        """What waits for anybody with one of the user's roles."""
        rows = Action.objects.live().filter(queue_id__in=sorted(self.request.user.record_scope.role_ids))
        return list(rows.select_related(*RELATED).order_by("due_on", "priority", "pk")[:SHOWN_QUEUE])

    def at_risk(self) -> AtRisk | None:
        """Own customers off their rhythm, the worst first; None for people without customers.

        What one owns is always among one's records, so only the function is asked.
        """
        user = self.request.user
        own_ones = Customer.objects.current().filter(owner=user)
        if not user.has_perm("crm.view_customer"):
            return None
        late = own_ones.off_rhythm(self.today)
        silence = DaysUntil(F("facts__last_order_on"), self.today)
        times = Cast(silence, FloatField()) / Cast(F("facts__median_gap"), FloatField())
        found = list(late.select_related("facts").order_by(times.desc(), "pk")[:SHOWN_AT_RISK])
        if not found and not own_ones.exists():
            return None
        rows = [(row, rhythm_of(row.facts, today=self.today)) for row in found]
        count = late.count() if len(found) == SHOWN_AT_RISK else len(found)
        return AtRisk(rows, count, f"{reverse('crm:customers')}?whose=mine&rhythm=off")


def monday(day: date) -> date:
    """The first day of the week of ``day``."""
    return day - timedelta(days=day.weekday())


def list_url(**params: Any) -> str:
    """The follow-up list with these filters."""
    return f"{reverse('crm:followups')}?{urlencode({'whose': MINE, **params})}"


def long_day(day: date) -> str:
    """Tuesday 17 November"""
    return date_format(day, "l j F")


def first_thing(counts: dict[str, int]) -> str:
    """What to begin with, in a sentence."""
    if counts[OVERDUE]:
        return f"Start with {counts[OVERDUE]:,} overdue follow-up{'' if counts[OVERDUE] == 1 else 's'}."
    if counts[TODAY]:
        return f"{counts[TODAY]:,} follow-up{'' if counts[TODAY] == 1 else 's'} due today."
    return "Nothing is due today."


def tiles(counts: dict[str, int], today: date) -> list[Tile]:
    """Open, overdue, due today, closed this week; each leads to its rows."""
    late = counts[OVERDUE]
    snoozed = f"{counts[SNOOZED]:,} snoozed" if counts[SNOOZED] else "None snoozed"
    unit, icon = ("act first", "exclamation-circle") if late else ("", "")
    on_time = f"{counts['on_time']:,} on time" if counts["closed"] else "None yet"
    return [
        Tile("Open follow-ups", f"{counts[OPEN]:,}", context=snoozed, url=list_url(status=OPEN)),
        Tile(
            "Overdue",
            f"{late:,}",
            unit,
            "danger" if late else "",
            icon,
            "Due before today",
            list_url(status=OVERDUE),
        ),
        Tile("Due today", f"{counts[TODAY]:,}", context=long_day(today), url=list_url(status=TODAY)),
        Tile(
            "Closed this week",
            f"{counts['closed']:,}",
            context=on_time,
            url=list_url(status=CLOSED, closed_from=monday(today).isoformat()),
        ),
    ]
