"""The second pass: a checked file becomes customers, items and orders, 500 invoices at a time.

Each batch is one transaction with everything that belongs to it, the facts of its customers included.
Wherever the process ends, the records are in step; run again, the import finds its orders by number and
content and goes on with the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from accounts.domain.organisation import organisation, today_at
from accounts.models import Organisation, User
from activity.models import Cause, Entry
from catalog.domain.item import add_items
from catalog.models import Item
from core import faults
from core.dates import EARLIEST, local_day, local_instant
from core.errors import Refused
from core.models import Source
from core.sql import analyze, set_statement_timeout
from crm.domain.customer_batch import add_customers
from crm.domain.customer_facts import lock_facts_day
from crm.models import Customer, CustomerFacts
from orders.domain.facts import roll
from orders.domain.order_batch import BatchLine, BatchOrder, known_orders, place_orders
from orders.importing.report import Report
from orders.importing.retail import Progress, read_retail, silent
from orders.importing.retail_file import Invoice, RetailFile
from orders.models import OrderLine, OrderRhythm, SalesOrder

BATCH = 500  # invoices
LOOK_UP = 500  # values in one IN
LOADED = (Customer, CustomerFacts, Item, SalesOrder, OrderLine, OrderRhythm, Entry)


@dataclass(frozen=True)
class Plan:
    """How to import: which days, for whom, and whether CRM events may react.

    Invoices placed after the day ``after`` and not after ``until`` are taken; None means no border.
    ``fire_events`` is for replays: events may then see each record from its own first instant, an order
    from when it was placed, a customer from his first invoice, and the journal wakes them. Otherwise
    they never see it as new. ``source`` is import or demo.
    """

    now: datetime
    after: date | None = None
    until: date | None = None
    by: User | None = None
    fire_events: bool = False
    dry_run: bool = False
    source: str = Source.IMPORT


def import_retail(path: Path, plan: Plan, *, progress: Progress = silent) -> Report:
    """Read, check and commit a retail file; the tables' statistics are refreshed at the end.

    Raises ``BrokenFile`` when anything is wrong with the file, and ``Refused`` for a bad plan; then
    nothing is written.
    """
    _check(plan)
    file = read_retail(path, latest=today_at(plan.now), progress=progress)
    report = commit_retail(file, plan, progress=progress)
    if not plan.dry_run:
        with transaction.atomic():
            set_statement_timeout(600)
            analyze(*LOADED)
    return report


def commit_retail(file: RetailFile, plan: Plan, *, progress: Progress = silent) -> Report:
    """Write the orders of a checked file that are not there yet, and roll the facts to its last day.

    The facts are rolled to ``plan.until`` where that is given, never back and never ahead of
    ``plan.now``. Walking a file day by day (``after`` and ``until``) ends in the same records as
    committing it whole.
    """
    _check(plan)
    chosen = file.between(plan.after, plan.until)
    report, writer = _new_report(file, plan, chosen), _Writer(file, plan, organisation())
    last_day = plan.until or file.last_day
    for start in range(0, max(len(chosen), 1), BATCH):  # without any invoice there is still the roll
        progress("Importing", start, len(chosen))
        last = start + BATCH >= len(chosen)
        writer.commit(chosen[start : start + BATCH], report, roll_to=last_day if last else None)
        faults.point("import.batch-committed")
    progress("Importing", len(chosen), len(chosen))
    return report


def _check(plan: Plan) -> None:
    if plan.until is not None and plan.until > today_at(plan.now):
        raise Refused(f"You cannot import until {plan.until:%d %b %Y}: that day has not come.", field="until")


def _new_report(file: RetailFile, plan: Plan, chosen: Sequence[Invoice]) -> Report:
    content = file.rows.copy()
    read = content.pop("read", 0)
    report = Report(read, content, dry_run=plan.dry_run, until=plan.until)
    for name in ("without customer", "corrections"):
        report.rows[name] = content[name]
    taken = sum(map(file.line_count, chosen))
    report.rows["outside"] = content["sales"] + content["returns"] - taken
    report.orders["outside"] = len(file.invoices) - len(chosen)
    report.two_countries = sorted(who.number for who in file.customers.values() if len(who.countries) > 1)
    if chosen:
        report.first_day, report.last_day = chosen[0].placed_at.date(), chosen[-1].placed_at.date()
    return report


class _Writer:
    """Commits invoices of one file by one plan."""

    def __init__(self, file: RetailFile, plan: Plan, own: Organisation) -> None:
        self.file, self.plan, self.own = file, plan, own
        self.cause = Cause.IMPORT if plan.source == Source.IMPORT else Cause.SYSTEM

    @transaction.atomic
    def commit(self, batch: Sequence[Invoice], report: Report, *, roll_to: date | None) -> None:
        """Write what is new of ``batch``, count everything in ``report``, roll the facts if asked to."""
        if self.plan.dry_run:
            self._customers(fresh := self._fresh(batch, report), report)
            self._items(fresh, report)
            return
        rolled_on = lock_facts_day(exclusive=True)  # two imports of the same file take turns
        fresh = self._fresh(batch, report)
        items, customers = self._items(fresh, report), self._customers(fresh, report)
        faults.point("import.batch-open")
        if roll_to is not None:
            roll_to = report.rolled_on = max(min(roll_to, today_at(self.plan.now)), rolled_on or EARLIEST)
        self._place([self._order(invoice, customers, items) for invoice in fresh], roll_to)
        faults.point("import.batch-written")

    def _place(self, rows: Sequence[BatchOrder], roll_to: date | None) -> None:
        plan = self.plan
        if rows:
            place_orders(
                rows, by=plan.by, now=plan.now, cause=self.cause, wake=plan.fire_events, roll_to=roll_to
            )
        elif roll_to is not None:
            roll(day=roll_to, now=plan.now)

    def _fresh(self, batch: Sequence[Invoice], report: Report) -> list[Invoice]:
        known = known_orders([invoice.number for invoice in batch])
        fresh = []
        for invoice in batch:
            count = self.file.line_count(invoice)
            if invoice.number not in known:
                fresh.append(invoice)
                report.rows["imported"] += count
                report.orders["returns" if invoice.returned else "sales"] += 1
            elif known[invoice.number] == self.file.content_hash(invoice):
                report.rows["unchanged"] += count
                report.orders["unchanged"] += 1
            else:
                report.rows["conflicting"] += count
                report.orders["conflicting"] += 1
                report.conflicts.append(invoice.number)
        return fresh

    def _items(self, fresh: Sequence[Invoice], report: Report) -> dict[str, int]:
        codes = sorted({line.code for invoice in fresh for line in self.file.lines(invoice)})
        found: dict[str, int] = {}
        for start in range(0, len(codes), LOOK_UP):
            rows = Item.objects.filter(code__in=codes[start : start + LOOK_UP])
            found.update(rows.values_list("code", "pk"))
        missing = [code for code in codes if code not in found]
        report.new_items += len(missing)
        if missing and not self.plan.dry_run:
            new = [Item(code=code, name=self.file.item_name(code), kind=item_kind(code)) for code in missing]
            made = add_items(new, by=self.plan.by, now=self.plan.now, cause=self.cause)
            found.update((item.code, item.pk) for item in made)
        return found

    def _customers(self, fresh: Sequence[Invoice], report: Report) -> dict[str, int]:
        first: dict[str, Invoice] = {}
        for invoice in fresh:
            first.setdefault(invoice.customer, invoice)
        rows = Customer.objects.filter(number__in=list(first))
        found = dict(rows.values_list("number", "pk"))
        missing = [number for number in first if number not in found]
        report.new_customers += len(missing)
        if missing and not self.plan.dry_run:
            new = [self._customer(first[number]) for number in missing]
            wake = self.plan.fire_events
            made = add_customers(new, by=self.plan.by, now=self.plan.now, cause=self.cause, wake=wake)
            found.update((customer.number, customer.pk) for customer in made)
        return found

    def _customer(self, first: Invoice) -> Customer:
        """A customer without a name in the file: he gets his number as one. The buyers are shops."""
        placed_at = self._instant(first.placed_at)
        return Customer(
            number=first.customer,
            name=f"Customer {first.customer}",
            kind=Customer.Kind.RETAIL,
            status=Customer.Status.ACTIVE,
            country=self.file.customers[first.customer].country,
            currency=self.own.currency,
            source=self.plan.source,
            events_from=placed_at if self.plan.fire_events else None,
        )

    def _order(self, invoice: Invoice, customers: dict[str, int], items: dict[str, int]) -> BatchOrder:
        placed_at = self._instant(invoice.placed_at)
        order = SalesOrder(
            number=invoice.number,
            kind=SalesOrder.Kind.RETURN if invoice.returned else SalesOrder.Kind.SALE,
            customer_id=customers[invoice.customer],
            currency=self.own.currency,
            placed_at=placed_at,
            placed_on=local_day(placed_at, self.own.zone),
            content_hash=self.file.content_hash(invoice),
            source=self.plan.source,
            events_from=placed_at if self.plan.fire_events else None,
        )
        lines = [
            BatchLine(items[line.code], line.text, line.quantity, line.price, line.total)
            for line in self.file.lines(invoice)
        ]
        return BatchOrder(order, lines)

    def _instant(self, wall: datetime) -> datetime:
        return local_instant(wall.date(), wall.time(), self.own.zone)


def item_kind(code: str) -> str:
    """Goods have codes that begin with five digits; the others, such as POST, are charges."""
    return Item.Kind.GOODS if code[:5].isdigit() and len(code) >= 5 else Item.Kind.CHARGE
