"""Detail, form and action pages: scope, refusals, what stays, and what a fragment gets."""

import json

import pytest
from django.test import Client

from accounts.models import User
from crm.models import Customer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_site")]

HTMX = {"HX-Request": "true"}
GOOD = {"form_token": "6f0c1d9e-8f62-4a1e-9a53-1f8a5a0f3b77", "name": "Harbour Lane", "tier": "B"}


def test_a_wired_panel_stands_on_the_page(rep: Client, customer: Customer) -> None:
    assert b"<h2>Ownership</h2>" in rep.get(f"/customers/{customer.pk}/").content


def test_a_panel_that_gives_nothing_is_absent(rep: Client, customer: Customer, alice: User) -> None:
    Customer.objects.filter(pk=customer.pk).update(owner=None, team=alice.teams.get())
    answer = rep.get(f"/customers/{customer.pk}/")
    assert answer.status_code == 200
    assert b"<h2>Ownership</h2>" not in answer.content


def test_saving_goes_to_the_record_with_a_confirmation(rep: Client, customer: Customer) -> None:
    answer = rep.post(f"/customers/{customer.pk}/edit/", GOOD)
    assert (answer.status_code, answer["Location"]) == (302, f"/customers/{customer.pk}/")
    assert b"Customer saved" in rep.get(answer["Location"]).content
    customer.refresh_from_db()
    assert customer.name == "Harbour Lane"


def test_saving_by_htmx_loads_the_record(rep: Client, customer: Customer) -> None:
    answer = rep.post(f"/customers/{customer.pk}/edit/", GOOD, headers=HTMX)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/customers/{customer.pk}/")


def test_bad_input_is_422_at_its_field_and_stays(rep: Client, customer: Customer) -> None:
    answer = rep.post(
        f"/customers/{customer.pk}/edit/", {**GOOD, "name": "", "tier": "Z", "note": "kept text"}
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "2 things need your attention" in html
    assert '<a class="c-danger" href="#id_name">Name: Fill in this field.</a>' in html
    assert 'aria-invalid="true" aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_error"' in html
    assert "kept text" in html
    customer.refresh_from_db()
    assert customer.name == "Harbour Lane Gifts"


def test_bad_input_by_htmx_gets_the_form_only(rep: Client, customer: Customer) -> None:
    answer = rep.post(f"/customers/{customer.pk}/edit/", {**GOOD, "name": ""}, headers=HTMX)
    assert answer.status_code == 422
    assert b"<html" not in answer.content
    assert b"data-error-summary" in answer.content


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "x" * 121])
def test_unacceptable_text_is_an_error_not_a_crash(rep: Client, customer: Customer, text: str) -> None:
    assert rep.post(f"/customers/{customer.pk}/edit/", {**GOOD, "name": text}).status_code == 422


def test_what_the_domain_refuses_stands_at_its_field(rep: Client, customer: Customer) -> None:
    answer = rep.post(f"/customers/{customer.pk}/edit/", {**GOOD, "name": "taken"})
    assert answer.status_code == 422
    assert answer.content.count(b"This name is in use.") == 2  # summary and field


def test_a_refusal_of_the_whole_form_is_said_once(rep: Client, customer: Customer) -> None:
    answer = rep.post(f"/customers/{customer.pk}/edit/", {**GOOD, "name": "late"})
    assert answer.status_code == 422
    assert answer.content.count(b"The day is closed.") == 1


def test_a_right_that_the_domain_misses_is_403_with_its_sentence(rep: Client, customer: Customer) -> None:
    answer = rep.post(f"/customers/{customer.pk}/edit/", {**GOOD, "name": "forbidden"})
    assert answer.status_code == 403
    assert b"Only the owner may rename a customer." in answer.content


@pytest.mark.parametrize("page", ["", "edit/", "hold/"])
def test_records_of_others_are_not_found(rep: Client, customer: Customer, charlie: User, page: str) -> None:
    Customer.objects.filter(pk=customer.pk).update(owner=charlie)
    assert rep.get(f"/customers/{customer.pk}/{page}").status_code == 404
    if page:
        assert rep.post(f"/customers/{customer.pk}/{page}", GOOD).status_code == 404


def test_an_action_asks_by_get_and_acts_by_post(rep: Client, customer: Customer) -> None:
    address = f"/customers/{customer.pk}/hold/"
    asked = rep.get(f"{address}?next=/customers/")
    assert b'name="next" value="/customers/"' in asked.content
    customer.refresh_from_db()
    assert customer.status == Customer.Status.ACTIVE
    answer = rep.post(address, {"next": "/customers/"})
    assert answer["Location"] == "/customers/"
    customer.refresh_from_db()
    assert customer.status == Customer.Status.ON_HOLD
    assert f'action="{address}"' in rep.get("/about/").content.decode()  # the toast's undo


def test_an_action_goes_to_the_record_when_the_way_back_leaves_the_site(
    rep: Client, customer: Customer
) -> None:
    answer = rep.post(f"/customers/{customer.pk}/hold/", {"next": "//elsewhere.example/"})
    assert answer["Location"] == f"/customers/{customer.pk}/"


def test_a_row_gets_itself_back_with_a_toast(rep: Client, customer: Customer) -> None:
    answer = rep.post(f"/customers/{customer.pk}/hold/", headers={**HTMX, "HX-Target": "row-1"})
    assert answer.content.decode().strip() == '<span class="chip">On hold</span>'
    told = json.loads(answer["HX-Trigger"])
    assert told["tp:toast"] == {"text": "On hold", "undo": f"/customers/{customer.pk}/hold/", "level": "ok"}
    assert "tp:counts" in told


def test_a_refused_row_comes_back_unchanged_and_says_why(rep: Client, customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(status=Customer.Status.CLOSED)
    answer = rep.post(f"/customers/{customer.pk}/hold/", headers={**HTMX, "HX-Target": "row-1"})
    assert answer.status_code == 422
    assert answer.content.decode().strip() == '<span class="chip">Closed</span>'
    toast = json.loads(answer["HX-Trigger"])["tp:toast"]
    assert (toast["level"], toast["text"]) == ("error", "A closed customer cannot be put on hold.")


def test_a_refused_action_page_shows_its_form_again(rep: Client, customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(status=Customer.Status.CLOSED)
    for headers in ({}, {**HTMX, "HX-Target": "form"}):
        answer = rep.post(f"/customers/{customer.pk}/hold/", headers=headers)
        assert answer.status_code == 422
        assert answer.content.count(b"A closed customer cannot be put on hold.") == 1
        assert (b"<html" in answer.content) is not bool(headers)
