"""Middleware without business knowledge: response headers and unacceptable characters."""

from collections.abc import Callable
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from core.text import has_control_characters

Handler = Callable[[HttpRequest], HttpResponseBase]


class ResponseHeadersMiddleware:
    """Headers of every answer that Django does not set itself."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if not request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class CleanInputMiddleware:
    """Refuses control characters in the address and its parameters with 400.

    No address of ours contains them, and PostgreSQL refuses NUL with an error; form bodies are checked
    by the forms themselves, which can name the field.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if has_control_characters(unquote(request.get_full_path())):
            return self.refuse(request)
        return self.get_response(request)

    def refuse(self, request: HttpRequest) -> HttpResponse:
        return render(request, "errors/400.html", status=400)
