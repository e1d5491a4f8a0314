"""The one question behind every number of follow-ups and the list it leads to."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.forms import HiddenInput
from django.http import QueryDict

from accounts.models import Role, TeamMember, User
from crm.models import Action, Customer
from ui.filters import ChoiceFilter, DayFilter, FilterChip, IdFilter, ListFilter, TextFilter, in_words

MINE, TEAM, QUEUE, EVERYBODY = "mine", "team", "queue", "all"
WHOSE = ((MINE, "Mine"), (TEAM, "My teams"), (QUEUE, "Queues"), (EVERYBODY, "Everybody's"))
OPEN, OVERDUE, TODAY, NEXT, SNOOZED, CLOSED, ALL = (
    "open",
    "overdue",
    "today",
    "next",
    "snoozed",
    "closed",
    "all",
)
STATUS = (
    (OPEN, "Open"),
    (OVERDUE, "Overdue"),
    (TODAY, "Due today"),
    (NEXT, "Due within 7 days"),
    (SNOOZED, "Snoozed"),
    (CLOSED, "Closed"),
    (ALL, "Open and closed"),
)
NEXT_DAYS = 7
BY_HAND = "-"  # in the parameter ``event``: added by hand


def status_condition(status: str, today: date) -> Q:
    """Which follow-ups a status of :data:`STATUS` means on the day ``today``."""
    live = Q(closed_at=None)
    awake = Q(snoozed_until=None) | Q(snoozed_until__lte=today)
    return {
        OPEN: live,
        OVERDUE: live & Q(due_on__lt=today),
        TODAY: live & Q(due_on=today),
        NEXT: live & awake & Q(due_on__gt=today, due_on__lte=today + timedelta(days=NEXT_DAYS)),
        SNOOZED: live & Q(snoozed_until__gt=today),
        CLOSED: ~live,
        ALL: Q(),
    }[status]


def whose_condition(whose: str, user: User) -> Q:
    """Whose follow-ups a value of :data:`WHOSE` means for ``user``."""
    if whose == MINE:
        return Q(assignee=user)
    if whose == QUEUE:
        return Q(queue__isnull=False)
    if whose == TEAM:
        members = TeamMember.objects.filter(team_id__in=user.record_scope.team_ids).values("user")
        return Q(assignee__in=members)
    return Q()


class ActionFilter(ListFilter):
    """Filters of the follow-up list.

    Without ``whose`` the follow-ups are one's own, unless an assignee, a queue or a customer is named;
    without ``status`` they are the open ones. ``event`` is the code of a CRM event, ``-`` for added by
    hand.
    """

    whose = ChoiceFilter(label="Whose", choices=WHOSE, method="keep", widget=HiddenInput)
    status = ChoiceFilter(label="Status", choices=STATUS, method="keep", widget=HiddenInput)
    event = TextFilter(label="Event code", method="by_event")
    due_from = DayFilter(label="Due from", field_name="due_on", lookup_expr="gte")
    due_to = DayFilter(label="Due to", field_name="due_on", lookup_expr="lte")
    closed_from = DayFilter(label="Closed from", field_name="closed_on", lookup_expr="gte")
    closed_to = DayFilter(label="Closed to", field_name="closed_on", lookup_expr="lte")
    assignee = IdFilter(label="Assignee", field_name="assignee_id")
    owner = IdFilter(label="Meant for", field_name="owner_id")
    queue = IdFilter(label="Queue", field_name="queue_id")
    customer = IdFilter(label="Customer", method="by_customer")

    class Meta:
        model = Action
        fields: list[str] = []

    def __init__(self, *args: Any, user: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.today = today

    def keep(self, rows: QuerySet[Action], name: str, value: str) -> QuerySet[Action]:
        """Whose and status act together with the others in :meth:`filter_queryset`."""
        return rows

    def by_event(self, rows: QuerySet[Action], name: str, value: str) -> QuerySet[Action]:
        """The follow-ups of one CRM event, or those added by hand."""
        if value == BY_HAND:
            return rows.filter(origin=Action.Origin.MANUAL)
        return rows.filter(origin_code=value)

    def by_customer(self, rows: QuerySet[Action], name: str, value: int) -> QuerySet[Action]:
        """The follow-ups of one customer the user may see: else rows would tell whose a restricted one is."""
        return rows.filter(customer__in=Customer.objects.visible_to(self.user).filter(pk=value))

    def filter_queryset(self, queryset: QuerySet[Action]) -> QuerySet[Action]:
        rows = super().filter_queryset(queryset)
        status = status_condition(self.chosen_status, self.today)
        return rows.filter(status, whose_condition(self.chosen_whose, self.user))

    @property
    def chosen_whose(self) -> str:
        """The value of ``whose`` that counts."""
        values = getattr(self.form, "cleaned_data", {})
        named = any(values.get(name) for name in ("assignee", "owner", "queue", "customer"))
        return values.get("whose") or (EVERYBODY if named else MINE)

    @property
    def chosen_status(self) -> str:
        """The value of ``status`` that counts."""
        return getattr(self.form, "cleaned_data", {}).get("status") or OPEN

    @property
    def chips(self) -> list[FilterChip]:
        """The filters beside whose and status, which the page shows as tabs."""
        return [chip for chip in super().chips if chip.label not in ("Whose", "Status")]

    @property
    def printed(self) -> list[tuple[str, str]]:
        """With whose and status, which stand in tabs on the page."""
        whose, status = dict(WHOSE)[self.chosen_whose], dict(STATUS)[self.chosen_status]
        return [("Whose", whose), ("Status", status), *super().printed]

    def words(self, field: Any, value: Any) -> str:
        if field.name in ("assignee", "owner"):
            return _name(User.objects.filter(pk=value))
        if field.name == "queue":
            return _name(Role.objects.filter(pk=value))
        if field.name == "customer":
            return _name(Customer.objects.visible_to(self.user).filter(pk=value))
        return "added by hand" if value == BY_HAND else in_words(field, value)


def _name(rows: QuerySet[Any]) -> str:
    """The name of the record that an id in the address means, if the user may know it."""
    return str(rows.first() or "unknown")


def followup_query(
    params: Mapping[str, Any], user: User, *, today: date, rows: QuerySet[Action] | None = None
) -> QuerySet[Action]:
    """The follow-ups that the parameters of a list address mean; none for parameters that say nothing.

    Every number of follow-ups is counted from here with the parameters of the list it leads to.
    ``rows`` are those among which to look: by default all that ``user`` may see.
    """
    data = params if isinstance(params, QueryDict) else _query_dict(params)
    among = Action.objects.visible_to(user) if rows is None else rows
    filters = ActionFilter(data, queryset=among, user=user, today=today)
    found: QuerySet[Action] = filters.qs if filters.is_valid() else among.none()
    return found


def _query_dict(params: Mapping[str, Any]) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update({name: str(value) for name, value in params.items()})
    return data
