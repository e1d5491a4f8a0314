"""The sidebar shows what the user may open, where he is, and what waits."""

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import NOW
from tests.people import SignIn
from ui.navigation import current_url, navigation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_site")]


def labels(user: User) -> list[tuple[str, list[str]]]:
    return [
        (group.label, [entry.item.label for entry in group.entries]) for group in navigation(user, "/", NOW)
    ]


def test_a_rep_sees_no_management_group(alice: User) -> None:
    assert labels(alice) == [("Work", ["My day"]), ("Customers", ["Customers"])]


def test_a_manager_sees_the_management_group(manager: User) -> None:
    assert labels(manager)[-1] == ("CRM management", ["Status"])


def test_without_roles_only_what_everybody_may_open_is_left(nobody: User) -> None:
    assert labels(nobody) == [("Work", ["My day"])]


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/", "/"),
        ("/customers/", "/customers/"),
        ("/customers/12/", "/customers/"),
        ("/customers/new/import/", "/customers/new/"),
        ("/elsewhere/", ""),
    ],
)
def test_the_current_entry_is_the_one_the_page_lies_below(path: str, url: str) -> None:
    assert current_url(["/", "/customers/", "/customers/new/"], path) == url


def test_the_page_marks_its_entry_and_shows_counts(rep: Client) -> None:
    page = rep.get("/customers/").content.decode()
    assert page.count('aria-current="page"') == 2  # sidebar and bottom bar
    assert '<span class="n is-late">3<span class="sr"> overdue</span></span>' in page
    assert 'aria-label="Search customers"' in page


def test_the_search_field_is_absent_for_those_who_may_not_open_its_list(
    nobody: User, sign_in: SignIn
) -> None:
    assert b"Search customers" not in sign_in(nobody).get("/about/").content


def test_the_counts_fragment_marks_the_page_it_is_asked_from(rep: Client) -> None:
    answer = rep.get("/navigation/", headers={"HX-Current-URL": "http://testserver/customers/7/"})
    html = " ".join(answer.content.decode().split())
    assert 'id="nav-crmcustomers" data-go="c" aria-current="page"' in html
    assert "<html" not in html
