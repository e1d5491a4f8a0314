"""The theme choice is the user's own, is kept, and stands in the page before the first paint."""

import pytest
from django.test import Client

from accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_site")]


@pytest.mark.parametrize(("choice", "theme"), [("dark", "dark"), ("light", "light"), ("system", "light")])
def test_the_choice_is_kept_and_drawn(rep: Client, alice: User, choice: str, theme: str) -> None:
    answer = rep.post("/theme/", {"theme": choice, "next": "/customers/?sort=name"})
    assert (answer.status_code, answer["Location"]) == (303, "/customers/?sort=name")
    alice.refresh_from_db()
    assert alice.theme == choice
    head = " ".join(rep.get("/customers/").content.decode().split())
    assert f'data-bs-theme="{theme}" data-theme-choice="{choice}"' in head
    assert head.index("theme.js") < head.index("bootstrap.min.css")


def test_a_script_gets_no_page(rep: Client) -> None:
    assert rep.post("/theme/", {"theme": "dark"}, headers={"HX-Request": "true"}).status_code == 204


@pytest.mark.parametrize("theme", ["", "pink", "dark\x00", "d" * 5000])
def test_an_unknown_theme_is_refused(rep: Client, alice: User, theme: str) -> None:
    answer = rep.post("/theme/", {"theme": theme})
    assert answer.status_code == 422
    assert b"Choose light, dark or like the device." in answer.content
    alice.refresh_from_db()
    assert alice.theme == "system"


def test_the_way_back_never_leaves_the_site(rep: Client) -> None:
    for target in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"):
        assert rep.post("/theme/", {"theme": "dark", "next": target})["Location"] == "/"


@pytest.mark.parametrize(
    ("target", "quoted"),
    [
        ("/a\nX-Injected: 1", "/a%0AX-Injected:%201"),
        ("/a\r\nSet-Cookie: a=1", "/a%0D%0ASet-Cookie:%20a=1"),
        ("/a\x00", "/a%00"),
        ("/customers/?q=caf\u00e9 \u2603", "/customers/?q=caf%C3%A9%20%E2%98%83"),
        ("/customers/?q=caf%C3%A9", "/customers/?q=caf%C3%A9"),
    ],
)
def test_the_way_back_is_quoted_for_the_header(rep: Client, target: str, quoted: str) -> None:
    assert rep.post("/theme/", {"theme": "dark", "next": target})["Location"] == quoted
    assert rep.post("/keys/", {"letter_keys": "on", "next": target})["Location"] == quoted


def test_get_changes_nothing(rep: Client) -> None:
    answer = rep.get("/theme/?theme=dark")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_a_visitor_has_no_stored_choice() -> None:
    assert b"data-theme-choice" not in Client().get("/accounts/login/").content
