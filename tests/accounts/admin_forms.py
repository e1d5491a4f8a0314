"""The pages of the Django admin: their addresses, and filling them in as a browser would."""

from typing import Any

from django.test import Client

from accounts.models import Role

USERS, ROLES, TEAMS = "/admin/accounts/user/", "/admin/accounts/role/", "/admin/accounts/team/"
PAGES = [
    f"/admin/accounts/{name}/" for name in ("user", "role", "team", "territory", "absence", "organisation")
]


def page_of(row: Any) -> str:
    return f"/admin/accounts/{row._meta.model_name}/{row.pk}/change/"


def role(code: str) -> Role:
    return Role.objects.get(code=code)


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
