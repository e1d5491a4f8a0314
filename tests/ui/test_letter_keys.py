"""Whether single letters are shortcuts is the user's own choice, and follows him to every browser."""

import pytest
from django.test import Client

from accounts.models import User
from tests.people import SignIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_site")]
OFF = 'data-letter-keys="off"'


def test_the_choice_is_kept_and_follows_the_user(rep: Client, alice: User, sign_in: SignIn) -> None:
    assert OFF not in rep.get("/customers/").content.decode()
    answer = rep.post("/keys/", {"letter_keys": "off", "next": "/customers/?sort=name"})
    assert (answer.status_code, answer["Location"]) == (303, "/customers/?sort=name")
    html = sign_in(alice).get("/customers/").content.decode()
    assert OFF in html
    assert 'value="on"\n                  aria-pressed="false"' in html
    rep.post("/keys/", {"letter_keys": "on"})
    assert OFF not in sign_in(alice).get("/customers/").content.decode()


def test_it_is_nobody_elses(rep: Client, bob: User, sign_in: SignIn) -> None:
    rep.post("/keys/", {"letter_keys": "off"})
    assert OFF not in sign_in(bob).get("/customers/").content.decode()


def test_a_script_gets_no_page(rep: Client) -> None:
    assert rep.post("/keys/", {"letter_keys": "off"}, headers={"HX-Request": "true"}).status_code == 204


@pytest.mark.parametrize("choice", ["", "maybe", "off\x00"])
def test_an_unknown_choice_is_refused(rep: Client, alice: User, choice: str) -> None:
    answer = rep.post("/keys/", {"letter_keys": choice})
    assert answer.status_code == 422
    assert b"Switch the keys on or off." in answer.content
    alice.refresh_from_db()
    assert alice.letter_keys


def test_get_changes_nothing(rep: Client) -> None:
    answer = rep.get("/keys/?letter_keys=off")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
