"""Status: how many follow-ups each employee has from each CRM event, and how they fare.

Open is open or in progress; overdue is open and due before today; closed is done, cancelled or superseded
within the last 30 days; on time is closed on the first due date or before. Each number carries the
parameters of the follow-up list that shows exactly its rows, and is counted with that list's conditions.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, DateField, DurationField, ExpressionWrapper, F, Min, Q, QuerySet, Value

from accounts.models import Absence, TeamMember, User
from crm.filters.action import BY_HAND, CLOSED, EVERYBODY, OPEN, OVERDUE, TEAM, TODAY, status_condition
from crm.models import Action
from events.models import Event

PERIOD_DAYS = 30
# Days overdue, first and last; no last means and more.
AGES: tuple[tuple[int, int | None], ...] = ((1, 3), (4, 7), (8, None))
ALL_STATUS = "events.view_status_all"
STATUS = "events.view_status"

Params = Mapping[str, str]


@dataclass
class Tally:
    """The numbers of one cell, row or column, and the parameters that lead to its rows.

    ``ages`` are the overdue ones by :data:`AGES`; ``oldest`` is the earliest due date of the open ones.
    """

    params: Params
    open: int = 0
    overdue: int = 0
    today: int = 0
    closed: int = 0
    on_time: int = 0
    ages: list[int] = field(default_factory=lambda: [0] * len(AGES))
    oldest: date | None = None

    def __bool__(self) -> bool:
        return bool(self.open or self.closed)

    @property
    def on_time_percent(self) -> int | None:
        """How many of the closed ones were on time; None when nothing was closed."""
        return round(100 * self.on_time / self.closed) if self.closed else None

    @property
    def overdue_share(self) -> float:
        """The overdue part of the open ones, 0 to 1."""
        return self.overdue / self.open if self.open else 0.0

    def add(self, other: "Tally") -> None:
        """Count ``other`` in."""
        self.open += other.open
        self.overdue += other.overdue
        self.today += other.today
        self.closed += other.closed
        self.on_time += other.on_time
        self.ages = [mine + its for mine, its in zip(self.ages, other.ages, strict=True)]
        self.oldest = min((day for day in (self.oldest, other.oldest) if day), default=None)


@dataclass(frozen=True)
class Column:
    """A CRM event as a column; the last may be what people added by hand (``code`` is then ``-``)."""

    code: str
    name: str
    total: Tally


@dataclass(frozen=True)
class Line:
    """An employee (``user``) or a queue: one cell per column, and the total."""

    name: str
    cells: list[Tally]
    total: Tally
    user: User | None = None
    absence: Absence | None = None
    queue_id: int | None = None

    @property
    def label(self) -> str:
        """Whose line it is, in words."""
        return self.name if self.user else f"Queue of {self.name}"


@dataclass(frozen=True)
class Matrix:
    """The whole board. ``everybody`` tells whether it covers all people or only the viewer's teams."""

    columns: list[Column]
    people: list[Line]
    queues: list[Line]
    total: Tally
    everybody: bool
    day: date
    median_days: float | None

    @property
    def in_queues(self) -> Tally:
        """All queues together."""
        return _sum({"whose": "queue"}, (line.total for line in self.queues))

    @property
    def oldest_lines(self) -> list[Line]:
        """Who has the follow-ups that are overdue longest; nobody when nothing is overdue."""
        lines = [line for line in [*self.people, *self.queues] if line.total.overdue]
        return [line for line in lines if line.total.oldest == self.total.oldest]


def sees_everybody(user: User) -> bool:
    """Whether Status shows ``user`` all people: by right, or by a role that sees all records."""
    return user.has_perm(ALL_STATUS) or user.record_scope.covers_all(STATUS)


def board(user: User, *, day: date) -> Matrix:
    """The matrix of people and CRM events on ``day``, as far as ``user`` may see.

    Who may see everybody's status gets all people and queues; others the members of the teams they are
    in or lead, without queues. Five queries beside those that find out what he may see, however many
    people, events and follow-ups there are.
    """
    everybody = sees_everybody(user)
    rows = status_rows(user)
    cells = _Cells(everybody)
    for group in _open_groups(rows, day).union(_closed_groups(rows, day), all=True):
        cells.take(group)
    median_days = _median_days(rows, day, closed=cells.closed)
    people = _people(cells, None if everybody else _staff(user))
    return _matrix(cells, people, _absences(day), median_days, everybody=everybody, day=day)


def overdue_rows(user: User, *, day: date) -> QuerySet[Action]:
    """The overdue ones on the whole board of ``user``."""
    return status_rows(user).filter(status_condition(OVERDUE, day))


def status_rows(user: User) -> QuerySet[Action]:
    """The follow-ups that the board of ``user`` counts: all that its people have to do.

    A workload is a total, so those that he may not open count too; lists draw them as restricted rows.
    """
    rows = Action.objects.order_by()
    return rows if sees_everybody(user) else rows.filter(assignee__in=_staff(user))


def _staff(user: User) -> Any:
    """The members of the teams that the user is in or leads."""
    return TeamMember.objects.filter(team__in=user.record_scope.team_ids).values("user")


def open_params(params: Params) -> dict[str, str]:
    """The list of the open ones behind a number."""
    return {**params, "status": OPEN}


def overdue_params(params: Params) -> dict[str, str]:
    """The list of the overdue ones behind a number."""
    return {**params, "status": OVERDUE}


def due_params(params: Params, day: date) -> dict[str, str]:
    """The list of the open ones due on ``day`` behind a number."""
    return {**params, "status": OPEN, "due_from": day.isoformat(), "due_to": day.isoformat()}


def today_params(params: Params) -> dict[str, str]:
    """The list of those due today behind a number."""
    return {**params, "status": TODAY}


def closed_params(params: Params, day: date) -> dict[str, str]:
    """The list of those closed in the period that ends on ``day``."""
    first = day - timedelta(days=PERIOD_DAYS - 1)
    return {**params, "status": CLOSED, "closed_from": first.isoformat(), "closed_to": day.isoformat()}


def age_params(params: Params, day: date, place: int) -> dict[str, str]:
    """The list of the overdue ones of one age of :data:`AGES`."""
    least, most = AGES[place]
    found = {**params, "status": OVERDUE, "due_to": (day - timedelta(days=least)).isoformat()}
    return found | ({"due_from": (day - timedelta(days=most)).isoformat()} if most else {})


def _age_condition(day: date, least: int, most: int | None) -> Q:
    condition = status_condition(OVERDUE, day) & Q(due_on__lte=day - timedelta(days=least))
    return condition & Q(due_on__gte=day - timedelta(days=most)) if most else condition


HANDS = ("assignee", "queue", "queue__name", "origin", "origin_code")
COUNTS = ("open", "overdue", "today", *(f"age{place}" for place in range(len(AGES))), "closed", "on_time")


def _groups(rows: QuerySet[Action], oldest: Any, **counts: Any) -> QuerySet[Action, dict[str, Any]]:
    """Who has how many ``rows`` from which event; what ``counts`` does not name is zero."""
    columns = {name: counts.get(name, Value(0)) for name in COUNTS}
    return rows.values(*HANDS).annotate(oldest=oldest, **columns)


def _open_groups(rows: QuerySet[Action], day: date) -> QuerySet[Action, dict[str, Any]]:
    ages = {
        f"age{place}": Count("pk", filter=_age_condition(day, least, most))
        for place, (least, most) in enumerate(AGES)
    }
    return _groups(
        rows.filter(status_condition(OPEN, day)),
        Min("due_on"),
        open=Count("pk"),
        overdue=Count("pk", filter=status_condition(OVERDUE, day)),
        today=Count("pk", filter=status_condition(TODAY, day)),
        **ages,
    )


def _closed_rows(rows: QuerySet[Action], day: date) -> QuerySet[Action]:
    first = day - timedelta(days=PERIOD_DAYS - 1)
    return rows.filter(status_condition(CLOSED, day), closed_on__gte=first, closed_on__lte=day)


def _closed_groups(rows: QuerySet[Action], day: date) -> QuerySet[Action, dict[str, Any]]:
    on_time = Count("pk", filter=Q(closed_on__lte=F("original_due_on")))
    no_day = Value(None, DateField())
    return _groups(_closed_rows(rows, day), no_day, closed=Count("pk"), on_time=on_time)


def _median_days(rows: QuerySet[Action], day: date, *, closed: int) -> float | None:
    """Days from making to closing, of the one in the middle of the ``closed`` ones of the period."""
    took = ExpressionWrapper(F("closed_at") - F("created_at"), output_field=DurationField())
    durations = _closed_rows(rows, day).annotate(took=took).order_by("took").values_list("took", flat=True)
    middle = durations[closed // 2 : closed // 2 + 1]
    return next((duration / timedelta(days=1) for duration in middle), None)


def _absences(day: date) -> dict[int, Absence]:
    return {row.user_id: row for row in Absence.objects.on(day)}


def _people(cells: "_Cells", staff: Any) -> list[User]:
    """Whom the board lists: whoever has something on it, and the present members of the teams it covers."""
    members = TeamMember.objects.values("user") if staff is None else staff
    present = Q(pk__in=members, is_active=True)
    return list(User.objects.filter(present | Q(pk__in=cells.user_ids)).order_by("name", "pk"))


class _Cells:
    """Groups of rows on their way into the matrix: by who has them, then by event."""

    def __init__(self, everybody: bool) -> None:
        self.whose = EVERYBODY if everybody else TEAM
        self.people: dict[int, dict[str, Tally]] = {}
        self.queues: dict[int, dict[str, Tally]] = {}
        self.queue_names: dict[int, str] = {}
        self.codes: set[str] = set()
        self.closed = 0

    @property
    def user_ids(self) -> list[int]:
        """Who has something."""
        return sorted(self.people)

    def take(self, group: Mapping[str, Any]) -> None:
        """Count one group of rows in."""
        code = BY_HAND if group["origin"] == Action.Origin.MANUAL else group["origin_code"]
        self.codes.add(code)
        self.closed += group["closed"]
        if group["assignee"] is not None:
            cells, holder = (
                self.people.setdefault(group["assignee"], {}),
                {"assignee": str(group["assignee"])},
            )
        else:
            cells, holder = self.queues.setdefault(group["queue"], {}), {"queue": str(group["queue"])}
            self.queue_names[group["queue"]] = group["queue__name"]
        cell = cells.setdefault(code, Tally({**holder, "event": code}))
        cell.add(_tally(group))


def _tally(group: Mapping[str, Any]) -> Tally:
    counts = {name: group[name] for name in ("open", "overdue", "today", "closed", "on_time")}
    ages = [group[f"age{place}"] for place in range(len(AGES))]
    return Tally({}, **counts, ages=ages, oldest=group["oldest"])


def _matrix(
    cells: _Cells,
    people: list[User],
    absences: Mapping[int, Absence],
    median_days: float | None,
    *,
    everybody: bool,
    day: date,
) -> Matrix:
    events = list(Event.objects.values_list("code", "name", "status"))
    names = {code: name for code, name, _ in events}
    switched_off = (Event.Status.DRAFT, Event.Status.ARCHIVED)
    shown = cells.codes | {code for code, _, status in events if status not in switched_off}
    codes = sorted(shown - {BY_HAND}, key=lambda code: (names.get(code, code), code))
    codes += [BY_HAND] if BY_HAND in cells.codes else []
    lines = [
        _line(
            user.name,
            {"assignee": str(user.pk)},
            codes,
            cells.people.get(user.pk, {}),
            user,
            absences.get(user.pk),
        )
        for user in people
    ]
    queues = [
        _line(cells.queue_names[pk], {"queue": str(pk)}, codes, found, queue_id=pk)
        for pk, found in sorted(cells.queues.items(), key=lambda item: cells.queue_names[item[0]])
    ]
    whose = {"whose": cells.whose}
    columns = [
        Column(
            code,
            "Added by hand" if code == BY_HAND else names.get(code, code),
            _sum({**whose, "event": code}, (line.cells[place] for line in [*lines, *queues])),
        )
        for place, code in enumerate(codes)
    ]
    lines.sort(key=lambda line: (-line.total.overdue, -line.total.open, line.name))
    return Matrix(
        columns=columns,
        people=lines,
        queues=queues,
        total=_sum(whose, (line.total for line in [*lines, *queues])),
        everybody=everybody,
        day=day,
        median_days=median_days,
    )


def _line(
    name: str,
    holder: Params,
    codes: list[str],
    found: Mapping[str, Tally],
    user: User | None = None,
    absence: Absence | None = None,
    queue_id: int | None = None,
) -> Line:
    cells = [found.get(code) or Tally({**holder, "event": code}) for code in codes]
    return Line(name, cells, _sum(holder, cells), user, absence, queue_id)


def _sum(params: Params, tallies: Iterable[Tally]) -> Tally:
    total = Tally(params)
    for tally in tallies:
        total.add(tally)
    return total
