"""Addresses that are found once are those that Django would give each time."""

import pytest
from django.urls import reverse, set_script_prefix, set_urlconf
from pytest_django import Settings

from core.routes import page_url, record_url


@pytest.mark.parametrize("pk", [1, 7, 987_654_321, 2**63 - 1])
@pytest.mark.parametrize("name", ["crm:customer", "crm:action_complete", "orders:order", "events:event"])
def test_a_records_address(name: str, pk: int) -> None:
    assert record_url(name, pk) == reverse(name, args=[pk])


def test_a_pages_address() -> None:
    assert page_url("crm:followups") == reverse("crm:followups")


def test_the_address_follows_the_site(settings: Settings) -> None:
    ours = record_url("crm:customer", 7)
    try:
        set_script_prefix("/crm/")
        assert record_url("crm:customer", 7) == f"/crm{ours}"
        assert page_url("crm:customers").startswith("/crm/")
    finally:
        set_script_prefix("/")
    settings.ROOT_URLCONF = "tests.ui.site"
    set_urlconf(None)
    assert record_url("crm:hold", 7) == "/customers/7/hold/"
