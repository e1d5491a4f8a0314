"""The way to the sign-in page, and back to where one was."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page, coming back to the page that was asked for or that the request came from."""
    address = f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': _page(request)})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=200, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _page(request: HttpRequest) -> str:
    """The page in the browser's address line: what a form or a fragment belongs to, not its own address."""
    is_fragment = "HX-Request" in request.headers
    if request.method == "GET" and not is_fragment:
        return request.get_full_path()
    shown = request.headers.get("HX-Current-URL" if is_fragment else "Referer", "")
    if not url_has_allowed_host_and_scheme(shown, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(shown)
    return f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
