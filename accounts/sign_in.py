"""What counts as one attempt to sign in: the same e-mail from the same address. The door to axes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.contrib.auth import authenticate
from django.db.models import Sum
from django.http import HttpRequest

from accounts.models import User
from core.errors import Refused

MOST_FROM_ONE_ADDRESS = 100  # failures; a whole office may share one
COOL_OFF = timedelta(hours=settings.AXES_COOLOFF_TIME)


def attempted_name(request: HttpRequest | None, credentials: Mapping[str, Any] | None = None) -> str:
    """The e-mail of an attempt, as accounts store it.

    The form's field, what reaches the backends and what axes says of a user have three different keys.
    """
    held = credentials or {}
    name = held.get("email") or held.get("username") or held.get("login")
    if not name and request is not None:
        name = request.POST.get("login")
    return str(name or "").strip().lower()[:254]


def client_address(request: HttpRequest) -> str | None:
    """Where an attempt comes from; for IPv6 the network, of which one client has 2^64 addresses.

    Behind ``TRUSTED_PROXIES`` proxies it is what the outermost of them wrote into X-Forwarded-For; what
    stands further left the client may have invented.
    """
    proxies = settings.TRUSTED_PROXIES
    header = request.headers.get("X-Forwarded-For", "")
    forwarded = [part.strip() for part in header.split(",") if part.strip()]
    written = forwarded[-proxies] if 0 < proxies <= len(forwarded) else request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(written)
    except ValueError:
        return None
    return str(ip_network((address, 64), strict=False).network_address if address.version == 6 else address)


def check_present_password(request: HttpRequest, user: User, password: str) -> None:
    """Refuse a wrong password; wrong ones count as failed attempts to sign in, and lock like those.

    Else a session left open would be the place to guess it.
    """
    if authenticate(request, email=user.email, password=password) == user:
        return
    if getattr(request, "axes_locked_out", False):
        request.axes_locked_out = False  # type: ignore[attr-defined]  # axes would answer with the page for visitors
        raise Refused("Too many wrong passwords: wait 15 minutes, then try again.", field="current")
    raise Refused("This is not your present password.", field="current")


def tries_many_emails(request: HttpRequest, *, now: datetime) -> bool:
    """Whether too many attempts failed lately from where the request comes, whatever e-mails they named.

    The lock-out of one e-mail does not see somebody who tries one common password with many.
    """
    address = client_address(request)
    if address is None:
        return False
    recent = AccessAttempt.objects.filter(ip_address=address, attempt_time__gt=now - COOL_OFF)
    failures = recent.aggregate(count=Sum("failures_since_start"))["count"] or 0
    return int(failures) >= MOST_FROM_ONE_ADDRESS


def end_lock_out(email: str) -> int:
    """Forget the failed attempts with ``email``, from everywhere; how many rows those were."""
    return int(reset(username=email))
