"""Every request: who asks, and may he."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import ResolverMatch
from django.utils import timezone

from accounts.domain.organisation import keeping, organisation
from accounts.models import Organisation
from core.clock import DatabaseNow
from core.permissions import Policy
from core.registry import wired
from ui.context import Shell
from ui.sign_in import to_sign_in

Handler = Callable[[HttpRequest], HttpResponseBase]


class PolicyMiddleware:
    """Asks the policy that each route declares; a route without one is a programming error."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        policy = policy_of(request.resolver_match) if request.resolver_match else None
        if policy is None:
            raise ImproperlyConfigured(f"The route of {request.path} declares no policy.")
        if policy.allows(request.user):
            return None
        if not request.user.is_authenticated:
            return to_sign_in(request)
        request.missing = policy.permissions  # type: ignore[attr-defined]  # for the page that says what is missing
        raise PermissionDenied


def policy_of(match: ResolverMatch) -> Policy | None:
    """The policy that the view of a route declares, or that of a foreign route by its name or namespace."""
    own: Policy | None = getattr(getattr(match.func, "view_class", match.func), "policy", None)
    if own is not None:
        return own
    (foreign,) = wired("FOREIGN_POLICIES")
    for name in (match.view_name, f"{match.namespace}:*"):
        if name in foreign:
            found: Policy = foreign[name]
            return found
    return None


class TimeZoneMiddleware:
    """Reads the organisation and the clock in one query, and shows times on the organisation's clock."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.get_response(request)
        found = Organisation.objects.annotate(now=DatabaseNow()).first()
        if found is not None:
            Shell.of(request).now = found.now
        own = found or organisation()  # the first request of an installation makes it
        with keeping(own), timezone.override(own.zone):
            return self.get_response(request)
