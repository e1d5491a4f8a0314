"""Territory: a region or segment of customers and who works it."""

from django.db import models

from accounts.models.user import User
from core.models import Versioned


class Territory(Versioned):
    """Customers of one region; its members see them."""

    name = models.CharField(max_length=80, unique=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    members: "models.ManyToManyField[User, TerritoryMember]" = models.ManyToManyField(
        User, through="accounts.TerritoryMember", related_name="territories"
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "territories"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("pk")),
                name="territory_not_its_own_parent",
            )
        ]

    def __str__(self) -> str:
        return self.name


class TerritoryMember(models.Model):
    """A user who works a territory."""

    territory = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="territory_memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["territory", "user"], name="territory_member_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.territory}"
