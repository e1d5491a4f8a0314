"""Accounts: who works here and what each may do."""

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    """Users, roles, job functions, teams, territories, absences, sign-in."""

    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        # The one named exception to "no signals": permissions do not exist inside migrations, so the
        # shipped roles can only be brought in step afterwards. Django announces one app after the
        # other; only at the last one do the permissions of all of ours exist.
        last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
        post_migrate.connect(_sync_roles, sender=last, dispatch_uid="accounts.sync_roles")


def _sync_roles(sender: Any, using: str = "default", apps: Any = None, **_: Any) -> None:
    # import here: models are not loaded when apps are
    from accounts.domain.role import sync_roles
    from accounts.functions import permission_labels  # import here: for the same reason

    if using != "default":
        return
    # ``migrate some_app`` on an empty database stops half-way: then not all permissions exist yet.
    if apps is None or permission_labels() <= set(apps.app_configs):
        sync_roles()
