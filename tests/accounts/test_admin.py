"""The pages for administrators: what they offer, refuse, write, and never show."""

from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.contrib.auth.models import Group
from django.test import Client

from accounts.domain.role import create_role, set_levels
from accounts.models import Absence, Level, Organisation, Role, Team, Territory, User
from activity.models import Entry
from tests.accounts.admin_forms import errors, filled, notes
from tests.factories import NOW, PASSWORD, CustomerFactory, TeamFactory, TerritoryFactory, UserFactory
from tests.people import SignIn

USERS, ROLES, TEAMS = "/admin/accounts/user/", "/admin/accounts/role/", "/admin/accounts/team/"
PAGES = [
    f"/admin/accounts/{name}/" for name in ("user", "role", "team", "territory", "absence", "organisation")
]


@pytest.fixture
def office(admin: User, sign_in: SignIn) -> Client:
    """The browser of ``admin``."""
    return sign_in(admin)


@pytest.fixture
def personnel(db: None) -> User:
    """An administrator of users who holds little else: customer maintenance, edit, own records."""
    levels = {"user_admin": Level.MANAGE, "customer_maintenance": Level.EDIT}
    role = create_role(name="Personnel", levels=levels, by=None, now=NOW)
    user = UserFactory(email="personnel@example.com", name="Personnel officer")
    user.user_roles.create(role=role)
    user.groups.add(role.group)
    return user


@pytest.fixture
def desk(personnel: User, sign_in: SignIn) -> Client:
    """The browser of ``personnel``."""
    return sign_in(personnel)


def page_of(row: Any) -> str:
    return f"/admin/accounts/{row._meta.model_name}/{row.pk}/change/"


def role(code: str) -> Role:
    return Role.objects.get(code=code)


# --- who gets in, and what there is


@pytest.mark.parametrize("path", ["/admin/", *PAGES, f"{USERS}add/", "/admin/jsi18n/", "/admin/nothing/"])
def test_only_administrators_of_users_get_in(
    path: str, alice: User, manager: User, executive: User, sign_in: SignIn
) -> None:
    assert Client().get(path)["Location"].startswith("/accounts/login/?next=")
    for user in (alice, manager, executive):
        assert sign_in(user).get(path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_administrators_see_every_page(path: str, office: Client) -> None:
    assert office.get(path, follow=True).status_code == 200


def test_only_pages_of_accounts_are_registered() -> None:
    models = {model._meta.label for model in django_admin.site._registry}
    assert models == {
        "accounts.User",
        "accounts.Role",
        "accounts.Team",
        "accounts.Territory",
        "accounts.Absence",
        "accounts.Organisation",
    }


def test_the_stock_forms_for_passwords_and_sign_in_are_gone(office: Client, admin: User) -> None:
    for path in ("password_change/", "autocomplete/", "r/1/1/"):
        assert office.get(f"/admin/{path}").status_code == 404
    assert 'type="password"' not in office.get(f"{USERS}{admin.pk}/password/", follow=True).content.decode()
    assert Client().get("/admin/login/")["Location"].startswith("/accounts/login/")
    assert office.get("/admin/logout/").status_code == 405
    assert office.post("/admin/logout/")["Location"] == "/accounts/login/"
    assert office.get("/admin/").status_code == 302


def test_no_form_touches_what_bypasses_roles(office: Client, alice: User, team_lead_role: Role) -> None:
    TeamFactory(), TerritoryFactory()
    Organisation.objects.get_or_create(pk=1, defaults={"name": "Acme"})
    forbidden = {
        "is_superuser",
        "is_staff",
        "is_active",
        "groups",
        "group",
        "user_permissions",
        "session_epoch",
        "code",
    }
    paths = [page_of(row) for row in (alice, team_lead_role, Team.objects.get(name="North shops"))]
    paths += [f"{page}add/" for page in PAGES[:-1]] + ["/admin/accounts/organisation/1/change/"]
    for path in paths:
        response = office.get(path)
        assert response.status_code == 200, path
        assert not forbidden & set(response.context["adminform"].form.fields), path
        assert alice.password not in response.content.decode()


def test_nothing_can_be_deleted(office: Client, alice: User, team_lead_role: Role) -> None:
    for row in (alice, team_lead_role, Team.objects.get(name="North shops")):
        path = f"/admin/accounts/{row._meta.model_name}/{row.pk}/delete/"
        assert office.post(path, {"post": "yes"}).status_code == 403
        office.post(
            f"/admin/accounts/{row._meta.model_name}/",
            {"action": "delete_selected", "_selected_action": row.pk},
        )
        row.refresh_from_db()


@pytest.mark.parametrize("kind", ["user", "role", "team"])
def test_lists_take_the_same_number_of_queries_for_more_rows(
    kind: str, office: Client, django_assert_num_queries: Any, alice: User
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    path = f"/admin/accounts/{kind}/"
    office.get(path)
    with CaptureQueriesContext(connection) as few:
        office.get(path)
    for number in range(3):
        user = UserFactory(roles=["sales_rep", "read_only"])
        TeamFactory(lead=user, members=[user])
        create_role(name=f"Role {number}", levels={"follow_ups": 1}, by=None, now=NOW)
    with django_assert_num_queries(len(few)):
        office.get(path)


# --- users


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


# --- what somebody may not grant


def test_only_roles_within_the_own_rights_are_offered(desk: Client, personnel: User) -> None:
    field = desk.get(f"{USERS}add/").context["adminform"].form.fields["roles"]
    assert [found.name for found in field.queryset] == ["Personnel"]
    data = {"email": "new@example.com", "name": "New", "roles": [role("administrator").pk]}
    response = desk.post(f"{USERS}add/", data)
    assert response.status_code == 422
    assert list(errors(response)) == ["roles"]


def test_whoever_holds_more_is_only_shown(desk: Client, admin: User, nobody: User) -> None:
    assert 'name="name"' not in desk.get(page_of(admin)).content.decode()
    assert desk.post(page_of(admin), {"name": "x", "email": "taken@example.com"}).status_code == 403
    desk.post(USERS, {"action": "give_new_passwords", "_selected_action": [admin.pk]})
    assert notes(desk) == [
        "You cannot change Admin: the role Administrator grants more than you have yourself."
    ]
    admin.refresh_from_db()
    assert admin.check_password(PASSWORD)
    path = page_of(nobody)
    assert desk.post(path, filled(desk, path, name="Somebody")).status_code == 302


@pytest.mark.parametrize(
    "changes",
    [
        {"levels-order_entry": "1"},
        {"levels-customer_maintenance": "3"},
        {"levels-customer_maintenance": "1", "all_records": "on"},
        {"all_records": "on"},
    ],
)
def test_a_role_is_made_only_within_the_own_rights(desk: Client, changes: dict[str, str]) -> None:
    response = desk.post(f"{ROLES}add/", {"name": "More"} | changes)
    assert response.status_code == 422
    assert "You cannot grant what you do not have yourself" in errors(response)["levels"][0]
    assert not Role.objects.filter(name="More").exists()
    assert desk.post(f"{ROLES}add/", {"name": "Fewer", "levels-customer_maintenance": "2"}).status_code == 302


# --- roles


def test_the_matrix_is_drawn_with_what_is_held_and_what_may_be_chosen(desk: Client, office: Client) -> None:
    page = desk.get(f"{ROLES}add/").content.decode()
    assert page.count('type="radio" name="levels-') == 9 * 4
    assert 'value="2" aria-label="Customer maintenance: edit">' in page
    assert 'value="3" aria-label="Customer maintenance: manage" disabled>' in page
    assert 'value="1" aria-label="Order entry: view" disabled>' in page
    page = office.get(page_of(role("sales_rep"))).content.decode()
    assert 'value="2" aria-label="Order entry: edit" checked>' in page
    assert 'value="0" aria-label="Credit: none" checked>' in page
    assert "disabled>" not in page


def test_changed_levels_reach_everybody_who_has_the_role(office: Client, alice: User, bob: User) -> None:
    path = page_of(role("sales_rep"))
    assert "2 people" in office.get(path).content.decode()
    data = filled(office, path, **{"levels-order_entry": "1", "levels-export": "1"})
    assert office.post(path, data).status_code == 302
    alice = User.objects.get(pk=alice.pk)
    assert alice.has_perm("orders.view_salesorder")
    assert not alice.has_perm("orders.add_salesorder")
    assert alice.has_perm("crm.export_customer")
    entry = Entry.objects.get(verb="role.changed")
    assert entry.data == {"level:order_entry": [2, 1], "level:export": [0, 1]}


def test_bad_levels_are_refused_with_the_rest_kept(office: Client) -> None:
    response = office.post(f"{ROLES}add/", {"name": "Odd", "levels-credit": "7", "levels-export": "1"})
    assert response.status_code == 422
    assert list(errors(response)) == ["levels"]
    assert 'value="1" aria-label="Export: view" checked>' in response.content.decode()


def test_a_taken_name_of_a_role_is_refused(office: Client) -> None:
    response = office.post(f"{ROLES}add/", {"name": "credit", "levels-export": "1"})
    assert response.status_code == 422
    assert list(errors(response)) == ["name"]
    assert Group.objects.count() == Role.objects.count()


def test_administrator_and_the_own_roles_are_only_shown(
    office: Client, desk: Client, personnel: User
) -> None:
    assert office.post(page_of(role("administrator")), {"name": "x"}).status_code == 403
    own = personnel.roles.get()
    page = desk.get(page_of(own))
    assert 'type="radio"' not in page.content.decode()
    assert "Customer maintenance: edit" in page.content.decode()
    assert desk.post(page_of(own), {"name": "x"}).status_code == 403
    set_levels(role=own, levels={"user_admin": 3}, by=None, now=NOW)


# --- teams, territories, absences, the organisation


def test_a_team_is_made_and_changed(office: Client, alice: User, bob: User, north: Team) -> None:
    data = {"name": "New team", "lead": alice.pk, "parent": north.pk, "members": [alice.pk, bob.pk]}
    assert office.post(f"{TEAMS}add/", data).status_code == 302
    team = Team.objects.get(name="New team")
    assert set(team.members.all()) == {alice, bob}
    path = page_of(team)
    assert office.post(path, filled(office, path, lead=bob.pk, members=[bob.pk])).status_code == 302
    team = Team.objects.get(pk=team.pk)
    assert (team.lead, list(team.members.all())) == (bob, [bob])


def test_a_circle_of_teams_is_refused(office: Client, north: Team, north_shops: Team) -> None:
    path = page_of(north)
    response = office.post(path, filled(office, path, parent=north_shops.pk))
    assert response.status_code == 422
    assert "cannot stand above" in errors(response)["parent"][0]
    assert Team.objects.get(pk=north.pk).parent is None


def test_a_territory_is_made_and_changed(office: Client, alice: User) -> None:
    above = TerritoryFactory(name="Isles")
    data = {"name": "Wales", "parent": above.pk, "members": [alice.pk]}
    assert office.post("/admin/accounts/territory/add/", data).status_code == 302
    wales = Territory.objects.get(name="Wales")
    customer = CustomerFactory(territory=wales)
    assert type(customer).objects.visible_to(User.objects.get(pk=alice.pk)).get() == customer
    path = page_of(wales)
    assert office.post(path, filled(office, path, members=[])).status_code == 302
    assert not wales.members.exists()


def test_an_absence_is_entered_changed_and_cancelled(office: Client, alice: User, bob: User) -> None:
    add = "/admin/accounts/absence/add/"
    days = {"starts_on": "2026-12-01", "ends_on": "2026-12-05", "reason": "holiday"}
    assert office.post(add, {"user": alice.pk, "substitute": bob.pk, **days}).status_code == 302
    absence = Absence.objects.get()
    path = page_of(absence)
    assert office.post(path, filled(office, path, ends_on="2026-12-07")).status_code == 302
    response = office.post(
        add, {"user": alice.pk, **days, "starts_on": "2026-12-05", "ends_on": "2026-12-09"}
    )
    assert response.status_code == 422
    assert errors(response)["starts_on"] == ["Alice is away on some of these days already."]
    office.post("/admin/accounts/absence/", {"action": "cancel_absences", "_selected_action": [absence.pk]})
    absence.refresh_from_db()
    assert absence.cancelled_at
    assert absence.ends_on.isoformat() == "2026-12-07"
    assert office.post(path, {"starts_on": "2026-12-01"}).status_code == 403


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_on": "2026-12-09"}, "ends_on"),
        ({"starts_on": "1800-01-01"}, "starts_on"),
        ({"starts_on": "2026-02-30"}, "starts_on"),
        ({"starts_on": ""}, "starts_on"),
        ({"ends_on": "9999-12-31"}, "ends_on"),
        ({"reason": "bored"}, "reason"),
        ({"substitute": "self"}, "substitute"),
        ({"user": "0"}, "user"),
    ],
)
def test_impossible_absences_are_refused_at_their_field(
    office: Client, alice: User, changes: dict[str, str], field: str
) -> None:
    data = {"user": alice.pk, "starts_on": "2026-12-01", "ends_on": "2026-12-05", "reason": "sick"} | changes
    if data.get("substitute") == "self":
        data["substitute"] = alice.pk
    response = office.post("/admin/accounts/absence/add/", data)
    assert response.status_code == 422
    assert list(errors(response)) == [field]
    assert not Absence.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"currency": "pounds"}, "currency"),
        ({"currency": "gbp"}, "currency"),
        ({"country": "XX"}, "country"),
        ({"working_days": []}, "working_days"),
        ({"closes_at": "08:00"}, "closes_at"),
        ({"name": ""}, "name"),
    ],
)
def test_an_impossible_organisation_is_refused_at_its_field(
    office: Client, changes: dict[str, Any], field: str
) -> None:
    path = office.get("/admin/accounts/organisation/")["Location"]
    response = office.post(path, filled(office, path, **changes))
    assert response.status_code == 422
    assert list(errors(response)) == [field]


def test_the_organisation_is_changed(office: Client) -> None:
    path = office.get("/admin/accounts/organisation/")["Location"]
    data = filled(
        office, path, name="Acme", working_days=["1", "2", "6"], country="", time_zone="Europe/Zurich"
    )
    assert office.post(path, data).status_code == 302
    row = Organisation.objects.get()
    assert (row.name, row.working_days, row.country, row.time_zone) == (
        "Acme",
        [1, 2, 6],
        "",
        "Europe/Zurich",
    )
    assert office.get("/admin/accounts/organisation/add/").status_code == 403
