"""The theme choice: light, dark, or like the device."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from core.clock import database_now
from core.errors import Refused
from core.permissions import policy, signed_in
from core.registry import wired
from ui.views.errors import refused_input
from ui.views.page import safe_next


@policy(signed_in())
def theme(request: HttpRequest) -> HttpResponse:
    """Store the user's choice and go back; a script has already applied it and wants no page."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    (set_theme,) = wired("SET_THEME")
    user: Any = request.user
    try:
        set_theme(user=user, theme=request.POST.get("theme", ""), by=user, now=database_now())
    except Refused as refused:
        return refused_input(request, refused.message)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return HttpResponse(status=303, headers={"Location": safe_next(request, "/")})
