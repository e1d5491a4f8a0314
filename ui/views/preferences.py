"""What each user chooses for himself: the theme, and whether single letters are shortcuts."""

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
    """Store light, dark, or like the device."""
    return _stored(request, "SET_THEME", "theme")


@policy(signed_in())
def letter_keys(request: HttpRequest) -> HttpResponse:
    """Store whether single letters are shortcuts: who speaks to his computer switches them off."""
    return _stored(request, "SET_LETTER_KEYS", "letter_keys")


def _stored(request: HttpRequest, verb: str, field: str) -> HttpResponse:
    """Store the user's choice and go back; a script has already applied it and wants no page."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    (store,) = wired(verb)
    user: Any = request.user
    try:
        store(user=user, by=user, now=database_now(), **{field: request.POST.get(field, "")})
    except Refused as refused:
        return refused_input(request, refused.message)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return HttpResponse(status=303, headers={"Location": safe_next(request, "/")})
