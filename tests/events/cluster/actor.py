"""What one process does in a concurrency test: ``python -m tests.events.cluster.actor DEED ARGUMENTS``.

The last line of standard output is the answer as JSON.
"""

import hashlib
import json
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402  # Django must be set up first
from django.db import connection, transaction  # noqa: E402

from accounts.models import User  # noqa: E402
from activity.domain import record  # noqa: E402
from activity.models import Wake  # noqa: E402
from catalog.models import Item  # noqa: E402
from core.errors import Refused  # noqa: E402
from core.faults import FaultInjected  # noqa: E402
from crm.domain.customer import create_customer  # noqa: E402
from crm.models import Action, Customer, CustomerFacts  # noqa: E402
from events.domain import activation  # noqa: E402
from events.engine.evaluate import Order, evaluate  # noqa: E402
from events.engine.journal import drain  # noqa: E402
from events.engine.tick import tick  # noqa: E402
from events.models import Event, Occurrence, Run  # noqa: E402
from orders.domain.facts import roll  # noqa: E402
from orders.domain.sales_order import NewLine, place_order  # noqa: E402
from tests.events.world import customer, night, noon, organise, pass_night, settle, switch_on  # noqa: E402
from tests.factories import ItemFactory, UserFactory  # noqa: E402

FIRST = date(2026, 3, 1)  # the day before the first judged one


def migrate() -> int:
    """Migrate only."""
    call_command("migrate", verbosity=0)
    return 0


def prepare() -> int:
    """Migrate; one rep, one of sales support, 60 customers who fall silent from 2 March on, five a day."""
    call_command("migrate", verbosity=0)
    organise()
    rep = UserFactory(roles=["sales_rep"], email="rep@example.com")
    UserFactory(roles=["sales_support"], email="support@example.com")
    ItemFactory(code="CRATE")
    for number in range(60):
        customer(rep, (date(2026, 1, 1) + timedelta(days=number // 5)).isoformat())
    settle(FIRST)
    switch_on("NOORDER60", on=FIRST)
    switch_on("WELCOME", on=FIRST)
    return Customer.objects.count()


def judge(code: str, days: int, *, kind: str = Run.Kind.MANUAL) -> str:
    """Judge the day ``days`` after the first, as a night would."""
    event = Event.objects.get(code=code)
    return pass_night(event, FIRST + timedelta(days=days), kind=kind, replay=True).skipped


def judge_days(seed: int, rounds: int) -> dict[str, int]:
    """Judge day after day beside others who do the same; some attempts fail half-way on purpose."""
    chance = random.Random(seed)  # a reproducible schedule, no secret
    event = Event.objects.get(code="NOORDER60")
    told = {"ran": 0, "skipped": 0, "refused": 0, "failed": 0}
    for number in range(rounds):
        on = FIRST + timedelta(days=1 + number)
        try:
            told[_attempt(event, on, fails=chance.random() < 0.3)] += 1
        except Refused:
            told["refused"] += 1  # somebody is a day ahead
        except FaultInjected:
            told["failed"] += 1
    return told


def _attempt(event: Event, on: date, *, fails: bool) -> str:
    with suppress(Refused):
        roll(day=on, now=night(on))
    with transaction.atomic():
        result = evaluate(event.pk, Order(kind=Run.Kind.SCHEDULED, now=night(on), replay=True))
        if fails:
            raise FaultInjected("rolled back on purpose")
    return "skipped" if result.run is None else "ran"


def buy(seed: int, count: int) -> int:
    """Orders arrive from random customers on the days that are being judged."""
    chance = random.Random(seed)
    item, rep = Item.objects.get(code="CRATE"), User.objects.get(email="rep@example.com")
    ids = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    for _ in range(count):
        on = FIRST + timedelta(days=chance.randint(1, 10))
        who = Customer.objects.get(pk=chance.choice(ids))
        lines = [NewLine(item=item, quantity=1, unit_price=Decimal(5))]
        place_order(customer=who, lines=lines, placed_at=noon(on), by=rep, now=noon(on))
    return count


def tell(seed: int, count: int) -> list[int]:
    """Create customers with their journal entry, a third of them rolled back; the ids that were committed."""
    chance = random.Random(seed)
    kept = []
    at = noon(FIRST + timedelta(days=1))
    for number in range(count):
        try:
            with transaction.atomic():
                made = Customer.objects.create(
                    number=f"N{seed}-{number}", name="New", created_at=at, events_from=at
                )
                CustomerFacts.objects.create(customer=made)
                record(made, "customer.created", by=None, now=at)
                if chance.random() < 0.33:
                    raise FaultInjected("rolled back on purpose")
            kept.append(made.pk)
        except FaultInjected:
            continue
    return kept


def consume(seed: int, stop_file: str) -> int:
    """Drain the journal until the stop file exists and nothing waits; one batch in ten fails half-way."""
    chance = random.Random(seed)
    done = 0
    while True:
        last = Path(stop_file).exists()
        try:
            with transaction.atomic():
                count = drain(now=noon(FIRST + timedelta(days=1)))
                if count and chance.random() < 0.1:
                    raise FaultInjected("rolled back on purpose")
            done += count
        except FaultInjected:
            continue
        if last and not Wake.objects.exists():
            return done


def greet() -> int:
    """A user creates a customer, in the ordinary way."""
    by = User.objects.get(email="support@example.com")
    return create_customer(name="Harbour Lane Gifts", by=by, now=noon(FIRST + timedelta(days=1))).pk


def beat(count: int) -> int:
    """Ticks, as Celery delivers them."""
    at = night(FIRST + timedelta(days=1))
    return sum(tick(clock=lambda: at)["events"] for _ in range(count))


def switch_off(code: str) -> int:
    """Deactivate an event."""
    event = Event.objects.get(code=code)
    return activation.deactivate(event, open_follow_ups="keep", reason="test", by=None, now=noon(FIRST))


def waiting_for_locks() -> int:
    """How many sessions wait for a lock (PostgreSQL)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return int(cursor.fetchone()[0])


def report() -> dict[str, Any]:
    """Everything the invariants speak of."""
    silent = Event.objects.get(code="NOORDER60")
    fired = Occurrence.objects.filter(state="fired")
    keys = list(Occurrence.objects.values_list("event_id", "subject_type", "subject_id", "okey"))
    state = list(
        Occurrence.objects.order_by("event_id", "subject_id", "okey").values_list(
            "event_id",
            "subject_id",
            "okey",
            "state",
            "action__assignee_id",
            "action__due_on",
            "action__status",
        )
    )
    return {
        "occurrences": len(keys),
        "distinct": len(set(keys)),
        "fired": fired.count(),
        "held": Occurrence.objects.filter(state="held").count(),
        "actions": Action.objects.count(),
        "fired_without_action": fired.filter(action=None).count(),
        "actions_without_occurrence": Action.objects.filter(occurrence=None, origin="event").count(),
        "runs": Run.objects.filter(event=silent).count(),
        "wakes": Wake.objects.count(),
        "dead": Wake.objects.exclude(dead_at=None).count(),
        "welcomed": sorted(
            Occurrence.objects.filter(event__code="WELCOME").values_list("subject_id", flat=True)
        ),
        "status": silent.status,
        "digest": hashlib.sha256(repr(state).encode()).hexdigest(),
    }


def missing(days: int) -> list[int]:
    """Customers who are silent on the day ``days`` after the first but whose silence is not in the ledger."""
    on = FIRST + timedelta(days=days)
    last = {"facts__last_order_on__lte": on - timedelta(days=60)}
    floor = {"facts__last_order_on__gt": FIRST - timedelta(days=60)}
    lost = []
    for who in Customer.objects.filter(**last, **floor).select_related("facts"):
        key = f"1|since:order:{who.facts.last_order_on:%Y-%m-%d}"
        if not Occurrence.objects.filter(subject_id=who.pk, okey=key, event__code="NOORDER60").exists():
            lost.append(who.pk)
    return lost


DEEDS: dict[str, Callable[..., Any]] = {
    "migrate": migrate,
    "prepare": prepare,
    "judge": lambda code, days: judge(code, int(days)),
    "judge_days": lambda seed, rounds: judge_days(int(seed), int(rounds)),
    "buy": lambda seed, count: buy(int(seed), int(count)),
    "tell": lambda seed, count: tell(int(seed), int(count)),
    "consume": lambda seed, stop: consume(int(seed), stop),
    "greet": greet,
    "beat": lambda count: beat(int(count)),
    "switch_off": switch_off,
    "waiting_for_locks": waiting_for_locks,
    "report": report,
    "missing": lambda days: missing(int(days)),
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(DEEDS[sys.argv[1]](*sys.argv[2:])) + "\n")
