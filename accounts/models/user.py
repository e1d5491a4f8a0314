"""User: a person who signs in."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from core.clock import database_now
from core.models import Versioned
from core.permissions import Access, RecordScope


class Theme(models.TextChoices):
    """How pages are coloured."""

    SYSTEM = "system", "Like the device"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class UserManager(BaseUserManager["User"]):
    """Finds users by e-mail in any case; making them is the domain's task."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """The first administrator, as ``manage.py createsuperuser`` makes him."""
        from accounts.domain.user import create_superuser  # import here: Django calls the manager by name

        now = database_now()  # clock: Django's command gives no time
        return create_superuser(email=email, password=password, now=now, **fields)


class User(AbstractBaseUser, PermissionsMixin, Versioned):
    """A person who signs in with an e-mail address.

    States: *active*; *suspended* (``suspended_at``: access ends at once, the work stays his);
    *deactivated* (``deactivated_at``: he left, after his work was handed over). Users are never deleted.
    What a user may do comes from roles; ``is_staff`` follows from the user administration function.
    """

    email = models.EmailField("e-mail", max_length=254, unique=True)
    name = models.CharField(max_length=120)
    job_title = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    theme = models.CharField(max_length=6, choices=Theme.choices, default=Theme.SYSTEM)
    letter_keys = models.BooleanField(default=True, editable=False)  # single letters are shortcuts
    is_active = models.BooleanField(default=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    suspended_at = models.DateTimeField(null=True, blank=True, editable=False)
    deactivated_at = models.DateTimeField(null=True, blank=True, editable=False)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)  # raised: all his sessions end
    roles: "models.ManyToManyField[Any, Any]" = models.ManyToManyField(
        "accounts.Role", through="accounts.UserRole", related_name="users"
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ["name", "pk"]
        permissions = [("administer_users", "Can administer users, roles and teams")]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case"),
            models.CheckConstraint(
                condition=models.Q(is_active=True, deactivated_at=None)
                | models.Q(is_active=False, deactivated_at__isnull=False),
                name="user_active_or_deactivated",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Whether a role grants ``perm``; nobody whose access is closed may do anything."""
        return self.can_sign_in and super().has_perm(perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        """Whether a role grants anything of the app."""
        return self.can_sign_in and super().has_module_perms(app_label)

    def get_session_auth_hash(self) -> str:
        """What a session must carry to be his: it changes with the password and with ``session_epoch``."""
        return self._of_this_epoch(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under the retired secret keys."""
        return map(self._of_this_epoch, super().get_session_auth_fallback_hash())

    def _of_this_epoch(self, session_hash: str) -> str:
        return f"{session_hash}.{self.session_epoch}"

    @property
    def is_staff(self) -> bool:
        """Whether the Django admin is open to him: the user administration function."""
        return self.has_perm("accounts.administer_users")

    @property
    def can_sign_in(self) -> bool:
        """Whether access is open: neither suspended nor deactivated."""
        return self.is_active and self.suspended_at is None

    @cached_property
    def access(self) -> Access:
        """What his roles permit and which records are his: read once per request, and kept no longer."""
        from accounts.domain.scope import access_of  # import here: the domain stands above the models

        return access_of(self)

    @cached_property
    def known_shares(self) -> dict[type[models.Model], list[tuple[int, str]]]:
        """The explicit shares that were read already, by model: kept as long as ``access``."""
        return {}

    @property
    def record_scope(self) -> RecordScope:
        """Which records are his own."""
        return self.access.scope
