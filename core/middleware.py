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
        response.headers.setdefault("Cache-Control", "no-store")  # static files bring their own
        return response


class BodySizeMiddleware:
    """Refuses bodies above ``DATA_UPLOAD_MAX_MEMORY_SIZE`` with 413, before anything reads them.

    Django's own limit leaves files out: it would write those of any visitor to the disk, however large.
    A body without a length is none for Django.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if len(length) > len(str(most)) or (length.isdecimal() and int(length) > most):
            return render(request, "errors/413.html", {"most": most}, status=413)
        return self.get_response(request)


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
