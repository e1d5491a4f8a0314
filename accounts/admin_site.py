"""The Django admin of this installation, where administrators assign roles."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest


class TouchpointAdminSite(AdminSite):
    """Open with the user administration function only; uses the product's own sign-in."""

    site_header = site_title = "Touchpoint administration"
    index_title = "Users, roles and teams"

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_authenticated and request.user.is_staff)
