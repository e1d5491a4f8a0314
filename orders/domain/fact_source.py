"""The facts as of any day, for lists and events that look at one.

Today's facts are columns; those of a past day are derived from the orders up to it. Both come as a
queryset of customers and the path of each fact on it, so that whoever asks writes one query for both.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Aggregate, Case, F, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from core.money import MoneyField
from core.sql import DoubledMedianGap
from crm.models import Customer, CustomerFacts, FactsDay
from orders.domain import rhythm
from orders.domain.fact_values import RHYTHM_FACTS, last_number, order_facts, rhythm_facts, sales_of
from orders.models import SalesOrder

FACTS = tuple(field.name for field in CustomerFacts._meta.fields if field.name != "customer")
WITHOUT_HISTORY = frozenset({"last_contact_on"})


@dataclass(frozen=True)
class FactSource:
    """Customers with their facts as of ``day``.

    ``columns`` maps the name of each fact to its path in filters and expressions on ``queryset``.
    ``approximate`` names the facts whose value is today's, because their past is not kept.
    """

    day: date
    queryset: "QuerySet[Customer]"
    columns: Mapping[str, str]
    approximate: frozenset[str] = frozenset()

    @property
    def exact(self) -> bool:
        """Whether every fact of this source is the day's own."""
        return not self.approximate


def fact_source(day: date, *, fields: Collection[str] = FACTS) -> FactSource:
    """The facts named by ``fields`` as of the end of ``day``, from the columns where these say it."""
    if stands_at(day):
        return FactSource(day, Customer.objects.all(), {name: f"facts__{name}" for name in fields})
    columns = {name: f"f_{name}" for name in fields}
    return FactSource(day, facts_as_of(day, fields=fields), columns, WITHOUT_HISTORY & frozenset(fields))


def stands_at(day: date) -> bool:
    """Whether the columns stand at ``day`` and no later order has moved them."""
    if not FactsDay.objects.filter(rolled_on=day).exists():
        return False
    return not SalesOrder.objects.all().sales().filter(placed_on__gt=day).exists()


def facts_as_of(day: date, *, fields: Collection[str] = FACTS) -> "QuerySet[Customer]":
    """Customers annotated with the facts of ``day``, named like the columns with ``f_`` before.

    Derived from the orders up to ``day`` that count today. Each fact is a sub-query that runs where it
    is used; a query that selects few of them pays for few.
    """
    facts: dict[str, Any] = {name: _as_of(day, name, value) for name, value in order_facts(day=day).items()}
    facts |= {
        "last_order_number": last_number(OuterRef("pk"), until=day),
        "last_contact_on": F("facts__last_contact_on"),
    }
    rhythmic = [name for name in RHYTHM_FACTS if name in fields]
    needed = {*fields, *(("last_order_on", "order_days") if rhythmic else ())}
    customers = Customer.objects.annotate(**{f"f_{name}": facts[name] for name in facts if name in needed})
    return _with_rhythm(customers, day, rhythmic) if rhythmic else customers


def _as_of(day: date, name: str, value: Aggregate) -> Any:
    placed = SalesOrder.objects.filter(customer=OuterRef("pk"), placed_on__lte=day).order_by()
    found = Subquery(placed.values("customer").annotate(found=value).values("found"))
    if name.endswith("_on"):
        return found
    zero = Value(0, output_field=MoneyField() if name.startswith("sales") else IntegerField())
    return Coalesce(found, zero)


def _with_rhythm(customers: "QuerySet[Any]", day: date, names: Collection[str]) -> "QuerySet[Any]":
    """Add the facts that follow from the rhythm; what was usual for each kind is found first."""
    days = sales_of(OuterRef("pk")).filter(placed_on__lte=day).order_by()
    own = DoubledMedianGap(days.annotate(day=F("placed_on")).values("day").distinct())
    enough = When(f_order_days__gte=rhythm.FEWEST_DAYS, then=own)
    rows = customers.annotate(f_own_gap=Case(enough), f_usual_gap=rhythm.kind_gap_case(_kind_gaps(day)))
    values = rhythm_facts(last="f_last_order_on", days="f_order_days", own="f_own_gap", usual="f_usual_gap")
    return rows.annotate(**{f"f_{name}": values[name] for name in names})


def _kind_gaps(day: date) -> dict[str, int]:
    found: dict[str, Counter[int]] = {}
    for kind, own in rhythm.with_rhythm(Customer.objects.order_by(), until=day).values_list("kind", "own"):
        found.setdefault(kind, Counter())[own] += 1
    return {kind: rhythm.usual_gap(counts) for kind, counts in found.items()}
