"""Addresses for pages that draw many links: each route is found once, not for each row."""

from functools import cache

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse

PLACE = 987_654_321  # stands for the id while the route of records is looked up


def page_url(name: str) -> str:
    """``reverse(name)``, of a route without parameters."""
    return _page(name, *_site())


def record_url(name: str, pk: int) -> str:
    """``reverse(name, args=[pk])``."""
    before, after = _around(name, *_site())
    return f"{before}{pk}{after}"


def _site() -> tuple[str, str]:
    """What routes depend on beside their names."""
    return get_urlconf() or settings.ROOT_URLCONF, get_script_prefix()


@cache
def _page(name: str, urlconf: str, prefix: str) -> str:
    return reverse(name, urlconf)


@cache
def _around(name: str, urlconf: str, prefix: str) -> tuple[str, str]:
    before, _, after = reverse(name, urlconf, args=[PLACE]).partition(str(PLACE))
    return before, after
