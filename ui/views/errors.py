"""The pages that say what went wrong and what to do."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import get_template

from core.registry import wired
from ui.sign_in import to_sign_in


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the address or the form cannot be read."""
    return render(request, "errors/400.html", status=400)


def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: names the job function that the route asks for, or says what the domain said."""
    context = {"missing": missing_functions(request), "reason": str(exception or "")}
    return render(request, "errors/403.html", context, status=403)


def missing_functions(request: HttpRequest) -> list[str]:
    """The labels of the job functions that grant what the user lacks, each once."""
    (function_of,) = wired("FUNCTION_OF")
    user: Any = request.user
    lacking = [name for name in getattr(request, "missing", ()) if not user.has_perm(name)]
    functions = [function_of(name) for name in lacking]
    return list(dict.fromkeys(function.label for function in functions if function is not None))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is nothing here, or nothing that the user may see."""
    return render(request, "errors/404.html", status=404)


def refused_input(request: HttpRequest, message: str) -> HttpResponse:
    """422: input that no form of ours sends; says what was wrong with it."""
    return render(request, "errors/422.html", {"message": message}, status=422)


def wrong_method(request: HttpRequest) -> HttpResponse:
    """405: an address that does something, opened like a page."""
    return render(request, "errors/405.html", status=405)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """403 for a form whose token is missing or old; nothing was saved.

    A fragment whose session is gone leads to the sign-in page; else a header tells the script what to say.
    """
    if "HX-Request" in request.headers and not request.user.is_authenticated:
        return to_sign_in(request)
    response = render(request, "errors/403_csrf.html", status=403)
    response.headers["X-Form-Too-Old"] = "1"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500: drawn without context, because whatever broke may be what the shell needs."""
    return HttpResponse(get_template("errors/500.html").render(), status=500)
