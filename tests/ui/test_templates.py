"""Every template keeps to the content policy: nothing inline that the browser would refuse to apply."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
BANNED = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I | re.S),
    "a style element": re.compile(r"<style\b", re.I),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.I),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.I | re.S),
    "an hx-on attribute": re.compile(r"\bhx-on\b", re.I),
    "a computed htmx value": re.compile(r"hx-(?:vals|headers)\s*=\s*[\"']?(?:js|javascript):", re.I),
    "a javascript address": re.compile(r"(?:href|action)\s*=\s*[\"']?\s*javascript:", re.I),
    "a file from another host": re.compile(
        r"<(?:script|link|img)\b[^>]*(?:src|href)=[\"'](?:https?:)?//", re.I
    ),
}
LOADED_BY_HAND = re.compile(r"<script\b|<link\b[^>]*\bstylesheet\b", re.I)
COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", re.S)


def violations(text: str) -> list[str]:
    """What in a template's ``text`` the content policy forbids."""
    text = COMMENT.sub("", text)
    return [name for name, pattern in BANNED.items() if pattern.search(text)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_template_has_nothing_inline(path: Path) -> None:
    assert violations(path.read_text()) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_scripts_and_style_sheets_come_by_their_tags(path: Path) -> None:
    """The tags add the hash that the browser compares; what is written by hand has none."""
    assert not LOADED_BY_HAND.search(COMMENT.sub("", path.read_text()))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_template_compiles(path: Path) -> None:
    engines["django"].get_template(str(path.relative_to(settings.BASE_DIR / "templates")))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('<div class="a" style="color:red">', "a style attribute"),
        ("<style>a{}</style>", "a style element"),
        ("<script>go()</script>", "an inline script"),
        ('<button onclick="go()">', "an event handler"),
        ('<button hx-on:click="go()">', "an hx-on attribute"),
        ('<button hx-vals="js:{a: 1}">', "a computed htmx value"),
        ('<a href="javascript:go()">', "a javascript address"),
        ('<script src="https://elsewhere.example/x.js"></script>', "a file from another host"),
    ],
)
def test_the_rules_find_what_they_forbid(text: str, name: str) -> None:
    assert name in violations(text)
