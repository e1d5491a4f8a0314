"""What load balancers and container engines ask: does this process answer, and can it work?"""

from collections.abc import Callable

from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from core.clock import database_now
from core.permissions import policy, public
from core.registry import wired
from core.tasks import broker_fault


@policy(public("load balancers do not sign in"))
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers. Asks nothing else: a broken database is no reason to restart this process."""
    return JsonResponse({"status": "ok"})


@policy(public("load balancers do not sign in; reasons name no host and no record"))
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, broker and heartbeat are in order, else 503 with a sentence for each fault."""
    reasons = faults()
    status = "not ready" if reasons else "ready"
    return JsonResponse({"status": status, "reasons": reasons}, status=503 if reasons else 200)


def faults() -> list[str]:
    """What keeps this process from working, one sentence each; empty when all is well."""
    try:
        database_now()
    except Error:
        return ["The database does not answer."]  # the other questions need it
    questions: tuple[Callable[[], str], ...] = (broker_fault, *wired("READINESS_CHECKS"))
    try:
        return [sentence for sentence in (question() for question in questions) if sentence]
    except Error:
        return ["The database's tables are not up to date."]
