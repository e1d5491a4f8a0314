"""Every page of crm, rung by rung: signed out, without the function, outside the records, inside."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.crm.views.conftest import World
from tests.people import SignIn

pytestmark = pytest.mark.django_db

LISTS = ["followups", "customers", "contacts"]
NEW = ["action_new", "customer_new", "contact_new"]
CUSTOMER = ["customer", "customer_timeline", "customer_log", "customer_edit", "customer_action_new"]
CONTACT = ["contact", "contact_edit", "contact_link", "contact_move", "contact_archive", "contact_restore"]
LINK = ["contact_unlink", "contact_main"]
ACTION = [
    "action",
    "action_complete",
    "action_reopen",
    "action_snooze",
    "action_wake",
    "action_hand_over",
    "action_claim",
    "action_start",
    "action_cancel",
    "action_log",
]
MANAGED = ["customer_archive", "customer_restore"]
RECORDS = [*CUSTOMER, *CONTACT, *LINK, *ACTION]


def address(name: str, world: World) -> str:
    if name in (*CUSTOMER, *MANAGED):
        return reverse(f"crm:{name}", args=[world.customer.pk])
    if name in LINK:
        return reverse(f"crm:{name}", args=[world.contact.pk, world.customer.pk])
    if name in CONTACT:
        return reverse(f"crm:{name}", args=[world.contact.pk])
    if name in ACTION:
        return reverse(f"crm:{name}", args=[world.action.pk])
    return reverse(f"crm:{name}")


@pytest.mark.parametrize("name", [*LISTS, *NEW, *RECORDS, "my_day", "customer_options"])
def test_it_works_for_who_owns_the_records(name: str, world: World, alice: User, sign_in: SignIn) -> None:
    assert sign_in(alice).get(address(name, world)).status_code == 200


@pytest.mark.parametrize("name", RECORDS)
def test_records_of_others_are_not_found(name: str, world: World, charlie: User, sign_in: SignIn) -> None:
    client = sign_in(charlie)
    assert client.get(address(name, world)).status_code == 404
    if name not in ("customer", "customer_timeline", "contact", "action"):
        assert client.post(address(name, world), {"reason": "x", "version": 1}).status_code == 404


@pytest.mark.parametrize("name", MANAGED)
def test_archiving_takes_the_right_and_the_record(
    name: str, world: World, alice: User, manager: User, sign_in: SignIn
) -> None:
    assert sign_in(alice).get(address(name, world)).status_code == 403
    assert sign_in(manager).get(address(name, world)).status_code == 200


@pytest.mark.parametrize("name", [*LISTS, *NEW, *RECORDS, *MANAGED, "customer_options"])
def test_without_the_function_it_is_refused(name: str, world: World, nobody: User, sign_in: SignIn) -> None:
    client = sign_in(nobody)
    assert client.get(address(name, world)).status_code == 403
    assert client.post(address(name, world)).status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        *NEW,
        *MANAGED,
        *(name for name in RECORDS if name not in ("customer", "customer_timeline", "contact", "action")),
    ],
)
def test_who_only_reads_changes_nothing(name: str, world: World, reader: User, sign_in: SignIn) -> None:
    client = sign_in(reader)
    assert client.get(address(name, world)).status_code == 403
    assert client.post(address(name, world)).status_code == 403


@pytest.mark.parametrize("name", [*LISTS, *NEW, *RECORDS, *MANAGED, "my_day", "customer_options"])
def test_a_visitor_is_sent_to_sign_in(name: str, world: World) -> None:
    response = Client().get(address(name, world))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", [*LISTS, "customer", "customer_timeline", "contact", "action", "my_day"])
def test_pages_that_only_show_take_no_post(name: str, world: World, alice: User, sign_in: SignIn) -> None:
    assert sign_in(alice).post(address(name, world)).status_code == 405


def test_without_the_function_my_day_says_so(nobody: User, sign_in: SignIn) -> None:
    response = sign_in(nobody).get("/")
    assert response.status_code == 200
    assert "Your roles have no follow-ups" in response.content.decode()


@pytest.mark.parametrize("pk", [2**31, 2**63, 10**30])
def test_a_huge_id_is_not_found(pk: int, alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    for path in (f"/customers/{pk}/", f"/contacts/{pk}/edit/", f"/followups/{pk}/complete/"):
        assert client.get(path).status_code == 404
