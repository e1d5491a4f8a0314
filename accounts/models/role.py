"""Role: what a kind of employee may do, as job functions with levels."""

from django.contrib.auth.models import Group
from django.db import models

from core.models import Versioned


class Level(models.IntegerChoices):
    """How much of a job function a role grants; each level includes those below."""

    VIEW = 1, "View"
    EDIT = 2, "Edit"
    MANAGE = 3, "Manage"


class JobFunction(models.Model):
    """A named piece of work such as order entry; named in code and kept in step after each migration.

    What each level permits stands in ``accounts.functions``.
    """

    code = models.CharField(max_length=40, unique=True)
    label = models.CharField(max_length=80)
    description = models.CharField(max_length=250, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.label


class Role(Versioned):
    """A set of job functions with levels that administrators give to users.

    Each role owns one ``auth.Group`` that carries exactly the permissions of its levels, so that
    Django's ``has_perm`` and record shares keep working. Shipped roles have a ``code``; their levels
    can be changed, the roles cannot be removed.
    """

    code = models.CharField(max_length=40, unique=True, null=True, blank=True, editable=False)
    name = models.CharField(max_length=80, unique=True)
    description = models.CharField(max_length=250, blank=True)
    all_records = models.BooleanField("sees all records", default=False)
    group = models.OneToOneField(Group, on_delete=models.PROTECT, editable=False, related_name="role")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RoleFunction(models.Model):
    """The level at which a role holds a job function; no row means none."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="functions")
    function = models.ForeignKey(JobFunction, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(choices=Level.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role", "function"], name="role_function_once"),
            models.CheckConstraint(condition=models.Q(level__in=Level.values), name="role_function_level"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.function} {self.get_level_display()}"


class UserRole(models.Model):
    """A role that a user has."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="user_roles")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="user_roles")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="user_role_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"
