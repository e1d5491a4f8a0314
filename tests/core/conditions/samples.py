"""A table with a column of every kind that conditions know, and nasty rows for it."""

import random
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, OuterRef, Subquery

from core.conditions import FieldRegistry, FieldSpec, FieldType, Stored
from core.money import MoneyField

DAY = date(2026, 3, 31)
LONDON = ZoneInfo("Europe/London")
# Santiago changes its clocks at midnight, Lord Howe by half an hour, Chatham is 45 minutes off.
ZONES = [LONDON, *map(ZoneInfo, ("UTC", "America/Santiago", "Australia/Lord_Howe", "Pacific/Chatham"))]


class SampleFacts(models.Model):
    """The facts that not every sample has. Lives in no installed app: only these tests make its table."""

    text = models.CharField(max_length=200)
    count = models.PositiveIntegerField()
    amount = MoneyField()
    day = models.DateField(null=True)

    class Meta:
        app_label = "conditions_sample"

    def __str__(self) -> str:
        return f"Facts {self.pk}"


class Sample(models.Model):
    """The subject's row."""

    text = models.CharField(max_length=200, null=True)
    note = models.TextField(null=True)
    number = models.IntegerField(null=True)
    count = models.PositiveIntegerField(null=True)
    amount = MoneyField(null=True)
    ratio = models.DecimalField(max_digits=6, decimal_places=1, null=True)
    day = models.DateField(null=True)
    moment = models.DateTimeField(null=True)
    flag = models.BooleanField(null=True)
    choice = models.CharField(max_length=10, null=True)
    ref = models.BigIntegerField(null=True)
    facts = models.OneToOneField(SampleFacts, models.CASCADE, null=True, related_name="+")

    class Meta:
        app_label = "conditions_sample"

    def __str__(self) -> str:
        return f"Sample {self.pk}"


class SampleLine(models.Model):
    """Amounts to add up."""

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="+")
    amount = MoneyField()

    class Meta:
        app_label = "conditions_sample"

    def __str__(self) -> str:
        return f"Line {self.pk}"


def names(ids: Collection[int]) -> Mapping[int, str]:
    """People for the reference field."""
    return {key: name for key, name in {1: "Ann", 2: "Bo", 3: "Cy"}.items() if key in ids}


CHOICES = (("a", "Apple"), ("b", "Birch"), ("c", "Cedar"))
SPECS = [
    FieldSpec(key="text", label="Text", type=FieldType.TEXT, path="text"),
    FieldSpec(key="note", label="Note", type=FieldType.TEXT, path="note"),
    FieldSpec(key="number", label="Number", type=FieldType.NUMBER, path="number", unit="orders"),
    FieldSpec(key="count", label="Count", type=FieldType.NUMBER, path="count", can_be_empty=False, null_is=0),
    FieldSpec(key="amount", label="Amount", type=FieldType.MONEY, path="amount"),
    FieldSpec(
        key="ratio",
        label="Ratio",
        type=FieldType.NUMBER,
        path="ratio",
        decimals=1,
        minimum=-99_999,
        maximum=99_999,
    ),
    FieldSpec(key="day", label="Day", type=FieldType.DATE, path="day", empty="never"),
    FieldSpec(
        key="age",
        label="Age",
        type=FieldType.NUMBER,
        path="day",
        column="day",
        stored=Stored.DAYS_SINCE,
        minimum=-100_000,
        maximum=100_000,
        unit="days",
        empty="never",
    ),
    FieldSpec(key="moment", label="Moment", type=FieldType.DATE, path="moment", stored=Stored.INSTANT),
    FieldSpec(key="flag", label="Flag", type=FieldType.FLAG, path="flag"),
    FieldSpec(key="choice", label="Choice", type=FieldType.CHOICE, path="choice", choices=CHOICES),
    FieldSpec(key="ref", label="Owner", type=FieldType.REFERENCE, path="ref", names=names, empty="nobody"),
    FieldSpec(key="fact_text", label="Fact text", type=FieldType.TEXT, path="facts__text"),
    FieldSpec(
        key="fact_count",
        label="Fact count",
        type=FieldType.NUMBER,
        path="facts__count",
        can_be_empty=False,
        null_is=0,
    ),
    FieldSpec(key="fact_amount", label="Fact amount", type=FieldType.MONEY, path="facts__amount"),
    FieldSpec(key="fact_day", label="Fact day", type=FieldType.DATE, path="facts__day"),
    FieldSpec(
        key="secret", label="Secret", type=FieldType.NUMBER, path="number", permission="samples.view_secret"
    ),
]
REGISTRY = FieldRegistry(SPECS)

# Letters whose upper and lower case differ between databases and locales, and all wildcards.
LETTERS = "aAbéÉßẞſsSiIıİςσΣkKμµ中😀%_\\*?[]^-.(){}|$+'\";:# é"  # noqa: RUF001
TEXTS = [
    "",
    "a",
    "A",
    "Straße",
    "STRASSE",
    "STRAẞE",
    "İstanbul",
    "istanbul",
    "ISTANBUL",
    "ıstanbul",  # noqa: RUF001
    "café",
    "CAFÉ",
    "cafe",
    "cafe\u0301",
    "Σίσυφος",
    "😀 party",
    "50%",
    "50_000",
    "a\\b",
    "[x]*?",
    "^a.$",
    "'; DROP TABLE x; --",
    "line\nbreak",
    " a ",
    "0",
    "NULL",
]
NUMBERS = [0, 1, 2, 3, 10, -1, 2_147_483_647, -2_147_483_648 + 1]
AMOUNTS = [Decimal(text) for text in ("0", "0.1", "0.3", "1", "0.9999", "1.0001", "-5", "99999999999.9999")]
RATIOS = [Decimal(text) for text in ("0", "0.1", "30.5", "30.4", "-1.5", "99999.9", "-99999.9")]
DAYS = [
    date(1, 1, 1),
    date(1900, 1, 1),
    date(2199, 12, 31),
    date(9999, 12, 31),
    date(2024, 2, 29),
    date(2025, 3, 30),
    *(
        DAY + timedelta(days=shift)
        for shift in (-365, -60, -59, -31, -30, -7, -2, -1, 0, 1, 2, 7, 30, 31, 60)
    ),
    date(2026, 2, 28),
    date(2026, 4, 30),
]
MOMENTS = [
    datetime.combine(day, datetime.min.time(), UTC) + timedelta(minutes=minutes)
    for day in (
        date(1900, 1, 2),
        date(2025, 3, 30),
        date(2026, 3, 29),
        date(2026, 4, 5),
        DAY,
        date(2199, 12, 30),
    )
    for minutes in (-660, -1, 0, 59, 60, 180, 240, 630, 825, 1439)
]
CHOICE_VALUES = ["a", "b", "c", "", "gone"]


def make_rows(count: int = 160) -> None:
    """Rows drawn from the pools, the same in each run; a third of each column is empty."""
    dice = random.Random(20260331)

    def pick(pool: list[Any]) -> Any:
        return None if dice.random() < 0.3 else dice.choice(pool)

    facts = SampleFacts.objects.bulk_create(
        SampleFacts(
            text=dice.choice(TEXTS),
            count=dice.choice([0, 1, 2, 3]),
            amount=dice.choice(AMOUNTS),
            day=pick(DAYS),
        )
        for _ in range(count * 2 // 3)
    )
    Sample.objects.bulk_create(
        Sample(
            text=pick(TEXTS),
            note=pick(TEXTS),
            number=pick(NUMBERS),
            count=pick([abs(number) for number in NUMBERS]),
            amount=pick(AMOUNTS),
            ratio=pick(RATIOS),
            day=pick(DAYS),
            moment=pick(MOMENTS),
            flag=pick([True, False]),
            choice=pick(CHOICE_VALUES),
            ref=pick([1, 2, 3, 2**62]),
            facts=facts[index] if index < len(facts) else None,
        )
        for index in range(count)
    )


def fetch_rows() -> dict[int, dict[str, object]]:
    """All rows as plain values by column path, read without the code under test."""
    paths = [*dict.fromkeys(spec.path for spec in SPECS)]
    return {row["pk"]: row for row in Sample.objects.values("pk", *paths)}


def annotated() -> "tuple[models.QuerySet[Sample], dict[str, str]]":
    """The samples with every column also as an annotation, half of them subqueries; and their names."""
    facts = SampleFacts.objects.filter(pk=OuterRef("facts"))
    expressions = {
        spec.column: Subquery(facts.values(spec.path.removeprefix("facts__"))[:1])
        if spec.path.startswith("facts__")
        else F(spec.path)
        for spec in SPECS
    }
    rows = Sample.objects.annotate(**{f"x_{name}": expression for name, expression in expressions.items()})
    return rows, {name: f"x_{name}" for name in expressions}
