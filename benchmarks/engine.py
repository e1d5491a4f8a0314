"""The nightly evaluation of NOORDER60 beside the bare SQL that makes the same rows, in the same run.

::

    python -m benchmarks.engine --json engine.json

needs a database filled by :mod:`benchmarks.generate`. Everything is measured inside transactions that are
taken back, so the program can be run again. Figures are medians of CPU time: this process and the
database's server process together.
"""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.generate import POSTGRESQL, insert, instant, no_time_limit, numbers
from benchmarks.setup import Cost, Meter, machine

from django.db import connection, transaction  # isort: skip

from activity.models import Entry
from core.clock import database_now
from core.sql import analyze, expect_quick_pages
from crm.models import Action, Customer, CustomerFacts, FactsDay
from events.definition import definition_of
from events.engine import detect
from events.engine.evaluate import Order, evaluate, question_for
from events.models import Event, Occurrence, Run, Schedule, Version
from orders.models import SalesOrder

TIMES = 5
MANY = 50_000
DAYS = 60
NIGHTLY = 30  # the event's own catch-up window
RELEASED = 200


class Bench:
    """One event, made active on the generated data inside the caller's transaction."""

    def __init__(self) -> None:
        expect_quick_pages()  # as an evaluation does, so that both sides are planned alike
        self.now = database_now()
        self.judged = FactsDay.objects.get(pk=1).rolled_on
        self.event = Event.objects.get(code="NOORDER60")
        self.version = Version.objects.select_related("event").filter(event=self.event).latest("number")
        Event.objects.filter(pk=self.event.pk).update(
            status=Event.Status.ACTIVE, active_version=self.version, floor_on=None, floor_at=None
        )
        Schedule.objects.filter(event=self.event).update(last_as_of=self.judged - timedelta(days=1))
        self.event.refresh_from_db()

    def order(self, days: int) -> Order:
        """Evaluate the judged day with a window of ``days``."""
        return Order(kind=Run.Kind.MANUAL, now=self.now, judged_day=self.judged, catch_up=days)

    def question(self, days: int) -> Any:
        """The question that this order asks."""
        return question_for(self.event, definition_of(self.version), self.order(days))

    def run(self, days: int) -> Run:
        """The row that occurrences name as their run."""
        return Run.objects.create(
            event=self.event,
            version=self.version,
            kind=Run.Kind.MANUAL,
            as_of=self.judged,
            started_at=self.now,
        )

    def remember(self, days: int) -> None:
        """Fill the ledger as the nights before have done: all of a window of ``days`` but the last day."""
        run = self.run(days)
        self._insert_occurrences(run, days - 1, end=self.judged - timedelta(days=1))
        Occurrence.objects.filter(run=run).update(state=Occurrence.State.EXPIRED)
        analyze(Occurrence)  # as the server does by itself between two nights

    # --- what is measured

    def detection(self, days: int) -> Callable[[], int]:
        """The engine's detection alone: count the matches, write the new ones."""
        question, run = self.question(days), self.run(days)

        def work() -> int:
            return detect.detect(question, run=run, now=self.now)[0]

        return work

    def evaluation(self, days: int) -> Callable[[], int]:
        """The whole evaluation as at night: goals, detection, release, assignment, journal, run row."""

        def work() -> int:
            result = evaluate(self.event.pk, self.order(days))
            assert result.run is not None, result.skipped
            return result.run.matched

        return work

    def bare_detection(self, days: int) -> Callable[[], int]:
        """One statement that writes the same occurrences."""
        run = self.run(days)
        return lambda: self._insert_occurrences(run, days)

    def bare_everything(self, days: int) -> Callable[[], int]:
        """Plain statements that write all rows of an evaluation: run, occurrences, follow-ups, journal.

        The rows are as long as ours, reasons and journal texts included; nobody is checked or asked.
        """

        def work() -> int:
            run = self.run(days)
            count = self._insert_occurrences(run, days)
            self._insert_actions(run)
            return count

        return work

    def _insert_occurrences(self, run: Run, days: int, end: date | None = None) -> int:
        high = (end or self.judged) - timedelta(days=DAYS)
        with connection.cursor() as cursor:
            cursor.execute(OCCURRENCES, {
                "event": self.event.pk, "version": self.version.pk, "run": run.pk, "now": self.now,
                "high": high, "low": high - timedelta(days=days),
            })  # fmt: skip
            return int(cursor.rowcount)

    def _insert_actions(self, run: Run) -> None:
        top = (
            "(SELECT c.id AS customer, c.owner_id, u.name, o.okey, o.anchor_on FROM events_occurrence o"
            " JOIN crm_customer c ON c.id = o.customer_id JOIN accounts_user u ON u.id = c.owner_id"
            f" WHERE o.run_id = {run.pk} AND o.state = 'queued'"
            f" ORDER BY o.score DESC, o.trigger_on, o.id LIMIT {RELEASED}) AS top"
        )
        due = _date_literal(self.judged + timedelta(days=4))
        insert(
            Action, top, kind="'call'", title="'Call about the missing order'", customer="customer",
            owner="owner_id", assignee="owner_id", assign_rule="'owner'", assign_note=NOTE, due_on=due,
            original_due_on=due, origin="'event'", origin_code="'NOORDER60'", anchor_on="anchor_on",
            reason=REASON,
            origin_key="'NOORDER60:customer:' || customer || ':' || okey",
            guard_key="'lapse:customer:' || customer", created_at=_instant_literal(self.judged),
        )  # fmt: skip
        made_at = _instant_literal(self.judged)
        made = "(SELECT * FROM crm_action WHERE origin_code = 'NOORDER60') AS made"
        insert(
            Entry, made, subject_type="'crm.action'", subject_id="id", customer_id="customer_id",
            verb="'action.created'", at=made_at, happened_at=made_at, cause="'engine'", data=TOLD,
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(FIRED, [run.pk])


ORDER_DAY = "to_char(f.last_order_on, 'YYYY-MM-DD')" if POSTGRESQL else "f.last_order_on"
TRIGGER_DAY = f"f.last_order_on + {DAYS}" if POSTGRESQL else f"date(f.last_order_on, '+{DAYS} days')"
JSON = "jsonb_build_object" if POSTGRESQL else "json_object"
NOTE = "'account owner ' || name"
SENTENCE = f"'Last order ' || {ORDER_DAY.replace('f.last_order_on', 'anchor_on')} || ', 60 days ago'"
REASON = f"""{JSON}('event_code', 'NOORDER60', 'event_name', 'No order for 60 days', 'family', 'customer',
    'version', 1, 'sentence', {SENTENCE}, 'routing', {NOTE}, 'facts', {JSON}('Last order', {SENTENCE},
    'Usual interval', '24 days', 'Asked', '60 days or more without an order'))"""
TOLD = f"""{JSON}('title', title, 'assignee', assignee_id, 'queue', queue_id, 'rule', assign_rule,
    'event', origin_code, 'event_name', reason ->> 'event_name', 'why', reason ->> 'sentence')"""
OCCURRENCES = f"""
    INSERT INTO events_occurrence (event_id, version_id, run_id, subject_type, subject_id, customer_id, okey,
        state, trigger_on, anchor_on, detected_at, state_changed_at, score, evidence)
    SELECT %(event)s, %(version)s, %(run)s, 'customer', c.id, c.id, '1|since:order:' || {ORDER_DAY}, 'queued',
        {TRIGGER_DAY}, f.last_order_on, %(now)s, %(now)s, f.sales_365,
        {JSON}('trigger_on', {TRIGGER_DAY}, 'anchor_on', f.last_order_on, 'score', f.sales_365)
    FROM crm_customerfacts f JOIN crm_customer c ON c.id = f.customer_id
    WHERE f.last_order_on <= %(high)s AND f.last_order_on > %(low)s AND c.archived_at IS NULL
        AND NOT c.is_test AND NOT c.do_not_contact AND c.status NOT IN ('on_hold', 'inactive', 'closed')
        AND NOT EXISTS (SELECT 1 FROM events_occurrence o WHERE o.event_id = %(event)s
            AND o.subject_type = 'customer' AND o.subject_id = c.id
            AND o.okey = '1|since:order:' || {ORDER_DAY})
        AND NOT EXISTS (SELECT 1 FROM crm_action a
            WHERE a.guard_key = 'lapse:customer:' || c.id AND a.closed_at IS NULL)
    ORDER BY c.id
    ON CONFLICT (event_id, subject_type, subject_id, okey) DO NOTHING
"""
FIRED = """
    UPDATE events_occurrence SET state = 'fired', action_id = a.id
    FROM (SELECT id, customer_id FROM crm_action WHERE origin_code = 'NOORDER60') AS a
    WHERE events_occurrence.subject_type = 'customer' AND events_occurrence.subject_id = a.customer_id
        AND events_occurrence.run_id = %s
"""


def _date_literal(day: date) -> str:
    return f"DATE '{day}'" if POSTGRESQL else f"'{day}'"


def _instant_literal(day: date) -> str:
    return instant(_date_literal(day), "0")


def measured(prepare: Callable[[Bench], Callable[[], int]]) -> tuple[Cost, int]:
    """The median cost of the work that ``prepare`` gives, and how many rows it wrote; nothing stays."""
    costs, count = [], 0
    for _ in range(TIMES + 1):
        with transaction.atomic():
            work = prepare(Bench())
            with Meter() as cost:
                count = work()
            transaction.set_rollback(True)
        costs.append(cost)
        _sweep()
    costs = costs[1:]  # the first one warms caches up
    return replace(
        costs[0],
        python=median(cost.python for cost in costs),
        database=median(cost.database for cost in costs),
        wall=median(cost.wall for cost in costs),
    ), count


def _sweep() -> None:
    """Rows taken back still fill PostgreSQL's tables: away with them before the next round."""
    if POSTGRESQL:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM events_occurrence, crm_action, activity_entry, events_run")


def window_for(many: int) -> int:
    """How many days of a window hold about ``many`` customers that have become silent."""
    judged = FactsDay.objects.get(pk=1).rolled_on
    high = judged - timedelta(days=DAYS)
    counts = CustomerFacts.objects.filter(last_order_on__lte=high).order_by()
    low, top = 1, 1200
    while low < top:
        middle = (low + top) // 2
        found = counts.filter(last_order_on__gt=high - timedelta(days=middle)).count()
        low, top = (middle + 1, top) if found < many else (low, middle)
    return low


def doubled(prepare: Callable[[Bench], Callable[[], int]]) -> tuple[Cost, int]:
    """As :func:`measured`, among as many old, inactive customers again."""
    count = Customer.objects.count()
    old = _date_literal(date(2022, 1, 1))

    def work(bench: Bench) -> Callable[[], int]:
        insert(
            Customer, numbers(count), id=f"i + {count}", number="CAST(90000000 + i AS varchar(20))",
            name="'Old ' || i", status="'active'", created_at=_instant_literal(date(2022, 1, 1)),
        )  # fmt: skip
        insert(
            CustomerFacts, numbers(count), customer=f"i + {count}", first_order_on=old, last_order_on=old,
            orders_total="1", order_days="1",
        )  # fmt: skip
        analyze(Customer, CustomerFacts)
        return prepare(bench)

    found = measured(work)
    analyze(Customer, CustomerFacts)
    return found


Prepare = Callable[[Bench], Callable[[], int]]
WORK: dict[str, Callable[[Bench, int], Callable[[], int]]] = {
    "bare detection": Bench.bare_detection,
    "our detection": Bench.detection,
    "bare everything": Bench.bare_everything,
    "our evaluation": Bench.evaluation,
}


def _nothing(work: Callable[[Bench, int], Callable[[], int]], days: int) -> Prepare:
    """The work on an empty ledger."""
    return lambda bench: work(bench, days)


def _remembered(work: Callable[[Bench, int], Callable[[], int]], days: int) -> Prepare:
    """The work on a ledger that holds all of the window but its last day."""

    def prepare(bench: Bench) -> Callable[[], int]:
        bench.remember(days)
        return work(bench, days)

    return prepare


def main() -> None:
    """Measure, print a table, and write it as JSON when asked."""
    parser = ArgumentParser(description="The engine beside the bare SQL.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    no_time_limit()
    many = window_for(MANY)
    figures: dict[str, Any] = {
        "machine": machine(),
        "customers": Customer.objects.count(),
        "orders": SalesOrder.objects.count(),
        "follow_ups": Action.objects.count(),
        "date": datetime.now().astimezone().date().isoformat(),
    }
    assert not Occurrence.objects.exists(), "the generated data holds no occurrences"
    jobs: list[tuple[str, Callable[[], tuple[Cost, int]]]] = []
    for name, days, prepared in (("many", many, _nothing), ("a usual night", NIGHTLY, _remembered)):
        jobs += [(f"{name}: {what}", partial(measured, prepared(WORK[what], days))) for what in WORK]
    twice = "a usual night, twice the old customers"
    for what in ("our detection", "our evaluation"):
        jobs += [(f"{twice}: {what}", partial(doubled, _remembered(WORK[what], NIGHTLY)))]
    print(figures["machine"], f"{figures['customers']:,} customers, {figures['orders']:,} orders", sep="\n")
    for name, job in jobs:
        cost, count = job()
        figures[name] = {"rows": count, "cpu_ms": round(cost.cpu, 1), "python_ms": round(cost.python, 1),
                         "database_ms": round(cost.database, 1), "wall_ms": round(cost.wall, 1)}  # fmt: skip
        print(f"{name:<52} {count:>7,} rows {cost.cpu:>8.1f} ms", flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
