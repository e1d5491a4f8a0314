"""Status: the board of employees and events, and the follow-ups behind one of its numbers."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.domain.organisation import organisation
from accounts.models import Role, User
from core.permissions import requires
from crm.filters.action import BY_HAND, CLOSED, OVERDUE, STATUS
from crm.models import Action
from crm.tables.action import RELATED, follow_up_rows
from crm.views.action import FollowUps
from events.domain.override_rules import may_reroute
from events.domain.status import (
    Matrix,
    board,
    closed_params,
    due_params,
    open_params,
    overdue_params,
    status_rows,
)
from events.domain.status_trend import weeks
from events.filters.status import StatusFilter
from events.models import Event
from events.views.management import ManagementPage
from events.views.weekly_chart import chart_of
from ui.blocks import FollowUpRow, Tab, Tile
from ui.templatetags.ui import days_since
from ui.views.errors import refused_input
from ui.views.page import redirect_to

MEASURES = (("open", "Open and overdue"), ("closed", "Closed"), ("on_time", "On time"))
PANEL_ROWS = 50
BOARD_ROWS = 50  # a board of hundreds of people is shown in parts; its totals are always of all


def follow_ups_url(params: dict[str, str]) -> str:
    """The list of the board's follow-ups that ``params`` mean."""
    return f"{reverse('events:status_follow_ups')}?{urlencode(params)}"


class StatusBoard(ManagementPage):
    """Employees and events: open, overdue, closed and on time; each number leads to its rows."""

    policy = requires("events.view_status")
    title = "Status"
    template_name = "events/status.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        user = self.user
        matrix = board(user, day=self.today)
        asked = request.GET.get("measure", "")
        measure = asked if asked in dict(MEASURES) else MEASURES[0][0]
        parts = Paginator([*matrix.people, *matrix.queues], BOARD_ROWS)
        return self.answer(
            matrix=matrix,
            measure=measure,
            measures=[Tab(label, f"?measure={key}", key == measure) for key, label in MEASURES],
            tiles=self.tiles(matrix),
            part=parts.get_page(request.GET.get("part")),
            by_share=sorted(
                (column for column in matrix.columns if column.total.open),
                key=lambda column: -column.total.overdue_share,
            ),
            chart=chart_of(weeks(user, day=self.today, zone=organisation().zone)),
            may_reroute=may_reroute(user),
        )

    def tiles(self, matrix: Matrix) -> list[Tile]:
        """The cards above the board."""
        total, queues = matrix.total, matrix.in_queues
        percent = total.on_time_percent
        return [
            Tile(
                "Open",
                f"{total.open:,}",
                context=f"{total.today:,} due today",
                url=follow_ups_url(open_params(total.params)),
            ),
            Tile(
                "Overdue",
                f"{total.overdue:,}",
                unit=f"{round(100 * total.overdue_share)}% of {total.open:,}" if total.overdue else "",
                tone="danger",
                is_loud=bool(total.overdue),
                context=self.most_overdue(matrix),
                url=follow_ups_url(overdue_params(total.params)),
            ),
            Tile(
                "Closed, 30 days",
                f"{total.closed:,}",
                context="None yet" if percent is None else f"{percent}% on time",
                url=follow_ups_url(closed_params(total.params, matrix.day)),
            ),
            Tile(
                "Median time to close",
                "None yet" if matrix.median_days is None else f"{matrix.median_days:.1f}",
                unit="" if matrix.median_days is None else "days",
                context="From making to closing",
            ),
            self.oldest_tile(matrix),
            Tile(
                "In queues",
                f"{queues.open:,}",
                context=f"{queues.overdue:,} overdue",
                url=follow_ups_url(open_params(queues.params)) if matrix.everybody else "",
            ),
        ]

    def oldest_tile(self, matrix: Matrix) -> Tile:
        """How long the oldest have been overdue and whose they are; leads to exactly these."""
        lines, oldest = matrix.oldest_lines, matrix.total.oldest
        if not lines or oldest is None:
            return Tile("Oldest overdue", "0", unit="days", context="Nothing is overdue")
        days, unit = days_since(oldest, matrix.day).split(" ")
        others = len(lines) - 1
        more = f" and {others} other{'' if others == 1 else 's'}" if others else ""
        url = follow_ups_url(due_params(matrix.total.params, oldest))
        return Tile("Oldest overdue", days, unit=unit, context=f"{lines[0].label}{more}", url=url)

    def most_overdue(self, matrix: Matrix) -> str:
        """Who has most of the overdue ones."""
        first = next(iter(matrix.people), None)
        if first is None or not first.total.overdue:
            return "Nothing is overdue" if not matrix.total.overdue else "In queues"
        return f"{first.total.overdue:,} belong{'s' if first.total.overdue == 1 else ''} to {first.name}"


class StatusFollowUps(ManagementPage, FollowUps):
    """The rows behind a number of the board, all of them: what the user may not open is restricted."""

    policy = requires("events.view_status")
    title = "Follow-ups in Status"
    filter_class = StatusFilter
    empty_text = "Nobody on the board has a follow-up like that."
    create_url = ""  # added among one's own, not here

    def rows(self) -> QuerySet[Action]:
        return status_rows(self.user).select_related(*RELATED)

    def filters(self, rows: QuerySet[Any]) -> StatusFilter:
        return StatusFilter(self.request.GET, queryset=rows, user=self.user, today=self.today)

    def drawn(self, rows: Any, with_people: bool) -> list[FollowUpRow]:
        return follow_up_rows(rows, self.user, today=self.today, with_people=with_people, may_be_hidden=True)


class StatusCell(ManagementPage):
    """The follow-ups behind one number as a side panel; without a script the list itself."""

    policy = requires("events.view_status")
    title = "Follow-ups"
    template_name = fragment_name = "events/status_cell.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.wants_fragment:
            return redirect_to(request, self.list_url)
        user = self.user
        filters = StatusFilter(request.GET, queryset=status_rows(user), user=user, today=self.today)
        if not filters.is_valid():
            return refused_input(request, "These follow-ups cannot be shown: load the page again.")
        values = filters.form.cleaned_data
        rows = filters.qs.select_related(*RELATED, "closed_by").order_by("due_on", "priority", "pk")
        assignee = User.objects.filter(pk=values["assignee"]).first() if values["assignee"] else None
        return self.answer(
            who=self.who(assignee, values),
            what=self.what(values),
            count=rows.count(),
            rows=follow_up_rows(rows[:PANEL_ROWS], user, today=self.today, may_be_hidden=True),
            list_url=self.list_url,
            assignee=assignee,
            may_reroute=may_reroute(user) and assignee is not None and values["status"] != CLOSED,
            tabs=self.tabs(values),
        )

    @property
    def list_url(self) -> str:
        """The same follow-ups as a page of their own."""
        return f"{reverse('events:status_follow_ups')}?{self.request.GET.urlencode()}"

    def who(self, assignee: User | None, values: dict[str, Any]) -> str:
        """Whose follow-ups they are, in words."""
        if assignee is not None:
            return assignee.name
        if values["queue"]:
            queue = Role.objects.filter(pk=values["queue"]).first()
            return f"Queue of {queue}" if queue else "Queue"
        return "Everybody"

    def what(self, values: dict[str, Any]) -> str:
        """From which event they are, in words."""
        code = values["event"]
        if not code:
            return "All follow-ups"
        if code == BY_HAND:
            return "Added by hand"
        event = Event.objects.filter(code=code).first()
        return event.name if event else code

    def tabs(self, values: dict[str, Any]) -> list[Tab]:
        """Overdue or all open ones; none for what is closed."""
        here = values["status"] or "open"
        if here == CLOSED:
            return []
        found = []
        for status in (OVERDUE, "open"):
            params = self.request.GET.copy()
            params["status"] = status
            for stale in ("due_from", "due_to"):
                params.pop(stale, None)
            label = "All open" if status == "open" else dict(STATUS)[status]
            found.append(Tab(label, f"{reverse('events:status_cell')}?{params.urlencode()}", status == here))
        return found
