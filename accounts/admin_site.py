"""The Django admin of this installation, where administrators assign roles."""

from typing import Any

from django.contrib.admin import AdminSite
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponseBase

from accounts.views.sign_in import SignOut
from ui.sign_in import to_sign_in

# Pages of the stock admin that go round our own: its password form, and look-ups by any key.
UNUSED = {"password_change", "password_change_done", "autocomplete", "view_on_site"}


class TouchpointAdminSite(AdminSite):
    """Open with the user administration function only; uses the product's own sign-in and sign-out."""

    site_header = site_title = "Touchpoint administration"
    index_title = "Users, roles and teams"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Accept only the pages of accounts.

        Those that other packages bring (groups with permissions, sign-in attempts) would go round the
        domain and its journal.
        """
        models: Any = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else model_or_iterable
        own = [model for model in models if model._meta.app_label == "accounts"]
        super().register(own, admin_class, **options)

    def get_urls(self) -> list[Any]:
        return [url for url in super().get_urls() if getattr(url, "name", None) not in UNUSED]

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_authenticated and request.user.is_staff)

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return to_sign_in(request)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        response: HttpResponseBase = SignOut.as_view()(request)
        return response
