"""Accounts: who works here and what each may do."""

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    """Users, roles, job functions, teams, territories, absences, sign-in."""

    name = "accounts"

    def ready(self) -> None:
        # The one named exception to "no signals": permissions do not exist inside migrations, so the
        # shipped roles can only be brought in step afterwards. Django announces one app after the
        # other; only at the last one do the permissions of all of ours exist.
        last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
        post_migrate.connect(_sync_roles, sender=last, dispatch_uid="accounts.sync_roles")


def _sync_roles(sender: Any, using: str = "default", **_: Any) -> None:
    from accounts.domain.role import sync_roles  # import here: models are not loaded when apps are

    if using == "default":
        sync_roles()
