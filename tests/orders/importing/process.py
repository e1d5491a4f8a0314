"""What the processes of the crash tests do: ``python -m tests.orders.importing.process DEED ARGUMENTS``."""

import sys
from datetime import date
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - needs the set-up above
from django.db.models import Count, Sum  # noqa: E402

from activity.models import Entry  # noqa: E402
from crm.models import Customer, FactsDay  # noqa: E402
from orders.importing import commit  # noqa: E402
from orders.models import SalesOrder  # noqa: E402
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
    """Whatever is there is whole: lines, sums, journal, facts."""
    orders = SalesOrder.objects.annotate(count=Count("lines"), amount=Sum("lines__total"))
    assert all(order.count and order.amount == order.total for order in orders)
    for model, label in ((SalesOrder, "orders.salesorder"), (Customer, "crm.customer")):
        ids = set(model.objects.values_list("pk", flat=True)) if label[0] == "o" else set(_imported())
        assert sorted(
            Entry.objects.filter(subject_type=label).values_list("subject_id", flat=True)
        ) == sorted(ids)
    rolled_on = FactsDay.objects.values_list("rolled_on", flat=True).first() or date(1899, 1, 1)
    kinds = dict(Customer.objects.values_list("pk", "kind"))
    rhythm = ("median_gap", "expected_next_on", "lapse_due_on")  # follow the kind's gap at the last roll
    expected = expected_facts(kinds, trades(), rolled_on)
    stored = stored_facts()
    for customer, facts in expected.items():
        for name in facts.keys() - set(rhythm):
            assert stored[customer][name] == facts[name], (customer, name)


def _imported() -> list[int]:
    return list(Customer.objects.filter(source="import").values_list("pk", flat=True))


if __name__ == "__main__":
    {"import": import_file, "tell": tell, "check": check}[sys.argv[1]](*sys.argv[2:])
