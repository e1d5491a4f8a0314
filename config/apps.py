"""Project-level apps: wiring checks at start, and the admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConfigConfig(AppConfig):
    """Carries what belongs to the installation as a whole."""

    name = "config"


class TouchpointAdminConfig(AdminConfig):
    """Django admin, reachable only with the user administration job function."""

    default_site = "accounts.admin_site.TouchpointAdminSite"
