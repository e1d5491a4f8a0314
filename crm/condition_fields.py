"""What conditions may ask about a customer.

The keys of facts are the columns of :class:`crm.models.CustomerFacts`, so that a query which derives
the facts of a past day can say where it keeps each of them.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal

from accounts.models import Team, Territory, User
from core.conditions import FieldSpec, FieldType, Stored
from crm.models import Customer


def _user_names(ids: Collection[int]) -> Mapping[int, str]:
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))


def _team_names(ids: Collection[int]) -> Mapping[int, str]:
    return dict(Team.objects.filter(pk__in=ids).values_list("pk", "name"))


def _territory_names(ids: Collection[int]) -> Mapping[int, str]:
    return dict(Territory.objects.filter(pk__in=ids).values_list("pk", "name"))


def _choice(key: str, label: str, choices: list[tuple[str, str]]) -> FieldSpec:
    return FieldSpec(
        key=key, label=label, type=FieldType.CHOICE, path=key, choices=tuple(choices), can_be_empty=False
    )


def _flag(key: str, label: str) -> FieldSpec:
    return FieldSpec(key=key, label=label, type=FieldType.FLAG, path=key, can_be_empty=False)


def _count(key: str, label: str) -> FieldSpec:
    """A number of orders or days; without facts it is none."""
    return FieldSpec(
        key=key,
        label=label,
        type=FieldType.NUMBER,
        path=f"facts__{key}",
        can_be_empty=False,
        null_is=0,
        has_history=True,
    )


def _sales(key: str, label: str) -> FieldSpec:
    """A sum in the customer's currency; without facts it is nothing."""
    return FieldSpec(
        key=key,
        label=label,
        type=FieldType.MONEY,
        path=f"facts__{key}",
        can_be_empty=False,
        null_is=Decimal(0),
        has_history=True,
    )


def _day(key: str, label: str, *, empty: str, has_history: bool = True) -> FieldSpec:
    return FieldSpec(
        key=key, label=label, type=FieldType.DATE, path=f"facts__{key}", empty=empty, has_history=has_history
    )


def _days_since(key: str, label: str, column: str, *, has_history: bool = True) -> FieldSpec:
    """Whole days from the date in ``column`` to the judged day."""
    return FieldSpec(
        key=key,
        label=label,
        type=FieldType.NUMBER,
        path=f"facts__{column}",
        column=column,
        stored=Stored.DAYS_SINCE,
        minimum=0,
        maximum=100_000,
        unit="days",
        empty="never",
        has_history=has_history,
    )


CUSTOMER = (
    # A number never changes, and neither does the day a record was made: both hold for past days too.
    FieldSpec(
        key="number",
        label="Number",
        type=FieldType.TEXT,
        path="number",
        can_be_empty=False,
        has_history=True,
    ),
    FieldSpec(key="name", label="Name", type=FieldType.TEXT, path="name", can_be_empty=False),
    _choice("status", "Status", Customer.Status.choices),
    _choice("kind", "Kind", Customer.Kind.choices),
    _choice("tier", "Tier", Customer.Tier.choices),
    FieldSpec(key="country", label="Country", type=FieldType.TEXT, path="country"),
    FieldSpec(key="city", label="City", type=FieldType.TEXT, path="city"),
    FieldSpec(key="postcode", label="Postcode", type=FieldType.TEXT, path="postcode"),
    FieldSpec(
        key="owner",
        label="Account owner",
        type=FieldType.REFERENCE,
        path="owner_id",
        names=_user_names,
        empty="nobody",
    ),
    FieldSpec(
        key="team", label="Team", type=FieldType.REFERENCE, path="team_id", names=_team_names, empty="none"
    ),
    FieldSpec(
        key="territory",
        label="Territory",
        type=FieldType.REFERENCE,
        path="territory_id",
        names=_territory_names,
        empty="none",
    ),
    _flag("do_not_contact", "Do not contact"),
    _flag("is_test", "Test record"),
    FieldSpec(
        key="created_on",
        label="Created",
        type=FieldType.DATE,
        path="created_at",
        stored=Stored.INSTANT,
        can_be_empty=False,
        has_history=True,
    ),
)

FACTS = (
    _day("first_order_on", "First order", empty="never"),
    _day("last_order_on", "Last order", empty="never"),
    _days_since("days_since_order", "Days since the last order", "last_order_on"),
    _count("orders_30", "Orders in 30 days"),
    _count("orders_90", "Orders in 90 days"),
    _count("orders_365", "Orders in 12 months"),
    _count("orders_365_before", "Orders in the 12 months before"),
    _count("orders_total", "Orders ever"),
    _sales("sales_30", "Sales in 30 days"),
    _sales("sales_90", "Sales in 90 days"),
    _sales("sales_365", "Sales in 12 months"),
    _sales("sales_365_before", "Sales in the 12 months before"),
    _sales("sales_total", "Sales ever"),
    _count("returns_365", "Returns in 12 months"),
    _count("order_days", "Days with an order"),
    FieldSpec(
        key="median_gap",
        label="Usual interval between orders",
        type=FieldType.NUMBER,
        path="facts__median_gap",
        unit="days",
        decimals=1,
        minimum=0,
        maximum=99_999,
        empty="unknown",
        has_history=True,
    ),
    _day("expected_next_on", "Next order expected", empty="unknown"),
    _day("lapse_due_on", "Overdue by own rhythm since", empty="unknown"),
    # Only the latest contact is kept.
    _day("last_contact_on", "Last contact", empty="never", has_history=False),
    _days_since("days_since_contact", "Days since the last contact", "last_contact_on", has_history=False),
)

FIELDS = (*CUSTOMER, *FACTS)
