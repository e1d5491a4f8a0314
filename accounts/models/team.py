"""Team: people who share records under a lead."""

from django.db import models

from accounts.models.user import User
from core.models import Versioned


class Team(Versioned):
    """A group of users; the lead also sees the records of the teams below (``parent``)."""

    name = models.CharField(max_length=80, unique=True)
    lead = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="led_teams")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    members: "models.ManyToManyField[User, TeamMember]" = models.ManyToManyField(
        User, through="accounts.TeamMember", related_name="teams"
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("pk")),
                name="team_not_its_own_parent",
            )
        ]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """A user's membership in a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="team_member_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"
