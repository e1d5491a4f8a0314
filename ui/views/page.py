"""What every page has in common: a policy, the present instant, and an answer as page or as fragment."""

from datetime import date, datetime
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from core.permissions import Policy
from ui.context import Shell


class Page(View):
    """Base of the pages. A subclass sets ``policy``, ``title`` and ``template_name``.

    Requests by htmx get ``fragment_name`` when it is set: the part of the page that they replace.
    """

    policy: ClassVar[Policy]
    title = ""
    template_name = ""
    fragment_name = ""

    @property
    def now(self) -> datetime:
        """The instant of the request; handed down to everything below."""
        return Shell.of(self.request).now

    @property
    def today(self) -> date:
        """The calendar day of the request in its time zone."""
        return Shell.of(self.request).today

    @property
    def wants_fragment(self) -> bool:
        """Whether htmx asks for the part it replaces, not for a page to show whole."""
        htmx = self.request.htmx  # type: ignore[attr-defined]  # set by django-htmx
        return bool(htmx and self.fragment_name and not htmx.boosted and not htmx.history_restore_request)

    def context(self, **extra: Any) -> dict[str, Any]:
        """What the template gets."""
        return {"view": self, "title": self.title, "now": self.now, "today": self.today, **extra}

    def answer(self, status: int = 200, **extra: Any) -> HttpResponse:
        """The page, or its fragment, with ``extra`` in the context."""
        template = self.fragment_name if self.wants_fragment else self.template_name
        response = render(self.request, template, self.context(**extra), status=status)
        patch_vary_headers(response, ["HX-Request"])
        return response


def redirect_to(request: HttpRequest, url: str) -> HttpResponse:
    """Go to ``url``: by a redirect, or by htmx loading the whole page."""
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def safe_next(request: HttpRequest, default: str) -> str:
    """The address in the parameter ``next`` when it leads to this site, else ``default``.

    It is quoted for use in a header, where a line break would be an error and other letters garbled.
    """
    url = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return iri_to_uri(url) if url and is_ours else default
