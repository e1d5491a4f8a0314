"""How often customers order: median gaps, shrunk towards what is usual for their kind.

A few gaps say little about one customer, so his own median ``m`` of ``n`` gaps is moved towards the
usual gap ``k`` of his kind: ``(n·m + 3·k) / (n + 3)``. ``k`` is the median of the medians of all
customers of the kind with at least four order days, in whole days. It is computed when the facts are
rolled and stays until the next roll: an order costs one customer's days, a roll costs one grouped look
at the rhythms, and facts are rewritten only where ``k`` has changed. Half values are rounded up, all in
whole numbers, so that Python and both databases agree to the digit.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from itertools import pairwise
from operator import floordiv, truediv
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from core.sql import DoubledMedianGap, upsert_from_queryset
from crm.models import Customer
from orders.models import KindRhythm, OrderRhythm, SalesOrder

FEWEST_DAYS = 4  # order days below which a customer has no rhythm yet
WEIGHT = 3  # gaps of an average customer of the kind that the own ones are mixed with


def double_median(numbers: Iterable[int]) -> int:
    """Twice the median, which for whole numbers is whole."""
    ranked = sorted(numbers)
    return ranked[(len(ranked) - 1) // 2] + ranked[len(ranked) // 2]


def double_gap_of(days: Sequence[date]) -> int:
    """Twice the median gap between at least two ascending days."""
    return double_median((later - earlier).days for earlier, later in pairwise(days))


def shrunk_tenths(
    gaps: Any, double_gap: Any, kind_gap: Any, *, divide: Callable[[Any, Any], Any] = floordiv
) -> Any:
    """The shrunk median gap in tenths of a day, half up.

    Of numbers with ``divide=floordiv``, of database expressions with ``truediv``: there a whole number
    divided by one is whole.
    """
    return divide((gaps * double_gap + kind_gap * 2 * WEIGHT) * 10 + gaps + WEIGHT, (gaps + WEIGHT) * 2)


def tenths_expression(gaps: Any, double_gap: Any, kind_gap: Any) -> Coalesce:
    """:func:`shrunk_tenths` in SQL; the own median where the kind has no usual gap yet."""
    shrunk = shrunk_tenths(gaps, double_gap, kind_gap, divide=truediv)
    return Coalesce(shrunk, double_gap * 5, output_field=IntegerField())


def keep_rhythm(*, customer_id: int, days: Sequence[date]) -> int | None:
    """Write one customer's rhythm from his distinct order days; the shrunk median in tenths of a day."""
    if len(days) < FEWEST_DAYS:
        OrderRhythm.objects.filter(customer_id=customer_id).delete()
        return None
    kind = Customer.objects.filter(pk=customer_id).values("kind")
    usual = KindRhythm.objects.filter(kind__in=kind).values_list("gap", flat=True).first()
    gaps, double_gap = len(days) - 1, double_gap_of(days)
    values = {"gaps": gaps, "double_gap": double_gap, "kind_gap": usual}
    OrderRhythm.objects.update_or_create(customer_id=customer_id, defaults=values)
    return double_gap * 5 if usual is None else int(shrunk_tenths(gaps, double_gap, usual))


def keep_rhythms(customer_ids: Collection[int] | None = None) -> None:
    """Write the rhythms of these customers (None: of all) from their orders, set-based."""
    customers, rhythms = Customer.objects.order_by(), OrderRhythm.objects.all()
    if customer_ids is not None:
        customers, rhythms = customers.filter(pk__in=customer_ids), rhythms.filter(pk__in=customer_ids)
    rhythms.delete()
    rows = with_rhythm(customers).annotate(usual=kind_gap_case(kind_gaps()))
    columns = ("customer", "gaps", "double_gap", "kind_gap")
    values = rows.values_list("pk", F("days") - 1, "own", "usual")
    upsert_from_queryset(OrderRhythm, columns, values, unique=["customer"])


def with_rhythm(customers: "QuerySet[Customer]", *, until: date | None = None) -> "QuerySet[Any]":
    """``customers`` with at least four order days, counted in ``days``; ``own`` is the doubled median gap.

    With ``until`` only orders up to that day count.
    """
    sales = SalesOrder.objects.all().sales().filter(customer=OuterRef("pk")).order_by()
    if until is not None:
        sales = sales.filter(placed_on__lte=until)
    days = sales.values("customer").annotate(count=Count("placed_on", distinct=True)).values("count")
    own = DoubledMedianGap(sales.annotate(day=F("placed_on")).values("day").distinct())
    return customers.annotate(days=Subquery(days)).filter(days__gte=FEWEST_DAYS).annotate(own=own)


def kind_gaps() -> dict[str, int]:
    """The usual gap of each kind as of the last roll."""
    return dict(KindRhythm.objects.values_list("kind", "gap"))


def kind_gap_case(gaps: dict[str, int], path: str = "kind") -> Case:
    """The usual gap of the kind found under ``path``; null for kinds without one."""
    whens = [When(**{path: kind}, then=Value(gap)) for kind, gap in sorted(gaps.items())]
    return Case(*whens, default=Value(None), output_field=IntegerField())


def usual_gap(double_gaps: Counter[int]) -> int:
    """The whole-day median, half up, of doubled medians that occur so often each."""
    return (double_median(double_gaps.elements()) + 2) // 4


def settle_kinds() -> dict[str, int]:
    """Compute and store the usual gap of every kind from the rhythms as they are now."""
    found: dict[str, Counter[int]] = {}
    rows = OrderRhythm.objects.values_list("customer__kind", "double_gap").annotate(Count("pk"))
    for kind, double_gap, count in rows:
        found.setdefault(kind, Counter())[double_gap] += count
    gaps = {kind: usual_gap(counts) for kind, counts in found.items()}
    if gaps != kind_gaps():
        KindRhythm.objects.exclude(kind__in=gaps).delete()
        rows_to_write = [KindRhythm(kind=kind, gap=gap) for kind, gap in gaps.items()]
        KindRhythm.objects.bulk_create(
            rows_to_write, update_conflicts=True, unique_fields=["kind"], update_fields=["gap"]
        )
    return gaps


def outdated(gaps: dict[str, int]) -> "QuerySet[OrderRhythm]":
    """The rhythms whose facts were shrunk towards another gap than their kind's present one."""
    condition = Q(pk__in=[])
    for kind, gap in gaps.items():
        condition |= Q(customer__kind=kind) & (Q(kind_gap=None) | ~Q(kind_gap=gap))
    return OrderRhythm.objects.filter(condition)


def mark_shrunk(gaps: dict[str, int]) -> None:
    """Note on every rhythm that its facts are now shrunk towards the present gap of its kind."""
    for kind, gap in gaps.items():
        stale = Q(kind_gap=None) | ~Q(kind_gap=gap)
        OrderRhythm.objects.filter(stale, customer__kind=kind).update(kind_gap=gap)
