"""Users on the pages for administrators: added, changed, suspended, deactivated."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from activity.models import Entry
from tests.accounts.admin_forms import USERS, errors, filled, notes, page_of, role
from tests.factories import PASSWORD, TeamFactory, UserFactory


def test_a_user_is_added_with_a_password_that_is_shown_once(office: Client) -> None:
    data = {"email": "New@Example.com", "name": "New person", "roles": [role("sales_rep").pk]}
    response = office.post(f"{USERS}add/", data)
    assert response.status_code == 302
    (password_note, saved) = notes(office)
    assert saved == "New person is saved."
    password = password_note.rpartition(" ")[2]
    user = User.objects.get(email="new@example.com")
    assert user.check_password(password)
    assert user.has_perm("crm.change_customer")
    assert notes(office) == []
    told = Entry.objects.filter(subject_type="accounts.user", subject_id=user.pk)
    assert set(told.values_list("verb", flat=True)) == {"user.created", "user.roles_changed"}
    assert password not in str(list(told.values_list("data")))


def test_a_password_that_is_shown_once_never_reaches_a_cookie(office: Client, alice: User) -> None:
    office.post(USERS, {"action": "give_new_passwords", "_selected_action": [alice.pk]})
    assert set(office.cookies) <= {"sid", "csrf"}
    assert office.post("/accounts/logout/").status_code == 302
    assert list(Client().get("/accounts/login/").context["messages"]) == []
    assert list(office.get("/accounts/login/").context["messages"]) == []


def test_a_user_is_added_with_a_typed_password(office: Client) -> None:
    data = {"email": "new@example.com", "name": "New person", "new_password": "typed by the administrator"}
    assert office.post(f"{USERS}add/", data).status_code == 302
    assert User.objects.get(email="new@example.com").check_password("typed by the administrator")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "alice@example.com"}, "email"),
        ({"email": "ALICE@EXAMPLE.COM"}, "email"),
        ({"email": "nonsense"}, "email"),
        ({"email": "new@exa\x00mple.com"}, "email"),
        ({"name": ""}, "name"),
        ({"name": "\x00"}, "name"),
        ({"name": "x" * 200}, "name"),
        ({"new_password": "short"}, "new_password"),
        ({"new_password": "password1234"}, "new_password"),
        ({"roles": ["0"]}, "roles"),
        ({"roles": ["x"]}, "roles"),
        ({"phone": "1" * 50}, "phone"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    office: Client, alice: User, changes: dict[str, Any], field: str
) -> None:
    data = {"email": "new@example.com", "name": "New person", "job_title": "Typed title"} | changes
    users = User.objects.count()
    response = office.post(f"{USERS}add/", data)
    assert response.status_code == 422
    assert list(errors(response)) == [field]
    assert b"Typed title" in response.content
    assert User.objects.count() == users


def test_changes_are_written_and_told(office: Client, alice: User, admin: User) -> None:
    path = page_of(alice)
    roles = [role("sales_rep").pk, role("credit").pk]
    data = filled(office, path, name="Alice Archer", email="archer@example.com", roles=roles)
    assert office.post(path, data).status_code == 302
    alice = User.objects.get(pk=alice.pk)
    assert (alice.name, alice.email) == ("Alice Archer", "archer@example.com")
    assert alice.has_perm("crm.change_credit")
    assert alice.check_password(PASSWORD)
    page = office.get(f"{USERS}{alice.pk}/history/").content.decode()
    assert "Admin changed the user&#x27;s roles" in page
    assert "name: Alice → Alice Archer" in page


def test_an_empty_password_keeps_and_a_typed_one_replaces(office: Client, alice: User) -> None:
    path = page_of(alice)
    office.post(path, filled(office, path))
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)
    office.post(path, filled(office, path, new_password="a new one, typed"))
    assert User.objects.get(pk=alice.pk).check_password("a new one, typed")


def test_a_form_from_before_somebody_elses_change_is_refused(
    office: Client, alice: User, admin: User
) -> None:
    path = page_of(alice)
    stale = filled(office, path, phone="1")
    office.post(path, filled(office, path, roles=[role("credit").pk]))
    response = office.post(path, stale)
    assert response.status_code == 422
    assert "Somebody else changed" in errors(response)["__all__"][0]
    assert [found.code for found in User.objects.get(pk=alice.pk).roles.all()] == ["credit"]


def test_nobody_changes_himself(office: Client, admin: User) -> None:
    other = UserFactory(roles=["administrator"])
    page = office.get(page_of(admin))
    assert page.status_code == 200
    assert 'name="roles"' not in page.content.decode()
    assert 'name="name"' not in page.content.decode()
    assert office.post(page_of(admin), {"name": "Me", "email": admin.email}).status_code == 403
    for action in ("suspend_users", "deactivate_users", "give_new_passwords"):
        office.post(USERS, {"action": action, "_selected_action": [admin.pk]})
        assert notes(office) == ["You cannot change your own account: ask another administrator."]
    admin.refresh_from_db()
    assert admin.can_sign_in
    assert admin.check_password(PASSWORD)
    assert other.can_sign_in


def test_the_last_administrator_stays(office: Client, admin: User, desk: Client, alice: User) -> None:
    second = UserFactory(name="Second", roles=["administrator"])
    path = page_of(second)
    assert office.post(path, filled(office, path, roles=[])).status_code == 302
    office.post(path, filled(office, path, roles=[role("administrator").pk]))
    office.post(USERS, {"action": "suspend_users", "_selected_action": [second.pk]})
    assert not User.objects.get(pk=second.pk).can_sign_in


def test_actions_suspend_restore_and_deactivate(office: Client, alice: User, bob: User) -> None:
    chosen = {"_selected_action": [alice.pk, bob.pk]}
    office.post(USERS, {"action": "suspend_users", **chosen})
    assert notes(office) == ["Suspended: Alice, Bob."]
    assert User.objects.filter(suspended_at=None, pk__in=[alice.pk, bob.pk]).count() == 0
    office.post(USERS, {"action": "restore_users", **chosen})
    assert notes(office) == ["Access restored: Alice, Bob."]
    team = TeamFactory(name="Bob's", lead=bob)
    office.post(USERS, {"action": "deactivate_users", **chosen})
    (refused, done) = notes(office)
    assert "Lead of the team Bob's" in refused
    assert done == "Deactivated: Alice."
    assert User.objects.get(pk=bob.pk).is_active
    assert team.lead == bob


def test_a_new_password_is_given_by_action(office: Client, alice: User) -> None:
    office.post(USERS, {"action": "give_new_passwords", "_selected_action": [alice.pk]})
    (shown, done) = notes(office)
    assert done == "New password: Alice."
    assert User.objects.get(pk=alice.pk).check_password(shown.rpartition(" ")[2])
