"""What the people of the demo do on one working day, through the same functions as the pages.

Whatever looks like chance is drawn from the follow-up's key and the number of days since the replay
began, so every installation tells the same story.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.domain.organisation import business_day_after
from accounts.models import Absence, User
from core.dates import local_instant
from crm.domain.action import (
    claim_action,
    complete_action,
    create_action,
    hand_over_action,
    snooze_action,
    start_action,
)
from crm.domain.communication import log_communication
from crm.models import Action, Communication, Customer
from demo import remarks

Outcome = Action.Outcome
CAPACITY = 14  # follow-ups that one person gets done in a day
NEGLECTED = 0.13  # share of follow-ups that lie about for a while after they were due
NEGLECTED_PACKAGES = 0.4  # of welcome packages, which wait for a printed price list
EARLY = 0.2  # share of follow-ups that are done before they are due
SOON = 14  # days: an order within them is what the call led to


@dataclass
class Day:
    """One local day of the replay. ``ahead`` holds the days on which each customer number will order."""

    day: date
    offset: int  # days since the replay began
    zone: ZoneInfo
    people: Sequence[tuple[User, float]]  # who may be at work, and how diligent he is
    customers: Mapping[int, Sequence[int]]  # ids of customers by owner id
    ahead: Mapping[str, Sequence[date]]

    def at(self, minute: int) -> datetime:
        """The instant ``minute`` minutes after the office opens at nine."""
        return local_instant(self.day, time(9), self.zone) + timedelta(minutes=min(minute, 490))

    def draw(self, *what: object) -> Random:
        """The chance that belongs to ``what`` on this day."""
        return Random(f"{self.offset} {what}")


def work(today: Day) -> None:
    """Everybody who is present works off what is due, answers the telephone and notes new errands."""
    away = set(Absence.objects.on(today.day).values_list("user", flat=True))
    for user, diligence in today.people:
        if user.pk not in away:
            _claim(user, today)
            _work_off(user, diligence, today)
            _chat(user, today)


def _claim(user: User, today: Day) -> None:
    """Take what waits in the queues of one's roles; now and then something is left for tomorrow."""
    waiting = Action.objects.live().filter(queue__in=user.roles.values("pk")).select_related("customer")
    for action in waiting.order_by("due_on", "pk")[:3]:
        if today.draw("claim", _key(action, today), user.email).random() < 0.4:
            claim_action(action, by=user, now=today.at(2))


def _work_off(user: User, diligence: float, today: Day) -> None:
    awake = Q(snoozed_until=None) | Q(snoozed_until__lte=today.day)
    rows = Action.objects.live().filter(awake, assignee=user, due_on__lte=today.day + timedelta(days=3))
    rows = rows.select_related("customer", "assignee", "customer__owner")
    done = 0
    for action in rows.order_by("due_on", "pk"):
        if done < CAPACITY and _takes_up(action, diligence, today):
            done += 1
            _take_up(action, user, today, minute=10 + done * 33)


def _takes_up(action: Action, diligence: float, today: Day) -> bool:
    chance = today.draw("take up", _key(action, today)).random()
    late = (today.day - action.due_on).days
    if late < 0:
        return action.goal_met_at is not None or chance < EARLY / 3
    return chance < diligence and late >= _neglect(action, today)


def _neglect(action: Action, today: Day) -> int:
    """How many days the follow-up lies about after it was due: most none."""
    fate = Random(f"fate {_key(action, today)}")
    if action.kind == Action.Kind.PACKAGE:
        return fate.randint(8, 12) if fate.random() < NEGLECTED_PACKAGES else 0
    return fate.randint(4, 12) if fate.random() < NEGLECTED else 0


def _take_up(action: Action, user: User, today: Day, *, minute: int) -> None:
    """One follow-up is worked on; what comes of it depends on its kind and on what the customer will do."""
    draw, now = today.draw("deed", _key(action, today)), today.at(minute)
    if action.goal_met_at is not None:
        _close(action, Outcome.GOAL_MET, user, draw, now)
    elif action.kind == Action.Kind.PACKAGE:
        complete_action(
            action, outcome=Outcome.REACHED, note=draw.choice(remarks.PACKAGE_NOTES), by=user, now=now
        )
    elif action.origin == Action.Origin.MANUAL:
        complete_action(action, outcome=Outcome.REACHED, by=user, now=now)
    else:
        _call(action, user, today, draw, now)


def _call(action: Action, user: User, today: Day, draw: Random, now: datetime) -> None:
    chance = draw.random()
    if chance < 0.16:
        note = draw.choice(remarks.NOTES[Outcome.NO_ANSWER])
        complete_action(action, outcome=Outcome.NO_ANSWER, note=note, by=user, now=now)
    elif chance < 0.24 and action.snooze_count < 2:
        until = business_day_after(today.day, draw.randint(1, 6))
        snooze_action(action, until=until, by=user, now=now)
    elif chance < 0.28 and action.status == Action.Status.OPEN:
        start_action(action, by=user, now=now)
    elif chance < 0.31 and (colleague := _colleague(user, today)):
        hand_over_action(
            action, to=colleague, reason=draw.choice(remarks.HAND_OVER_REASONS), by=user, now=now
        )
    else:
        _close(action, _outcome(action, today, draw), user, draw, now)


def _colleague(user: User, today: Day) -> User | None:
    """Somebody of the same team who is there today."""
    away = set(Absence.objects.on(today.day).values_list("user", flat=True))
    present = {one.pk for one, _ in today.people} - away - {user.pk}
    return User.objects.filter(pk__in=present, teams__in=user.teams.all()).order_by("pk").first()


def _outcome(action: Action, today: Day, draw: Random) -> str:
    assert action.customer is not None
    soon = today.day + timedelta(days=SOON)
    if any(today.day <= day <= soon for day in today.ahead.get(action.customer.number, ())):
        return Outcome.ORDER
    choices = (Outcome.REACHED, Outcome.NO_INTEREST, Outcome.NOT_RELEVANT)
    return draw.choices(choices, (74, 20, 6))[0]


def _close(action: Action, outcome: str, user: User, draw: Random, now: datetime) -> None:
    """Most calls are logged as conversations, which complete the follow-up; some are only ticked off."""
    note = draw.choice(remarks.NOTES[outcome])
    if outcome == Outcome.NOT_RELEVANT or draw.random() < 0.3 or action.customer is None:
        complete_action(action, outcome=outcome, note=note, by=user, now=now)
        return
    log_communication(
        customer=action.customer,
        channel=Communication.Channel.CALL,
        subject=remarks.SUBJECTS.get(action.origin_code, action.title),
        body=note,
        action=action,
        outcome=outcome,
        by=user,
        now=now,
    )


def _chat(user: User, today: Day) -> None:
    """Conversations that nobody planned, and now and then an errand to remember."""
    own, draw = today.customers.get(user.pk, ()), today.draw("chat", user.email)
    if own and draw.random() < 0.45:
        channel, direction, subject = draw.choice(remarks.CHATS)
        customer = Customer.objects.get(pk=draw.choice(own))
        log_communication(
            customer=customer,
            channel=channel,
            direction=direction,
            subject=subject,
            by=user,
            now=today.at(300),
        )
        if draw.random() < 0.35:
            kind, title = draw.choice(remarks.ERRANDS)
            due_on = business_day_after(today.day, draw.randint(2, 8))
            create_action(
                title=title, kind=kind, customer=customer, due_on=due_on, by=user, now=today.at(305)
            )


def _key(action: Action, today: Day) -> str:
    """What names the follow-up on every installation and in every week: neither ids nor dates do."""
    began = today.day - timedelta(days=today.offset)
    number = action.customer.number if action.customer else ""
    return f"{action.origin_code or action.title} {number} {(action.original_due_on - began).days}"
