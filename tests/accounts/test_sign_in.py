"""Signing in and out as a browser does it: who gets in, who does not, and what each is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import SESSION_KEY, authenticate
from django.contrib.sessions.models import Session
from django.db.models import F
from django.test import Client, RequestFactory

from accounts.domain.user import change_user, deactivate, restore, set_password, suspend
from accounts.models import User
from accounts.sign_in import attempted_name, client_address, end_lock_out
from tests.factories import NOW, PASSWORD

LOGIN = "/accounts/login/"
Close = Callable[[User, User], None]


def attempt(email: str, password: str = PASSWORD, *, client: Client | None = None, **extra: str) -> Any:
    """Send the sign-in form."""
    return (client or Client()).post(LOGIN, {"login": email, "password": password, **extra})


def is_in(client: Client) -> bool:
    return SESSION_KEY in client.session


def test_the_right_password_signs_in_and_gives_the_session_another_key(alice: User) -> None:
    client = Client()
    client.get(LOGIN)
    session = client.session
    session["before"] = 1
    session.save()
    before = session.session_key
    response = attempt("alice@example.com", client=client)
    assert response.status_code == 302
    assert response["Location"] == "/"
    assert is_in(client)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize("typed", ["Alice@Example.COM", "  alice@example.com "])
def test_the_case_of_the_email_does_not_matter(alice: User, typed: str) -> None:
    client = Client()
    attempt(typed, client=client)
    assert is_in(client)


def test_the_backend_itself_ignores_the_case(alice: User, rf: RequestFactory) -> None:
    request = rf.post(LOGIN)
    assert authenticate(request, email="ALICE@example.com", password=PASSWORD) == alice
    assert authenticate(request, email="ALICE@example.com", password="wrong") is None
    assert authenticate(request, email=None, password=PASSWORD) is None


def closed_by_suspension(user: User, admin: User) -> None:
    suspend(user=user, by=admin, now=NOW)


def closed_by_deactivation(user: User, admin: User) -> None:
    deactivate(user=user, by=admin, now=NOW)


@pytest.mark.parametrize("close", [closed_by_suspension, closed_by_deactivation])
def test_closed_accounts_are_answered_like_a_wrong_password(alice: User, admin: User, close: Close) -> None:
    close(alice, admin)
    client = Client()
    closed = attempt("alice@example.com", client=client)
    assert not is_in(client)
    answers = [closed, attempt("alice@example.com", "wrong"), attempt("stranger@example.com", "wrong")]
    assert {answer.status_code for answer in answers} == {422}
    texts = [answer.context["form"].non_field_errors() for answer in answers]
    assert [list(text) for text in texts] == [["E-mail or password is wrong."]] * 3


@pytest.mark.parametrize("close", [closed_by_suspension, closed_by_deactivation])
def test_sessions_end_with_the_next_request_and_do_not_come_back(
    alice: User, admin: User, close: Close
) -> None:
    client = Client()
    attempt("alice@example.com", client=client)
    assert client.get("/admin/").status_code == 403
    close(alice, admin)
    assert client.get("/admin/").status_code == 302
    restore(user=alice, by=admin, now=NOW)
    assert client.get("/admin/").status_code == 302, "the old session must not come back to life"
    attempt("alice@example.com", client=client)
    assert client.get("/admin/").status_code == 403


def test_a_new_password_ends_the_sessions(alice: User, admin: User) -> None:
    client = Client()
    attempt("alice@example.com", client=client)
    set_password(user=alice, password="another long enough one", by=admin, now=NOW)
    assert client.get("/admin/").status_code == 302
    assert attempt("alice@example.com").status_code == 422
    assert attempt("alice@example.com", "another long enough one").status_code == 302


def test_the_old_email_no_longer_signs_in(alice: User, admin: User) -> None:
    attempt("alice@example.com")
    fields = {"name": "Alice", "job_title": "", "phone": ""}
    change_user(user=alice, email="alice.new@example.com", by=admin, now=NOW, **fields)
    assert attempt("alice@example.com").status_code == 422
    assert attempt("Alice.New@example.com").status_code == 302


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("", ""),
        ("no address", PASSWORD),
        ("alice@example.com", ""),
        ("alice\x00@example.com", PASSWORD),
        ("alice@example.com", "\x00"),
        ("a" * 3000 + "@example.com", PASSWORD),
        ("alice@example.com", "long" * 5000),
    ],
)
def test_bad_forms_are_answered_with_422_and_keep_the_email(alice: User, login: str, password: str) -> None:
    response = attempt(login, password)
    assert response.status_code == 422
    form = response.context["form"]
    assert form.errors
    assert form["login"].value() == login
    assert form["password"].value() in ("", password)
    if password.strip("\x00"):
        assert password.encode() not in response.content


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/admin/?a=1", "/admin/?a=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("http:///evil.example", "/"),
    ],
)
def test_next_leads_only_to_this_site(alice: User, wanted: str, goes_to: str) -> None:
    assert attempt("alice@example.com", next=wanted)["Location"] == goes_to


def test_a_protected_page_comes_back_after_signing_in(admin: User) -> None:
    client = Client()
    response = client.get("/admin/accounts/user/?q=a")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=%2Fadmin%2Faccounts%2Fuser%2F%3Fq%3Da"
    form = client.get(response["Location"])
    assert b'value="/admin/accounts/user/?q=a"' in form.content


def test_nobody_signs_up(db: None) -> None:
    for path in ("signup/", "password/reset/", "email/", "inactive/", "password/change/"):
        assert Client().get(f"/accounts/{path}").status_code == 404


def test_signing_out_takes_a_post_and_leaves_nothing(alice: User) -> None:
    client = Client()
    attempt("alice@example.com", client=client)
    key = client.session.session_key
    assert client.get("/accounts/logout/").status_code == 405
    assert is_in(client)
    response = client.post("/accounts/logout/")
    assert response["Location"] == LOGIN
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert not Session.objects.filter(session_key=key).exists()


def test_signing_in_and_out_need_the_form_token(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert attempt("alice@example.com", client=strict).status_code == 403
    strict.force_login(alice)
    assert strict.post("/accounts/logout/").status_code == 403
    assert is_in(strict)


@pytest.fixture
def lock_out(settings: Any) -> None:
    """Lock-out as in production; the suite's other tests share one address and go without it."""
    settings.AXES_ENABLED = True


@pytest.mark.usefixtures("lock_out")
class TestLockOut:
    """Ten failures with one e-mail from one address end the attempts for a while."""

    def fail(self, email: str = "alice@example.com", times: int = 10, **headers: str) -> list[int]:
        client = Client()
        form = {"login": email, "password": "wrong"}
        return [client.post(LOGIN, form, **headers).status_code for _ in range(times)]

    def test_the_tenth_failure_locks_and_says_so(self, alice: User) -> None:
        assert self.fail() == [422] * 9 + [429]
        response = attempt("alice@example.com")
        assert response.status_code == 429, "even the right password waits"
        assert "errors/locked.html" in {template.name for template in response.templates}

    def test_spelling_the_email_differently_does_not_help(self, alice: User) -> None:
        spellings = ["alice@example.com", "ALICE@example.com", " alice@example.com", "Alice@Example.com"]
        statuses = [self.fail(spellings[number % 4], times=1)[0] for number in range(10)]
        assert statuses == [422] * 9 + [429]

    def test_changing_the_browser_does_not_help(self, alice: User) -> None:
        statuses = [self.fail(times=1, HTTP_USER_AGENT=f"browser {number}")[0] for number in range(10)]
        assert statuses == [422] * 9 + [429]

    def test_others_and_other_places_are_not_locked(self, alice: User, bob: User) -> None:
        self.fail()
        assert attempt("bob@example.com").status_code == 302
        elsewhere = Client(REMOTE_ADDR="192.0.2.7")
        assert attempt("alice@example.com", client=elsewhere).status_code == 302

    def test_unknown_emails_are_locked_alike(self, db: None) -> None:
        assert self.fail("stranger@example.com") == [422] * 9 + [429]

    def test_one_address_may_not_try_many_emails(self, alice: User) -> None:
        tries = [f"person{number}@example.com" for number in range(101)]
        assert [self.fail(email, times=1)[0] for email in tries] == [422] * 100 + [429]
        assert attempt("alice@example.com").status_code == 429
        assert attempt("alice@example.com", client=Client(REMOTE_ADDR="192.0.2.7")).status_code == 302
        AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=15))
        assert attempt("alice@example.com").status_code == 302

    def test_success_starts_the_count_again(self, alice: User) -> None:
        self.fail(times=9)
        assert attempt("Alice@example.com").status_code == 302
        assert self.fail() == [422] * 9 + [429]

    def test_an_administrator_can_end_the_wait(self, alice: User) -> None:
        self.fail()
        assert end_lock_out("alice@example.com") == 1
        assert attempt("alice@example.com").status_code == 302


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "203.0.113.9"),
        (0, "198.51.100.1", "203.0.113.9"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (1, "", "203.0.113.9"),
        (1, "nonsense", None),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
    ],
)
def test_the_address_is_the_one_the_own_proxies_saw(
    settings: Any, rf: RequestFactory, proxies: int, forwarded: str, address: str | None
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client_address(rf.get("/", headers=headers, REMOTE_ADDR="203.0.113.9")) == address


def test_an_attempt_is_named_by_the_email_whichever_way_it_is_told(rf: RequestFactory) -> None:
    request = rf.post(LOGIN, {"login": "Form@Example.com"})
    told = [None, {"email": "A@b.com"}, {"login": "A@b.com"}, {"username": "A@b.com", "login": None}]
    assert [attempted_name(request, credentials) for credentials in told] == [
        "form@example.com",
        *["a@b.com"] * 3,
    ]
