"""Item: what is sold."""

from django.db import models
from django.db.models.functions import Upper

from core.models import Archivable, Stamped, Versioned


class Item(Stamped, Versioned, Archivable):
    """An article or charge that order lines name.

    ``code`` is upper case and unique. ``kind`` tells goods from charges such as postage, which reports
    leave out of product figures.
    """

    class Kind(models.TextChoices):
        """What the item stands for."""

        GOODS = "goods", "Goods"
        CHARGE = "charge", "Charge"

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.GOODS)
    unit = models.CharField(max_length=10, default="pcs")
    search = models.CharField(max_length=200, editable=False, default="")

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=models.Q(code=Upper("code")), name="item_code_upper_case"),
            models.CheckConstraint(condition=~models.Q(code=""), name="item_code_given"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()
