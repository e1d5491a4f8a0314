"""The sidebar as a fragment, for refreshing its counts."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.permissions import policy, signed_in
from ui.context import Shell
from ui.navigation import navigation


@policy(signed_in())
def counts(request: HttpRequest) -> HttpResponse:
    """The navigation as it stands on the page that htmx says it asks from."""
    path = urlsplit(request.headers.get("HX-Current-URL", "")).path
    groups = navigation(request.user, path, Shell.of(request).now)
    return render(request, "components/nav.html", {"groups": groups})
