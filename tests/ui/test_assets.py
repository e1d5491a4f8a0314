"""Scripts and style sheets name the hash of what the browser gets, where the file can never change."""

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha384
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template import engines
from pytest_django.fixtures import Settings

from ui import assets

PAGE = """{% load ui %}
    {% stylesheet "css/base.css" %}{% script "js/theme.js" defer=False %}{% script "js/app.js" %}"""
ELEMENT = re.compile(r'(?:src|href)="/static/([^"]+)" integrity="([^"]+)"')


@pytest.fixture
def collected(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """Static files under hashed names, as production has them."""
    settings.STATIC_ROOT = tmp_path
    settings.HASHED_STATIC = True
    backend = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    call_command("collectstatic", interactive=False, verbosity=0)
    assets._hash.cache_clear()
    yield tmp_path
    assets._hash.cache_clear()


def rendered() -> str:
    return str(engines["django"].from_string(PAGE).render())


def test_each_file_under_a_hashed_name_carries_its_hash(collected: Path) -> None:
    found = ELEMENT.findall(rendered())
    assert [re.sub(r"\.[0-9a-f]{12}\.", ".", name) for name, _ in found] == [
        "css/base.css",
        "js/theme.js",
        "js/app.js",
    ]
    for name, integrity in found:
        digest = b64encode(sha384((collected / name).read_bytes()).digest()).decode()
        assert integrity == f"sha384-{digest}"


def test_only_the_theme_is_not_deferred(collected: Path) -> None:
    scripts = re.findall(r"<script[^>]*>", rendered())
    assert [" defer" in tag for tag in scripts] == [False, True]


def test_plain_names_carry_none_because_caches_may_hold_an_older_file() -> None:
    assert "integrity" not in rendered()
    assert '<link rel="stylesheet" href="/static/css/base.css">' in rendered()
