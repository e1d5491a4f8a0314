"""What the processes of the crash tests do: ``python -m tests.orders.importing.process DEED ARGUMENTS``."""

import sys
from datetime import date
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - needs the set-up above
from django.db.models import Count, Sum  # noqa: E402

from activity.models import Entry  # noqa: E402
from catalog.models import Item  # noqa: E402
from crm.models import Customer, FactsDay  # noqa: E402
from orders.importing import commit  # noqa: E402
from orders.models import OrderLine, SalesOrder  # noqa: E402
from tests.orders.importing.state import state_hash  # noqa: E402
from tests.orders.oracle import expected_facts, stored_facts, trades  # noqa: E402


def import_file(path: str, batch: str) -> None:
    """The real command with smaller batches, so that a small file has several."""
    commit.BATCH = int(batch)
    call_command("import_orders", Path(path), format="retail-csv", json=True)


def tell() -> None:
    """The number of orders, and the state in short."""
    sys.stdout.write(f"{SalesOrder.objects.count()} {state_hash()}\n")


def check() -> None:
    """Whatever is there is whole: lines, sums, journal, facts; nobody and nothing without an order."""
    orders = SalesOrder.objects.annotate(count=Count("lines"), amount=Sum("lines__total"))
    assert all(order.count and order.amount == order.total for order in orders)
    for model in (SalesOrder, Customer, Item):
        ids = set(model.objects.values_list("pk", flat=True))
        journal = Entry.objects.filter(subject_type=model._meta.label_lower)
        assert sorted(journal.values_list("subject_id", flat=True)) == sorted(ids)
    assert not Customer.objects.filter(salesorders=None).exists()
    assert set(Item.objects.values_list("pk")) == set(OrderLine.objects.values_list("item"))
    check_facts()


def check_facts() -> None:
    """The facts are in step with the orders; those of the rhythm wait for the next roll."""
    rolled_on = FactsDay.objects.values_list("rolled_on", flat=True).first() or date(1899, 1, 1)
    expected = expected_facts(dict(Customer.objects.values_list("pk", "kind")), trades(), rolled_on)
    stored = stored_facts()
    for customer, facts in expected.items():
        for name in facts.keys() - {"median_gap", "expected_next_on", "lapse_due_on"}:
            assert stored[customer][name] == facts[name], (customer, name)


if __name__ == "__main__":
    {"import": import_file, "tell": tell, "check": check}[sys.argv[1]](*sys.argv[2:])
