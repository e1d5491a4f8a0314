"""Middleware of the interface."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from ui.views.errors import wrong_method


class WrongMethodMiddleware:
    """Says in words what Django says with an empty page: an address that only forms of ours may ask."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.content:
            return response
        page = wrong_method(request)
        page.headers["Allow"] = response.headers.get("Allow", "")
        return page
