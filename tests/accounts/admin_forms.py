"""Filling in the pages of the Django admin as a browser would."""

from typing import Any

from django.test import Client


def filled(client: Client, path: str, **changes: Any) -> dict[str, Any]:
    """What the form at ``path`` would send, with ``changes``; None takes a field away."""
    form = client.get(path).context["adminform"].form
    data: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if bound.name == "levels":
            data |= {f"levels-{code}": str(level) for code, level in (value or {}).items()}
        elif isinstance(value, list | tuple) or hasattr(value, "iterator"):
            data[bound.html_name] = [getattr(item, "pk", item) for item in value]
        elif value is True:
            data[bound.html_name] = "on"
        elif value not in (None, False, ""):
            data[bound.html_name] = value
    data |= changes
    return {name: value for name, value in data.items() if value is not None}


def errors(response: Any) -> dict[str, list[str]]:
    """The errors of the form on an answer, by field."""
    return {name: list(found) for name, found in response.context["adminform"].form.errors.items()}


def notes(client: Client, path: str = "/admin/") -> list[str]:
    """The messages that the next page shows."""
    return [str(message) for message in client.get(path).context["messages"]]
