"""Real orders, imported: every figure that another program counted in the same rows.

The subset is part of the project; the whole year is used where it is found.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, F, Max, Min, OuterRef, Q, Subquery, Sum

from crm.models import Customer, CustomerFacts, FactsDay
from orders.domain.facts import fact_source, rebuild
from orders.importing import Plan, Report, RetailFile, commit_retail, read_retail
from orders.importing.retail_file import RetailLine
from orders.models import OrderLine, SalesOrder
from tests.orders.importing.files import FULL, NO_FULL, SUBSET
from tests.orders.oracle import expected_facts, stored_facts, trades

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DATA = {
    "subset": (SUBSET, SUBSET.with_name("facts.json")),
    "whole year": (FULL / "online_retail.csv.gz", FULL / "facts.json"),
}


@dataclass
class Year:
    """An imported file with its figures."""

    name: str
    file: RetailFile
    report: Report
    figures: dict[str, Any]

    @property
    def is_whole(self) -> bool:
        return self.name != "subset"


@pytest.fixture(scope="module", params=DATA)
def year(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[Year]:
    """Imported once for all tests of this file, inside a transaction that is rolled back at the end."""
    path, figures = DATA[request.param]
    if not path.exists():
        pytest.skip(NO_FULL)
    with django_db_blocker.unblock(), transaction.atomic():
        file = read_retail(path)
        report = commit_retail(file, Plan(now=NOW))
        yield Year(request.param, file, report, json.loads(Path(figures).read_text("utf-8")))
        transaction.set_rollback(True)


def sales() -> Any:
    return SalesOrder.objects.all().sales()


def test_rows(year: Year) -> None:
    figures, rows = year.figures, year.report.rows
    assert year.report.rows_read == rows.total() == figures["rows"]
    assert (
        rows["imported"]
        == OrderLine.objects.count()
        == figures["rows"] - figures.get("rows_missing_customer", 0)
    )
    assert rows["without customer"] == figures.get("rows_missing_customer", 0)
    assert (rows["outside"], rows["corrections"], rows["unchanged"], rows["conflicting"]) == (0, 0, 0, 0)
    if year.is_whole:
        content = year.report.content
        assert (content["sales"], content["returns"]) == (397_924, 8_905)


def test_orders(year: Year) -> None:
    figures = year.figures
    assert sales().count() == figures["order_invoices_with_customer"]
    returns = SalesOrder.objects.filter(kind="return").count()
    if year.is_whole:
        assert returns == 3_654
        assert (
            SalesOrder.objects.count()
            == figures["distinct_invoice_numbers"] - figures["invoices_missing_customer"]
        )
    else:
        assert returns == figures["cancellation_invoices_C"]
        assert SalesOrder.objects.count() == figures["distinct_invoice_numbers"]


def test_an_invoice_that_is_not_in_one_piece_is_one_order(year: Year) -> None:
    if year.is_whole:
        assert SalesOrder.objects.get(number="542806").lines.count() == year.file.line_count(
            next(invoice for invoice in year.file.invoices if invoice.number == "542806")
        )
    assert SalesOrder.objects.values("number").distinct().count() == SalesOrder.objects.count()


def test_customers(year: Year) -> None:
    figures = year.figures
    assert Customer.objects.count() == year.report.new_customers == figures["distinct_customers"]
    assert sales().values("customer").distinct().count() == figures["customers_with_an_order"]
    assert CustomerFacts.objects.filter(orders_total__gt=0).count() == figures["customers_with_an_order"]
    only_returns = CustomerFacts.objects.filter(orders_total=0)
    assert only_returns.count() == figures["customers_with_only_cancellations"]
    assert len(year.report.two_countries) == figures["customers_with_more_than_one_country"]


def test_sums(year: Year) -> None:
    wanted = Decimal(year.figures["sum_positive_customer_sales"])
    assert sales().aggregate(sum=Sum("total"))["sum"] == wanted
    assert CustomerFacts.objects.aggregate(sum=Sum("sales_total"))["sum"] == wanted
    best = CustomerFacts.objects.order_by("-sales_total")[:5]
    top = [{"customer": int(row.customer.number), "sales": f"{row.sales_total:.2f}"} for row in best]
    assert top == year.figures["top_customers_by_positive_sales"]


def test_quantities(year: Year) -> None:
    lines = OrderLine.objects.values_list("order__kind").annotate(most=Max("quantity"))
    assert dict(lines) == {
        "sale": year.figures["max_quantity"],
        "return": -year.figures["min_quantity"],
    }


def test_times(year: Year) -> None:
    """The zone's winter time is UTC, so the first and the last time are comparable as they stand."""
    first_and_last = SalesOrder.objects.aggregate(first=Min("placed_at"), last=Max("placed_at"))
    assert first_and_last["last"] == datetime.fromisoformat(f"{year.figures['last_timestamp']}+00:00")
    if not year.is_whole:
        assert first_and_last["first"] == datetime.fromisoformat(f"{year.figures['first_timestamp']}+00:00")
    assert FactsDay.objects.get().rolled_on == date(2011, 12, 9)


def test_every_line_of_the_file_is_in_its_order(year: Year) -> None:
    names = ("order__number", "item__code", "text", "quantity", "unit_price")
    stored = OrderLine.objects.order_by("order__placed_at", "order_id", "position").values_list(*names)
    position = iter(stored.iterator(5000))
    for invoice in sorted(year.file.invoices, key=lambda invoice: (invoice.placed_at, invoice.place)):
        for line in year.file.lines(invoice):
            number, code, text, quantity, price = next(position)
            assert number == invoice.number
            assert RetailLine(code, text, quantity, int(price * 10_000)) == line
    assert next(position, None) is None


@pytest.mark.parametrize("index", range(4))
def test_lapses_from_the_orders(year: Year, index: int) -> None:
    """Derived from the orders up to each date."""
    figures = year.figures["lapse"][index]
    day = date.fromisoformat(figures["as_of"])
    source = fact_source(day, fields=["last_order_on"])
    last = source.columns["last_order_on"]
    assert source.exact
    check_lapse(figures, day, source.queryset, last)


def test_lapses_from_the_stored_facts(year: Year) -> None:
    figures = year.figures["lapse"][-1]
    day = date.fromisoformat(figures["as_of"])
    source = fact_source(day)
    assert source.columns["last_order_on"] == "facts__last_order_on"
    check_lapse(figures, day, source.queryset, "facts__last_order_on")


@pytest.mark.parametrize("index", range(3))
def test_lapses_from_facts_that_were_rebuilt_for_the_date(year: Year, index: int) -> None:
    """As if the file had been imported until that date only."""
    figures = year.figures["lapse"][index]
    day = date.fromisoformat(figures["as_of"])
    with transaction.atomic():
        OrderLine.objects.filter(order__placed_on__gt=day).delete()
        SalesOrder.objects.filter(placed_on__gt=day).delete()
        rebuild(day=day, now=NOW)
        check_lapse(figures, day, fact_source(day).queryset, "facts__last_order_on")
        transaction.set_rollback(True)


def check_lapse(figures: dict[str, Any], day: date, customers: Any, last: str) -> None:
    """Count the customers silent for 30, 60 and 90 days at the end of ``day``."""
    assert customers.filter(**{f"{last}__lte": day}).count() == figures["customers_with_an_order_so_far"]
    for days in (30, 60, 90):
        border = day - timedelta(days=days)
        at_least = customers.filter(**{f"{last}__lte": border})
        assert at_least.count() == figures[f"no_order_for_at_least_{days}_days"]
        more_than = customers.filter(**{f"{last}__lt": border})
        assert more_than.count() == figures[f"no_order_for_more_than_{days}_days"]
    border = day - timedelta(days=60)
    exactly = customers.filter(**{last: border}).values_list("number", flat=True)
    assert sorted(map(int, exactly)) == figures["customers_reaching_60_days_on_this_date"]
    assert len(exactly) == figures["reaching_exactly_60_days_on_this_date"]
    silent = customers.filter(**{f"{last}__lte": border}).values_list("number", flat=True)
    digest = sha256("\n".join(sorted(silent)).encode()).hexdigest()
    assert digest == figures["sha256_of_sorted_ids_at_least_60"]


def test_lapse_episodes_of_the_whole_period(year: Year) -> None:
    figures = year.figures["lapse_episodes_60_days_whole_period"]
    until = date.fromisoformat(figures["until"])
    later = sales().filter(customer=OuterRef("customer"), placed_on__gt=OuterRef("placed_on"))
    following = Subquery(later.order_by("placed_on").values("placed_on")[:1])
    days = sales().order_by().values("customer", "placed_on").annotate(following=following).distinct()
    silence = timedelta(days=60)
    episodes: dict[int, int] = {}
    for row in days.filter(placed_on__lte=until - silence):
        if row["following"] is None or row["following"] > row["placed_on"] + silence:
            episodes[row["customer"]] = episodes.get(row["customer"], 0) + 1
    assert sum(episodes.values()) == figures["episodes"]
    assert len(episodes) == figures["customers_with_at_least_one"]
    assert max(episodes.values()) == figures["most_for_one_customer"]


def test_all_facts_are_those_of_plain_python(year: Year) -> None:
    kinds = dict(Customer.objects.values_list("pk", "kind"))
    assert stored_facts() == expected_facts(kinds, trades(), date(2011, 12, 9))


def test_a_second_import_changes_nothing(year: Year) -> None:
    before = stored_facts()
    report = commit_retail(year.file, Plan(now=NOW))
    assert report.rows["unchanged"] == OrderLine.objects.count()
    assert report.orders["unchanged"] == SalesOrder.objects.count()
    assert stored_facts() == before
    wrong = SalesOrder.objects.annotate(sum=Sum("lines__total"), count=Count("lines"))
    assert not wrong.filter(~Q(sum=F("total")) | Q(count=0)).exists()
