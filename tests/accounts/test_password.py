"""Changing one's own password: what it asks, what it ends, and what it looks like."""

from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.domain.user import change_password
from accounts.models import User
from activity.models import Entry
from core.errors import Denied
from tests.factories import NOW, PASSWORD
from tests.people import SignIn
from tests.ui.browser import DESKTOP, PHONE, Complaints, assert_accessible, sign_in_browser

PAGE = "/accounts/password/"
FRESH = "Blue-Tractor-9-Lamp"


def send(client: Client, *, current: str = PASSWORD, password: str = FRESH, again: str | None = None) -> Any:
    again = password if again is None else again
    return client.post(PAGE, {"current": current, "password": password, "again": again})


def signs_in(user: User, password: str) -> bool:
    answer = Client().post("/accounts/login/", {"login": user.email, "password": password})
    return answer.status_code == 302


@pytest.mark.django_db
class TestChange:
    def test_the_new_password_works_and_the_old_one_no_more(self, alice: User, sign_in: SignIn) -> None:
        response = send(sign_in(alice))
        assert response.status_code == 302
        assert signs_in(alice, FRESH)
        assert not signs_in(alice, PASSWORD)
        entry = Entry.objects.get(verb="user.password_changed")
        assert (entry.by, entry.subject_id) == (alice, alice.pk)
        assert FRESH not in str(entry.data)

    def test_the_other_sessions_end_and_this_one_goes_on(self, alice: User, sign_in: SignIn) -> None:
        here, elsewhere = sign_in(alice), sign_in(alice)
        before = here.session.session_key
        assert elsewhere.get("/").status_code == 200
        send(here)
        assert here.get("/").status_code == 200
        assert here.session.session_key != before
        assert elsewhere.get("/").status_code == 302

    def test_everybody_may_and_finds_it_in_the_account_menu(self, nobody: User, sign_in: SignIn) -> None:
        client = sign_in(nobody)
        assert f'href="{PAGE}?next=' in client.get("/about/").content.decode()
        assert client.get(PAGE).status_code == 200

    def test_goes_back_to_the_page_it_came_from_but_not_to_another_site(
        self, alice: User, sign_in: SignIn
    ) -> None:
        client = sign_in(alice)
        form = {"current": PASSWORD, "password": FRESH, "again": FRESH}
        assert client.post(f"{PAGE}?next=/about/", form)["Location"] == "/about/"
        form = {"current": FRESH, "password": PASSWORD, "again": PASSWORD}
        assert client.post(f"{PAGE}?next=https://evil.example/", form)["Location"] == "/"

    @pytest.mark.parametrize(
        ("changed", "field", "says"),
        [
            ({"current": "wrong"}, "current", "not your present password"),
            ({"current": ""}, "current", "Fill in"),
            ({"password": "short"}, "password", "at least 12 characters"),
            ({"password": "password1234"}, "password", "too common"),
            ({"password": "alice@example.com"}, "password", "too similar"),
            ({"password": PASSWORD}, "password", "another password"),
            ({"again": "Blue-Tractor-9-Lamb"}, "again", "differ"),
            ({"password": "x" * 201, "again": FRESH}, "password", "at most 200"),
        ],
    )
    def test_what_is_wrong_stands_at_its_field_and_changes_nothing(
        self, alice: User, sign_in: SignIn, changed: dict[str, str], field: str, says: str
    ) -> None:
        client = sign_in(alice)
        response = send(client, **changed)
        assert response.status_code == 422
        assert list(response.context["form"].errors) == [field]
        assert says in response.context["form"].errors[field][0]
        html = response.content.decode()
        assert 'aria-invalid="true"' in html
        assert FRESH not in html
        assert client.get("/").status_code == 200
        assert signs_in(alice, PASSWORD)
        assert not Entry.objects.filter(verb="user.password_changed").exists()

    def test_guessing_the_present_password_locks_like_signing_in(
        self, alice: User, sign_in: SignIn, settings: Any
    ) -> None:
        settings.AXES_ENABLED = True
        client = sign_in(alice)
        for _ in range(10):
            last = send(client, current="guess")
        assert "Too many wrong passwords" in last.content.decode()
        right = send(client)
        assert right.status_code == 422, "even the right password waits"
        assert "Too many wrong passwords" in right.content.decode()

    def test_nobody_changes_the_password_of_another_this_way(self, alice: User, bob: User) -> None:
        with pytest.raises(Denied):
            change_password(user=alice, password=FRESH, by=bob, now=NOW)


@pytest.mark.django_db(transaction=True)
class TestInTheBrowser:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
    def test_the_page_has_no_accessibility_findings(
        self, page: Page, live_server: LiveServer, alice: User, scheme: Any, size: Any
    ) -> None:
        sign_in_browser(page, live_server, alice)
        heard = Complaints.of(page)
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        page.goto(f"{live_server.url}/about/")
        if size == PHONE:
            page.get_by_role("button", name="More").click()
        page.get_by_label("Account menu").click()
        page.get_by_role("link", name="Change password").click()
        assert_accessible(page)
        page.get_by_label("Present password").fill("wrong")
        page.locator("#id_password").fill(FRESH)
        page.locator("#id_again").fill(FRESH)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_role("alert")).to_be_focused()
        assert_accessible(page)
        page.get_by_label("Present password").fill(PASSWORD)
        page.locator("#id_password").fill(FRESH)
        page.locator("#id_again").fill(FRESH)
        page.get_by_role("button", name="Change password").click()
        expect(page).to_have_url(f"{live_server.url}/about/")
        expect(page.get_by_text("You are signed out everywhere else")).to_be_visible()
        assert heard.lines == []

    def test_without_a_script(self, browser: Browser, live_server: LiveServer, alice: User) -> None:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        sign_in_browser(page, live_server, alice)
        page.goto(f"{live_server.url}{PAGE}?next=/about/")
        for given in ("wrong", PASSWORD):
            page.get_by_label("Present password").fill(given)
            page.locator("#id_password").fill(FRESH)
            page.locator("#id_again").fill(FRESH)
            page.get_by_role("button", name="Change password").click()
            if given == "wrong":
                expect(page.get_by_role("alert")).to_contain_text("This is not your present password")
        expect(page).to_have_url(f"{live_server.url}/about/")
        context.close()


def test_passwords_are_hashed_with_little_memory_and_old_hashes_anew(alice: User, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [
        "accounts.hashers.Argon2Hasher",
        "django.contrib.auth.hashers.Argon2PasswordHasher",
    ]
    assert make_password("x").startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    alice.password = Argon2PasswordHasher().encode(PASSWORD, "saltsaltsalt")
    alice.save()
    assert alice.check_password(PASSWORD)
    alice.refresh_from_db()
    assert "m=19456,t=2,p=1" in alice.password
