"""Many customers at once: what imports and orders do to them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from activity.domain import Line, record_many
from activity.models import Cause
from crm.domain.customer import found_by
from crm.models import Customer, CustomerFacts


@transaction.atomic
def add_customers(
    rows: Sequence[Customer], *, by: User | None, now: datetime, cause: str = Cause.IMPORT, wake: bool = False
) -> list[Customer]:
    """Write many new customers with empty facts and a journal entry each; their numbers are free.

    CRM events react to them only with ``wake``.
    """
    for row in rows:
        row.created_at, row.created_by = now, by
        row.search, row.sort_name = found_by(row).values()
    made = Customer.objects.bulk_create(rows, batch_size=500)
    CustomerFacts.objects.bulk_create([CustomerFacts(customer=row) for row in made], batch_size=500)
    lines = [Line(row, {"number": row.number, "name": row.name}) for row in made]
    record_many(lines, "customer.created", by=by, now=now, cause=cause, wake=wake)
    return made


@transaction.atomic
def note_purchase(
    customer_ids: Collection[int], *, by: User | None, now: datetime, cause: str = Cause.USER
) -> int:
    """Prospects who buy become active; how many did."""
    rows = Customer.objects.select_for_update().filter(pk__in=customer_ids, status=Customer.Status.PROSPECT)
    buyers = list(rows.order_by("pk"))
    for buyer in buyers:
        buyer.update_guarded(status=Customer.Status.ACTIVE)
    data = {"status": [Customer.Status.PROSPECT, Customer.Status.ACTIVE]}
    record_many([Line(buyer, data) for buyer in buyers], "customer.changed", by=by, now=now, cause=cause)
    return len(buyers)
