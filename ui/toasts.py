"""Short confirmations at the bottom of the page, with undo where there is an inverse.

After a redirect they travel as Django messages, with a fragment as an htmx trigger. A toast says what
happened in a few words ("Follow-up closed").
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django_htmx.http import trigger_client_event

UNDO = "undo:"


def toast(request: HttpRequest, text: str, *, undo: str = "", error: bool = False) -> None:
    """Show ``text`` on the next whole page; ``undo`` is the address that takes the inverse by POST."""
    level = messages.ERROR if error else messages.SUCCESS
    messages.add_message(request, level, text, extra_tags=f"{UNDO}{undo}" if undo else "")


def with_toast(response: HttpResponse, text: str, *, undo: str = "", error: bool = False) -> HttpResponse:
    """Let the fragment ``response`` show ``text`` when it arrives, and refresh the sidebar's counts."""
    detail = {"text": text, "undo": undo, "level": "error" if error else "ok"}
    trigger_client_event(response, "tp:toast", detail)
    trigger_client_event(response, "tp:counts", {})
    return response
