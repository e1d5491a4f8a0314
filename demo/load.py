"""Loading the demo: people, the silent past, then thirteen weeks lived day by day.

Every stage is one transaction and finds out by itself whether it was done, so a loader that was killed
goes on where it was when it is started again. The last stage leaves a journal entry, which is the mark
of a demo that is whole.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.domain.organisation import organisation
from accounts.models import Organisation, User
from activity.domain import record
from activity.models import Entry
from catalog.models import Item
from core.dates import days_between, is_business_day, local_day, local_instant
from core.sql import analyze
from crm.models import Action, Contact, ContactLink, Customer, CustomerFacts
from demo import away, customers, errands, people, workday
from demo.people import Staff
from demo.trade import DAY, Trade, weeks_since, weeks_until
from events.domain.activation import NOW, activate
from events.domain.event import latest_version
from events.domain.heartbeat import nightly_day
from events.engine.preview import preview
from events.engine.tick import tick
from events.models import Event, Occurrence
from orders.models import OrderLine, SalesOrder

WEEKS = 13
ZONE = ZoneInfo("Europe/London")
FOUNDED = timedelta(days=28)  # before the first order
HOLDS = timedelta(days=16)  # into the replay: a few customers are put on hold
EVENTS = ("WELCOME", "FIRSTORDER", "NOORDER60")
NIGHT, RECORDED, EVENING = time(2, 5), time(20, 30), time(20, 45)
LOADED = "demo.loaded"
WEIGHT_OF_PAST = 30  # what the import of the past takes, in days of the replay

Step = Callable[[int, int], None]


def is_loaded() -> bool:
    """Whether the demo is whole."""
    return Entry.objects.filter(verb=LOADED).exists()


def load(*, sign_ins: Path, now: datetime, step: Step) -> None:
    """Load the demo, or what is missing of it. ``step`` hears what is done and how much there is in all.

    Raises ``Refused`` when the database holds users of somebody else.
    """
    replay = _prepare(sign_ins, now=now)
    if is_loaded():
        return
    replay.import_past(lambda done, total: step(WEIGHT_OF_PAST * done // (total or 1), replay.total))
    for day in replay.days_left():
        replay.live(day)
        step(WEIGHT_OF_PAST + (day - replay.began).days, replay.total)
    replay.finish()
    step(replay.total, replay.total)


def _prepare(sign_ins: Path, *, now: datetime) -> "Replay":
    """The people, made now or found again, and with them by how many weeks the orders are moved."""
    today = local_day(now, ZONE)
    founder = User.objects.order_by("created_at").first()
    if founder is None:
        trade = Trade(weeks_until(today), ZONE)
        founded = local_instant(trade.first_day - FOUNDED, time(9), ZONE)
        people.hire(passwords=people.sign_ins(sign_ins), now=founded)
    else:
        people.check_ours()
        trade = Trade(weeks_since(local_day(founder.created_at, ZONE) + FOUNDED), ZONE)
    return Replay(trade, people.staff(), now)


@dataclass
class Replay:
    """The demo's time from the first order to ``today``, in the organisation's zone."""

    trade: Trade
    staff: Staff
    now: datetime

    @property
    def today(self) -> date:
        """The day on which the demo is loaded."""
        return local_day(self.now, ZONE)

    @property
    def began(self) -> date:
        """The first day that is lived; what was ordered before is imported silently."""
        return self.trade.last_day - timedelta(weeks=WEEKS) + DAY

    @property
    def total(self) -> int:
        """What there is to do, counted in days of the replay."""
        return WEIGHT_OF_PAST + (self.today - self.began).days + 1

    @cached_property
    def leaves(self) -> list[away.Leave]:
        """Who is away when."""
        return away.leaves(self.began, self.today)

    def import_past(self, step: Step) -> None:
        """Customers and orders up to the day before the replay; events hear nothing of them."""
        until = self.began - DAY
        if not Customer.objects.exists():
            customers.add_past(self.trade, self.staff, until=until)
            analyze(Customer, CustomerFacts, Contact, ContactLink)
        if nightly_day() is None:
            now = local_instant(self.began, time(1), ZONE)
            self.trade.import_past(until=until, now=now, step=step)
            analyze(Item, SalesOrder, OrderLine, CustomerFacts)

    def days_left(self) -> list[date]:
        """Days that were not lived yet: a night judges the day before it."""
        judged = nightly_day()
        first = self.began if judged is None else judged + timedelta(days=2)
        return list(days_between(first, self.today)) if first <= self.today else []

    @transaction.atomic
    def live(self, day: date) -> None:
        """One day: the night's work of the engine, then what people do, then what came in until the evening.

        Of today only the night is lived; the rest is left to whoever tries the demo.
        """
        self._tick(day, NIGHT)
        if day == self.began:
            self._activate(local_instant(day, time(9), ZONE))
        if day == self.today:
            return
        if day == self.began + HOLDS:
            customers.hold_some(self.trade, self.staff, now=local_instant(day, time(11), ZONE))
        self._absences(day)
        if is_business_day(day, weekdays=organisation().working_days, country=organisation().country):
            workday.work(self._workday(day))
            self._promises(day)
        self._trade(day)
        self._tick(day, EVENING)

    def _tick(self, day: date, at: time) -> None:
        now = min(local_instant(day, at, ZONE), self.now)
        tick(clock=lambda: now, budget=float("inf"))

    def _activate(self, now: datetime) -> None:
        """The manager looks at the preview of each event and switches it on from now on."""
        ruth = self.staff["ruth"]
        for event in Event.objects.filter(code__in=EVENTS).order_by("code"):
            seen = preview(event, latest_version(event), now=now, by=ruth)
            activate(event, choice=NOW, token=seen.token, by=ruth, now=now)

    def _absences(self, day: date) -> None:
        for leave in self.leaves:
            if day == leave.starts_on:
                away.enter(leave, self.staff, now=local_instant(day, time(8, 40), ZONE))
            if day == leave.rerouted_on:
                away.reroute(leave, self.staff, day=day, now=local_instant(day, time(8, 50), ZONE))

    def _workday(self, day: date) -> workday.Day:
        owned: dict[int, list[int]] = {}
        for pk, owner_id in Customer.objects.order_by("pk").values_list("pk", "owner_id"):
            owned.setdefault(owner_id, []).append(pk)
        readiness = people.diligence()
        return workday.Day(
            day=day,
            offset=(day - self.began).days,
            zone=ZONE,
            people=[(user, readiness[user.email]) for user in self.staff.workers()],
            customers=owned,
            ahead=self.trade.order_days,
        )

    def _promises(self, day: date) -> None:
        """The reps note what is due around today: the day before, or the day before they fell ill."""
        away_today = {leave.who: leave.starts_on for leave in self.leaves if leave.ends_on >= self.today}
        for place, key in enumerate(people.REPS):
            if errands.is_eve(day, away_today.get(key, self.today)):
                now = local_instant(day, time(16, place), ZONE)
                errands.note(self.staff[key], day=day, today=self.today, now=now)

    def _trade(self, day: date) -> None:
        for number in self.trade.newcomers(after=day - DAY, until=day):
            customers.open_account(self.trade, number, self.staff)
        self.trade.import_day(day, now=local_instant(day, RECORDED, ZONE))

    @transaction.atomic
    def finish(self) -> None:
        """Refresh the planner's statistics and leave the mark of a whole demo."""
        analyze(Customer, SalesOrder, OrderLine, CustomerFacts, Action, Entry, Occurrence)
        data = {"weeks": self.trade.weeks, "today": self.today}
        record(Organisation.objects.get(pk=1), LOADED, by=None, now=self.now, data=data)
