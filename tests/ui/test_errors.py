"""Error pages: the right status, the words that help, and no page without them."""

from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadhandler import FileUploadHandler
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from crm.models import Customer
from tests.people import SignIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_site")]


class Unwanted(FileUploadHandler):
    """No file may reach it."""

    def receive_data_chunk(self, *args: Any) -> None:
        raise AssertionError

    def file_complete(self, file_size: int) -> None:
        raise AssertionError


def test_403_names_the_missing_job_function(rep: Client) -> None:
    answer = rep.get("/status/")
    assert answer.status_code == 403
    assert '<b class="t1">CRM management</b>' in answer.content.decode()


def test_what_one_may_do_is_not_refused(manager: User, sign_in: SignIn) -> None:
    assert sign_in(manager).get("/status/").status_code == 200


def test_404_for_an_address_and_for_a_record_of_somebody_else(
    rep: Client, charlie: User, customer: Customer
) -> None:
    customer.owner = charlie
    customer.save()
    for address in ("/nothing/", "/customers/999999/", f"/customers/{customer.pk}/"):
        answer = rep.get(address)
        assert answer.status_code == 404
        assert b"There is nothing here" in answer.content


def test_404_for_a_visitor_has_no_sidebar() -> None:
    answer = Client().get("/nothing/")
    assert answer.status_code == 404
    assert b'id="sidebar"' not in answer.content


def test_400_for_control_characters_in_an_address(rep: Client) -> None:
    answer = rep.get("/customers/?q=%00")
    assert answer.status_code == 400
    assert b"cannot be read" in answer.content


def test_413_for_a_body_beyond_the_limit_before_anything_reads_it(
    settings: Settings,
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
    settings.FILE_UPLOAD_HANDLERS = ["tests.ui.test_errors.Unwanted"]
    for data in ({"login": "a" * 10_000}, {"file": BytesIO(b"0" * 10_000)}):
        answer = Client(enforce_csrf_checks=True).post("/accounts/login/", data)
        assert answer.status_code == 413
        assert b"This request is too large" in answer.content
        assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert Client().post("/accounts/login/", {"login": "a" * 9_000}).status_code == 422


@pytest.mark.parametrize("length", ["9" * 9, "9" * 5000])
def test_413_by_the_length_that_is_announced(length: str) -> None:
    assert Client().post("/accounts/login/", {}, CONTENT_LENGTH=length).status_code == 413


def test_500_is_drawn_without_the_shell(alice: User) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    answer = client.get("/broken/")
    assert answer.status_code == 500
    assert b"Something broke on our side" in answer.content
    assert b'id="sidebar"' not in answer.content


def test_a_form_without_its_token_is_refused(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    answer = client.post("/theme/", {"theme": "dark"})
    assert answer.status_code == 403
    assert b"This form is too old" in answer.content
    alice.refresh_from_db()
    assert alice.theme == "system"


@pytest.mark.parametrize("address", ["/accounts/logout/", "/theme/"])
def test_an_address_that_only_does_something_says_so(rep: Client, address: str) -> None:
    answer = rep.get(address)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "This address is not a page" in answer.content.decode()


@pytest.mark.parametrize(
    ("headers", "back"),
    [
        ({"Referer": "http://testserver/customers/7/edit/?a=1"}, "/customers/7/edit/?a=1"),
        ({"Referer": "http://elsewhere.example/customers/"}, "/"),
        ({}, "/"),
        ({"HX-Request": "true", "HX-Current-URL": "http://testserver/?q=x"}, "/?q=x"),
        ({"HX-Request": "true", "HX-Current-URL": "https://elsewhere.example/"}, "/"),
    ],
)
def test_signing_in_leads_back_to_the_form_that_was_sent(headers: dict[str, str], back: str) -> None:
    answer = Client().post("/customers/7/edit/", headers=headers)
    address = answer["HX-Redirect"] if "HX-Request" in headers else answer["Location"]
    assert parse_qs(urlsplit(address).query) == {"next": [back]}


def test_a_row_whose_session_is_gone_leads_to_sign_in_and_an_old_page_says_so(alice: User) -> None:
    htmx = {"HX-Request": "true", "HX-Current-URL": "http://testserver/customers/"}
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/customers/7/hold/", headers=htmx)
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Fcustomers%2F"
    strict.force_login(alice)
    answer = strict.post("/customers/7/hold/", headers=htmx)
    assert (answer.status_code, answer["X-Form-Too-Old"]) == (403, "1")
