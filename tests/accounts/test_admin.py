"""The pages for administrators: what they offer, refuse, write, and never show."""

from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.contrib.auth.models import Group
from django.test import Client

from accounts.admin.user import UserAdmin
from accounts.domain.role import create_role, set_levels
from accounts.models import Absence, Organisation, Role, Team, Territory, User
from activity.models import Entry
from tests.accounts.admin_forms import PAGES, ROLES, TEAMS, USERS, errors, filled, notes, page_of, role
from tests.factories import NOW, PASSWORD, CustomerFactory, TeamFactory, TerritoryFactory, UserFactory
from tests.people import SignIn

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


@pytest.mark.parametrize(
    ("page", "query"),
    [
        (USERS, "password__startswith=md5"),
        (USERS, "password__regex=^m"),
        (USERS, "session_epoch=0"),
        (USERS, "user_permissions__id=1"),
        (TEAMS, "lead__password__startswith=md5"),
        (ROLES, "group__name=role:executive"),
    ],
)
def test_lists_are_narrowed_only_by_the_filters_they_offer(
    page: str, query: str, office: Client, north_shops: Team
) -> None:
    assert office.get(f"{page}?{query}").status_code == 400
    assert office.get(f"{USERS}?roles__id__exact={role('sales_rep').pk}&access=active").status_code == 200
    assert office.get("/admin/accounts/absence/?reason__exact=sick").status_code == 200


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


# --- what somebody may not grant


def test_only_roles_within_the_own_rights_are_offered(desk: Client, personnel: User) -> None:
    field = desk.get(f"{USERS}add/").context["adminform"].form.fields["roles"]
    assert [found.name for found in field.queryset] == ["Personnel"]
    data = {"email": "new@example.com", "name": "New", "roles": [role("administrator").pk]}
    response = desk.post(f"{USERS}add/", data)
    assert response.status_code == 422
    assert list(errors(response)) == ["roles"]


@pytest.mark.parametrize("action", UserAdmin.actions)
def test_no_action_touches_whoever_holds_more(action: str, desk: Client, admin: User) -> None:
    desk.post(USERS, {"action": action, "_selected_action": [admin.pk]})
    assert notes(desk) == [
        "You cannot change Admin: the role Administrator grants more than you have yourself."
    ]


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
