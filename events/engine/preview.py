"""Preview: what an event would do if it were activated now, by the production code without writing."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core import signing

from accounts.domain.organisation import business_day_after, today_at
from accounts.models import Role, User
from core.errors import Refused
from core.sql import statement_timeout
from crm.models import Customer
from events.definition import Definition, definition_of
from events.engine import detect
from events.engine.assign import Assignment, Candidate, plan_assignments
from events.engine.evaluate import Order, question_for
from events.engine.matching import Question
from events.engine.reasons import backgrounds, reason_of
from events.models import Event, Run, Version

SAMPLE = 50
ROUTED = 2000  # matches whose way is worked out; the figures per person speak of the best of them
MAX_AGE = timedelta(minutes=30)
TOLERANCE = 0.1
SALT = "events.preview"


@dataclass(frozen=True)
class Line:
    """One match of the sample: the customer, the reason, and who would get it."""

    customer: Customer
    sentence: str
    assignee: str


@dataclass(frozen=True)
class Preview:
    """What would happen: counts, load per person or queue, a sample, and the token that activation asks for.

    ``count`` is what would become occurrences; ``suppressed`` counts by reason. ``per_person`` speaks of
    the ``routed`` best of them, at most 2,000. ``hidden`` is how many of the sample the viewer may not see.
    """

    judged_day: date
    count: int
    already_known: int
    suppressed: Mapping[str, int]
    routed: int
    per_person: tuple[tuple[str, int], ...]
    sample: tuple[Line, ...]
    hidden: int
    token: str
    definition: Definition

    @property
    def others(self) -> int:
        """Matches that the sample does not show."""
        return self.count - len(self.sample)


def preview(
    event: Event, version: Version, *, now: datetime, by: User | None, judged_day: date | None = None
) -> Preview:
    """What activating ``version`` now would match, whatever the floor and the window.

    ``by`` limits the sample to customers he may see; None (the command line) sees all.
    """
    with statement_timeout(60):
        return _preview(event, version, now=now, by=by, judged_day=judged_day)


def _preview(
    event: Event, version: Version, *, now: datetime, by: User | None, judged_day: date | None
) -> Preview:
    definition = definition_of(version)
    question = all_matches(event, definition, now=now, judged_day=judged_day)
    counts = detect.count(question)
    plan, rows = _plan(question, definition, now=now)
    sample, hidden = _sample(question, version, rows, plan, by=by)
    return Preview(
        judged_day=question.window.judged_day,
        count=counts.new,
        already_known=counts.already_known,
        suppressed=counts.suppressed,
        routed=len(plan),
        per_person=_per_person(plan.values()),
        sample=sample,
        hidden=hidden,
        token=make_token(version, count=counts.new, judged_day=question.window.judged_day, now=now),
        definition=definition,
    )


def all_matches(event: Event, definition: Definition, *, now: datetime, judged_day: date | None) -> Question:
    """The question without window and floor, as activation with the present matches asks it."""
    return question_for(
        event, definition, Order(kind=Run.Kind.ACTIVATION, now=now, judged_day=judged_day, catch_up="all")
    )


def _plan(
    question: Question, definition: Definition, *, now: datetime
) -> tuple[dict[int, Assignment], list[Any]]:
    names = ("m_subject", "m_customer", "m_okey", "m_trigger_on", "m_anchor_on", "m_score")
    best = detect.unknown_matches(question).order_by("-m_score", "m_subject")
    rows = list(best.values(*names)[:ROUTED])
    owners = dict(
        Customer.objects.filter(pk__in=[row["m_customer"] for row in rows]).values_list("pk", "owner_id")
    )
    today = today_at(now)
    due_on = business_day_after(today, definition.action.due_days)
    candidates = [
        Candidate(
            key=row["m_subject"],
            customer_id=row["m_customer"],
            owner_id=owners[row["m_customer"]],
            due_on=due_on,
        )
        for row in rows
    ]
    chain = {"rules": list(definition.rules), "queue": definition.queue}
    plan = plan_assignments(candidates, chain=chain, per_person_day=None, day=today, now=now, rehearse=True)
    return {given.key: given for given in plan}, rows


def _per_person(plan: Any) -> tuple[tuple[str, int], ...]:
    people: Counter[int] = Counter()
    queues: Counter[int] = Counter()
    for given in plan:
        if given.user_id is not None:
            people[given.user_id] += 1
        else:
            queues[given.role_id] += 1
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    roles = dict(Role.objects.filter(pk__in=queues).values_list("pk", "name"))
    found = [(names[pk], count) for pk, count in people.most_common()]
    return (*found, *((f"Queue of {roles[pk]}", count) for pk, count in queues.most_common()))


def _sample(
    question: Question, version: Version, rows: list[Any], plan: Mapping[int, Assignment], *, by: User | None
) -> tuple[tuple[Line, ...], int]:
    top = rows[:SAMPLE]
    visible = Customer.objects.visible_to(by) if by else Customer.objects.all()
    customers = visible.in_bulk([row["m_customer"] for row in top])
    known = backgrounds(question, customers.keys())
    names = dict(
        User.objects.filter(pk__in={given.user_id for given in plan.values()}).values_list("pk", "name")
    )
    lines = []
    for row in top:
        if customer := customers.get(row["m_customer"]):
            reason = reason_of(
                question,
                version,
                known[customer.pk],
                anchor=row["m_anchor_on"],
                score=row["m_score"],
                routing="",
            )
            lines.append(Line(customer, reason["sentence"], _name(plan[row["m_subject"]], names)))
    return tuple(lines), len(top) - len(lines)


def _name(given: Assignment, names: Mapping[int, str]) -> str:
    return names[given.user_id] if given.user_id is not None else "Queue"


def fingerprint(version: Version) -> str:
    """A hash of everything the version says."""
    parts = [
        version.trigger,
        version.condition,
        version.suppress,
        version.goal,
        version.action,
        version.assign,
    ]
    return hashlib.sha256(json.dumps([*parts, version.limits], sort_keys=True).encode()).hexdigest()[:16]


def make_token(version: Version, *, count: int, judged_day: date, now: datetime) -> str:
    """What activation needs to see that its preview is fresh, signed."""
    seen = {
        "version": version.pk,
        "fingerprint": fingerprint(version),
        "count": count,
        "day": judged_day.isoformat(),
        "at": now.isoformat(),
    }
    return signing.dumps(seen, salt=SALT)


def check_token(token: str, version: Version, *, count: int, judged_day: date, now: datetime) -> None:
    """Refuse a preview that is forged, too old, of another day or definition, or off by over 10 %."""
    try:
        seen = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise Refused("The preview cannot be read: look at it again.", field="token") from error
    age = now - datetime.fromisoformat(seen["at"])
    same = seen["version"] == version.pk and seen["fingerprint"] == fingerprint(version)
    if age > MAX_AGE or not same or seen["day"] != judged_day.isoformat():
        raise Refused("The preview is out of date: look at it again.", field="token")
    if abs(count - seen["count"]) > TOLERANCE * max(seen["count"], 1):
        raise Refused(
            f"The preview is out of date: it showed {seen['count']} matches, now there are {count}.",
            field="token",
        )
