"""What browser tests share: signing in, accessibility, and what the browser complained about."""

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _axe() -> str:
    return (settings.BASE_DIR / "tests/vendor/axe-core-4.14.1/axe.min.js").read_text()


def sign_in_browser(page: Page, server: LiveServer, user: User) -> None:
    """Give the browser a session of ``user``, without the sign-in page."""
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": server.url}])


def accessibility_findings(page: Page) -> list[str]:
    """What axe-core finds on the page as it stands: rule, and the element."""
    page.evaluate(_axe())
    run = f"axe.run(document, {{runOnly: {json.dumps(RULES)}}}).then(result => result.violations)"
    found: list[dict[str, Any]] = page.evaluate(run)
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def assert_accessible(page: Page) -> None:
    """No finding of axe-core, and nothing that makes the page scroll sideways."""
    assert accessibility_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


@dataclass
class Complaints:
    """Errors of the console: scripts, refused by the content policy, missing files."""

    lines: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, page: Page) -> "Complaints":
        """Start to listen to ``page``; the status of an answered request is no complaint."""
        heard = cls()
        page.on("pageerror", lambda error: heard.lines.append(str(error)))
        page.on("console", lambda message: heard.note(message.type, message.text))
        return heard

    def note(self, kind: str, text: str) -> None:
        """Keep errors and warnings; a 4xx or 5xx that the test asked for is none."""
        if kind in ("error", "warning") and "the server responded with a status of" not in text:
            self.lines.append(text)
