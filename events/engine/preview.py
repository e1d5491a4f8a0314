"""Preview: what an event would do if it were activated now, by the production code without writing."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core import signing
from django.db.models import F, QuerySet

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
from events.models import Event, Occurrence, Run, Version

SAMPLE = 50
ROUTED = 2000  # matches whose way is worked out; the figures per person speak of the best of them
MAX_AGE = timedelta(minutes=30)
TOLERANCE = 0.1
SALT = "events.preview"
MATCHED = ("m_subject", "m_customer", "m_okey", "m_trigger_on", "m_anchor_on", "m_score")


@dataclass(frozen=True)
class Line:
    """One match of the sample: the customer, the reason, and who would get it."""

    customer: Customer
    sentence: str
    assignee: str


@dataclass(frozen=True)
class Preview:
    """What would happen: counts, load per person or queue, a sample, and the token that activation asks for.

    ``count`` is what would become occurrences; ``suppressed`` counts by reason. ``in_line`` waits from
    before and is released with them; ``at_once`` is how many of both the limits let through in one run.
    ``per_person`` speaks of the ``routed`` best of both, at most 2,000: so many ``people``, then queues.
    ``hidden`` is how many of the sample the viewer may not see.
    """

    judged_day: date
    count: int
    in_line: int
    at_once: int
    already_known: int
    suppressed: Mapping[str, int]
    routed: int
    per_person: tuple[tuple[str, int], ...]
    people: int
    sample: tuple[Line, ...]
    hidden: int
    token: str
    definition: Definition

    @property
    def total(self) -> int:
        """All that wait for their turn then: the new ones and those in line."""
        return self.count + self.in_line

    @property
    def others(self) -> int:
        """Matches that the sample does not show."""
        return self.total - len(self.sample)

    @property
    def most(self) -> int:
        """The longest bar: the most that one person or queue would get."""
        return max((count for _, count in self.per_person), default=0)

    @property
    def busiest(self) -> tuple[str, int]:
        """The person who would get most, and how many."""
        return self.per_person[0] if self.people else ("", 0)

    @property
    def waits(self) -> int:
        """How many the limits leave for later runs."""
        return self.total - self.at_once

    @property
    def fits_one_run(self) -> bool:
        """Whether a run may make all of them."""
        return self.total <= self.definition.limits.per_run


def preview(
    event: Event, version: Version, *, now: datetime, by: User | None, judged_day: date | None = None
) -> Preview:
    """What activating ``version`` now would match, whatever the floor and the window.

    ``by`` limits the sample to customers he may see; None (the command line) sees all.
    """
    definition = definition_of(version)
    with statement_timeout(60):
        question = all_matches(event, definition, now=now, judged_day=judged_day)
        return _preview(question, version, now=now, by=by)


def preview_run(event: Event, version: Version, *, now: datetime, by: User) -> Preview:
    """What running the event by hand now would make: what it would find, and what waits in line."""
    with statement_timeout(60):
        question = question_for(event, definition_of(version), Order(kind=Run.Kind.MANUAL, now=now))
        return _preview(question, version, now=now, by=by)


def _preview(question: Question, version: Version, *, now: datetime, by: User | None) -> Preview:
    counts = detect.count(question)
    waiting = Occurrence.objects.filter(event=question.event, state=Occurrence.State.QUEUED)
    plan = _plan(question, waiting, now=now)
    sample, hidden = _sample(question, version, plan, by=by)
    per_person, people = _per_person([given for _, given in plan.all])
    return Preview(
        judged_day=question.window.judged_day,
        count=counts.new,
        in_line=waiting.count(),
        at_once=plan.at_once,
        already_known=counts.already_known,
        suppressed=counts.suppressed,
        routed=len(plan.all),
        per_person=per_person,
        people=people,
        sample=sample,
        hidden=hidden,
        token=make_token(version, count=counts.new, judged_day=question.window.judged_day, now=now),
        definition=question.definition,
    )


def all_matches(event: Event, definition: Definition, *, now: datetime, judged_day: date | None) -> Question:
    """The question without window and floor, as activation with the present matches asks it."""
    return question_for(
        event, definition, Order(kind=Run.Kind.ACTIVATION, now=now, judged_day=judged_day, catch_up="all")
    )


@dataclass(frozen=True)
class _Plan:
    """Whom each of the best matches would reach in the end, and how many get there in one run."""

    all: list[tuple[Mapping[str, Any], Assignment]]
    at_once: int


def _plan(question: Question, waiting: QuerySet[Occurrence], *, now: datetime) -> _Plan:
    definition = question.definition
    rows = _best(question, waiting)
    owners = dict(
        Customer.objects.filter(pk__in=[row["m_customer"] for row in rows]).values_list("pk", "owner_id")
    )
    today = today_at(now)
    due_on = business_day_after(today, definition.action.due_days)
    candidates = [
        Candidate(row["m_customer"], owners[row["m_customer"]], due_on, key=place)
        for place, row in enumerate(rows)
    ]
    chain = {"rules": list(definition.rules), "queue": definition.queue}

    def rehearse(cap: int | None) -> list[Assignment]:
        return plan_assignments(
            candidates, chain=chain, per_person_day=cap, day=today, now=now, rehearse=True
        )

    limits = definition.limits
    let_through = sum(not given.deferred for given in rehearse(limits.per_person_day))
    return _Plan(list(zip(rows, rehearse(None), strict=True)), min(let_through, limits.per_run))


def _best(question: Question, waiting: QuerySet[Occurrence]) -> list[Any]:
    """The best of the new matches and of what waits in line, in the order of their release."""
    best = detect.unknown_matches(question).order_by("-m_score", "m_subject").values(*MATCHED)[:ROUTED]
    renamed = {f"m_{name}": F(name) for name in ("okey", "trigger_on", "anchor_on", "score")}
    queued = waiting.annotate(m_subject=F("subject_id"), m_customer=F("customer_id"), **renamed)
    in_line = queued.order_by("-score", "trigger_on", "pk").values(*MATCHED)[:ROUTED]
    return sorted([*in_line, *best], key=lambda row: (-row["m_score"], row["m_trigger_on"]))[:ROUTED]


def _per_person(plan: Sequence[Assignment]) -> tuple[tuple[tuple[str, int], ...], int]:
    """How many each person and then each queue would get, most first; and how many people that are."""
    people = Counter(given.user_id for given in plan if given.user_id is not None)
    queues = Counter(given.role_id for given in plan if given.role_id is not None)
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    roles = _queue_names(queues)
    found = [(names[pk], count) for pk, count in people.most_common()]
    in_queues = [(roles[pk], count) for pk, count in queues.most_common()]
    return (*found, *in_queues), len(found)


def _queue_names(role_ids: Iterable[int]) -> dict[int, str]:
    roles = Role.objects.filter(pk__in=list(role_ids)).values_list("pk", "name")
    return {pk: f"Queue of {name}" for pk, name in roles}


def _sample(
    question: Question, version: Version, plan: _Plan, *, by: User | None
) -> tuple[tuple[Line, ...], int]:
    top = plan.all[:SAMPLE]
    visible = Customer.objects.visible_to(by) if by else Customer.objects.all()
    customers = visible.in_bulk([row["m_customer"] for row, _ in top])
    known = backgrounds(question, customers.keys())
    names = dict(User.objects.filter(pk__in={given.user_id for _, given in top}).values_list("pk", "name"))
    roles = _queue_names({given.role_id for _, given in top if given.role_id is not None})
    lines = []
    for row, given in top:
        if customer := customers.get(row["m_customer"]):
            reason = reason_of(
                question,
                version,
                known[customer.pk],
                anchor=row["m_anchor_on"],
                score=row["m_score"],
                routing="",
            )
            name = names[given.user_id] if given.user_id is not None else roles[given.role_id or 0]
            lines.append(Line(customer, reason["sentence"], name))
    return tuple(lines), len(top) - len(lines)


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
