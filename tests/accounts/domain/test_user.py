"""Users: what may be done to them, by whom, and what the journal says afterwards."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.domain.password import new_password
from accounts.domain.role import create_role
from accounts.domain.user import (
    change_user,
    create_user,
    deactivate,
    open_work,
    restore,
    set_password,
    set_roles,
    set_theme,
    suspend,
)
from accounts.models import Absence, Level, Role, User
from activity.models import Entry
from core.errors import Changed, Refused
from crm.models import Action
from tests.factories import NOW, PASSWORD, ActionFactory, CustomerFactory, TeamFactory, UserFactory

Verb = Callable[..., Any]


def role(code: str) -> Role:
    return Role.objects.get(code=code)


def verbs(user: User) -> list[str]:
    told = Entry.objects.filter(subject_type="accounts.user", subject_id=user.pk)
    return list(told.order_by("pk").values_list("verb", flat=True))


def make(**changes: Any) -> User:
    fields = {
        "email": "new@example.com",
        "name": "New",
        "password": PASSWORD,
        "roles": [],
        "by": None,
        "now": NOW,
    }
    return create_user(**(fields | changes))


def test_a_user_is_made_with_roles_groups_and_journal(admin: User) -> None:
    user = make(email=" New@Example.COM ", name=" New ", roles=[role("sales_rep"), role("credit")], by=admin)
    assert (user.email, user.name, user.created_at) == ("new@example.com", "New", NOW)
    assert {found.code for found in user.roles.all()} == {"sales_rep", "credit"}
    assert set(user.groups.all()) == {role("sales_rep").group, role("credit").group}
    assert verbs(user) == ["user.created", "user.roles_changed"]
    assert Entry.objects.get(verb="user.created").by == admin


@pytest.mark.django_db
def test_without_a_password_nobody_can_sign_in() -> None:
    assert not make(password=None).has_usable_password()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "ALICE@example.com"}, "email"),
        ({"email": "nonsense"}, "email"),
        ({"email": ""}, "email"),
        ({"name": "  "}, "name"),
    ],
)
def test_a_user_who_cannot_be_is_refused(alice: User, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        make(**changes)
    assert refused.value.field == field


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["short", "password1234", "new@example.com"])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        make(password=password)
    assert not User.objects.filter(email="new@example.com").exists()


def test_new_passwords_are_long_and_differ() -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50
    assert {len(password) for password in made} == {23}


def test_a_change_is_written_once_and_told(alice: User, admin: User) -> None:
    fields = {"email": "alice@example.com", "name": "Alice", "job_title": "Rep", "phone": ""}
    changed = change_user(user=alice, by=admin, now=NOW, version=1, **fields)
    assert (changed.job_title, changed.version) == ("Rep", 2)
    assert Entry.objects.get(verb="user.changed").data == {"job_title": ["", "Rep"]}
    change_user(user=alice, by=admin, now=NOW, version=2, **fields)
    assert verbs(alice) == ["user.changed"], "nothing changed, nothing is told"
    with pytest.raises(Changed):
        change_user(user=alice, by=admin, now=NOW, version=1, **fields)


def test_changing_roles_changes_permissions(alice: User, admin: User) -> None:
    set_roles(user=alice, roles=[role("credit")], by=admin, now=NOW)
    alice = User.objects.get(pk=alice.pk)
    assert alice.has_perm("crm.change_credit")
    assert not alice.has_perm("crm.change_customer")
    assert Entry.objects.get(verb="user.roles_changed").data == {"roles": [["Sales rep"], ["Credit"]]}
    set_roles(user=alice, roles=[role("credit")], by=admin, now=NOW)
    assert verbs(alice) == ["user.roles_changed"]


# --- nobody himself, nobody above, nobody last


@pytest.fixture
def personnel(db: None) -> User:
    """May administer users and holds customer maintenance, edit."""
    levels = {"user_admin": Level.MANAGE, "customer_maintenance": Level.EDIT}
    own = create_role(name="Personnel", levels=levels, by=None, now=NOW)
    return make(email="personnel@example.com", name="Personnel", roles=[own])


TAKEN: dict[str, Verb] = {
    "change": lambda user, by: change_user(
        user=user, email="x@example.com", name="X", job_title="", phone="", by=by, now=NOW
    ),
    "roles": lambda user, by: set_roles(user=user, roles=[], by=by, now=NOW),
    "suspend": lambda user, by: suspend(user=user, by=by, now=NOW),
    "deactivate": lambda user, by: deactivate(user=user, by=by, now=NOW),
    "password": lambda user, by: set_password(user=user, password="one that is long enough", by=by, now=NOW),
}


@pytest.mark.parametrize("verb", TAKEN.values(), ids=TAKEN)
def test_nobody_edits_himself(admin: User, verb: Verb) -> None:
    UserFactory(roles=["administrator"])
    before = User.objects.filter(pk=admin.pk).values().get()
    with pytest.raises(Refused, match="your own account"):
        verb(admin, admin)
    assert User.objects.filter(pk=admin.pk).values().get() == before
    assert admin.roles.get().code == "administrator"


@pytest.mark.parametrize("verb", TAKEN.values(), ids=TAKEN)
@pytest.mark.parametrize("code", ["administrator", "sales_rep", "read_only"])
def test_nobody_edits_whoever_holds_more(personnel: User, admin: User, verb: Verb, code: str) -> None:
    other = UserFactory(name="Other", roles=[code])
    with pytest.raises(Refused, match="grants more than you have"):
        verb(other, personnel)
    other.refresh_from_db()
    assert other.can_sign_in
    assert other.check_password(PASSWORD)


@pytest.mark.parametrize("verb", TAKEN.values(), ids=TAKEN)
def test_whoever_holds_less_may_be_edited(personnel: User, verb: Verb) -> None:
    verb(UserFactory(), personnel)


def test_a_restored_user_may_not_hold_more_either(personnel: User, admin: User, alice: User) -> None:
    suspend(user=alice, by=admin, now=NOW)
    with pytest.raises(Refused, match="grants more"):
        restore(user=alice, by=personnel, now=NOW)


@pytest.mark.parametrize("code", ["administrator", "sales_rep", "read_only"])
def test_nobody_grants_what_he_lacks(personnel: User, code: str) -> None:
    with pytest.raises(Refused, match="do not have yourself") as refused:
        make(roles=[role(code)], by=personnel)
    assert refused.value.field == "roles"
    assert not User.objects.filter(email="new@example.com").exists()


def test_the_own_rights_may_be_granted(personnel: User) -> None:
    assert make(roles=list(personnel.roles.all()), by=personnel).has_perm("crm.change_customer")


def test_rights_end_with_the_access(personnel: User, admin: User) -> None:
    suspend(user=personnel, by=admin, now=NOW)
    personnel.refresh_from_db()
    with pytest.raises(Refused, match="do not have yourself"):
        make(roles=list(personnel.roles.all()), by=personnel)


LAST: dict[str, Verb] = {name: TAKEN[name] for name in ("roles", "suspend", "deactivate")}


@pytest.mark.parametrize("verb", LAST.values(), ids=LAST)
def test_the_last_administrator_stays(admin: User, verb: Verb) -> None:
    suspended = UserFactory(roles=["administrator"])
    suspend(user=suspended, by=admin, now=NOW)
    unable = UserFactory(roles=["administrator"])
    unable.set_unusable_password()
    unable.save()
    with pytest.raises(Refused, match="nobody else could administer"):
        verb(admin, None)
    admin.refresh_from_db()
    assert admin.can_sign_in
    assert admin.roles.get().code == "administrator"
    UserFactory(roles=["administrator"])
    verb(admin, None)


def test_the_superuser_flag_goes_with_the_role(admin: User) -> None:
    first = User.objects.create_superuser(email="first@example.com", password=PASSWORD, name="First")
    assert first.is_superuser
    set_roles(user=first, roles=[role("read_only")], by=admin, now=NOW)
    first = User.objects.get(pk=first.pk)
    assert not first.is_superuser
    assert not first.has_perm("accounts.administer_users")


# --- suspended, deactivated, restored


def test_suspending_ends_rights_at_once_and_keeps_the_work(alice: User, admin: User) -> None:
    action = ActionFactory(assignee=alice)
    suspend(user=alice, by=admin, now=NOW)
    alice = User.objects.get(pk=alice.pk)
    assert (alice.is_active, alice.suspended_at, alice.session_epoch) == (True, NOW, 1)
    assert not alice.can_sign_in
    assert not alice.has_perm("crm.view_customer")
    assert not alice.has_module_perms("crm")
    action.refresh_from_db()
    assert action.assignee == alice
    with pytest.raises(Refused, match="suspended already"):
        suspend(user=alice, by=admin, now=NOW)
    restore(user=alice, by=admin, now=NOW)
    assert User.objects.get(pk=alice.pk).has_perm("crm.view_customer")
    assert verbs(alice) == ["user.suspended", "user.restored"]
    with pytest.raises(Refused, match="has access already"):
        restore(user=alice, by=admin, now=NOW)


def test_a_suspended_superuser_may_do_nothing(admin: User) -> None:
    first = User.objects.create_superuser(email="first@example.com", password=PASSWORD, name="First")
    suspend(user=first, by=admin, now=NOW)
    assert not User.objects.get(pk=first.pk).has_perm("crm.view_customer")


def test_deactivating_waits_until_the_work_is_handed_over(alice: User, bob: User, admin: User) -> None:
    action = ActionFactory(assignee=alice)
    team = TeamFactory(name="Hers", lead=alice)
    days = {"starts_on": NOW.date(), "created_at": NOW}
    Absence.objects.create(user=bob, substitute=alice, **days)
    with pytest.raises(Refused) as refused:
        deactivate(user=alice, by=admin, now=NOW)
    for part in ("1 open follow-up", "Lead of the team Hers.", "Stands in for Bob."):
        assert part in refused.value.message
    assert User.objects.get(pk=alice.pk).is_active
    type(action).objects.filter(pk=action.pk).update(assignee=bob)
    type(team).objects.filter(pk=team.pk).update(lead=None)
    Absence.objects.update(ends_on=NOW.date())
    assert open_work(alice, now=NOW) == ["Stands in for Bob."], "the last day still counts"
    Absence.objects.update(cancelled_at=NOW)
    deactivate(user=alice, by=admin, now=NOW)
    alice = User.objects.get(pk=alice.pk)
    assert (alice.is_active, alice.deactivated_at, alice.session_epoch) == (False, NOW, 1)
    assert verbs(alice) == ["user.deactivated"]
    for verb in (suspend, deactivate):
        with pytest.raises(Refused, match="deactivated already"):
            verb(user=alice, by=admin, now=NOW)
    restore(user=alice, by=admin, now=NOW)
    assert User.objects.get(pk=alice.pk).can_sign_in


def test_a_password_is_set_and_never_told(alice: User, admin: User) -> None:
    set_password(user=alice, password="a new one, long", by=admin, now=NOW)
    assert User.objects.get(pk=alice.pk).check_password("a new one, long")
    entry = Entry.objects.get(verb="user.password_set")
    assert (entry.by, entry.data) == (admin, {})
    with pytest.raises(ValidationError):
        set_password(user=alice, password="short", by=admin, now=NOW)


def test_a_theme_is_stored(alice: User) -> None:
    set_theme(user=alice, theme="dark", by=alice, now=NOW)
    assert User.objects.get(pk=alice.pk).theme == "dark"
    with pytest.raises(Refused):
        set_theme(user=alice, theme="pink", by=alice, now=NOW)


def test_roles_stay_while_work_is_open_that_needs_them(alice: User, admin: User) -> None:
    rep, viewer = Role.objects.get(code="sales_rep"), Role.objects.get(code="read_only")
    ActionFactory(customer=CustomerFactory(owner=alice), assignee=alice)
    with pytest.raises(Refused, match="1 open follow-up: reroute or close them"):
        set_roles(user=alice, roles=[viewer], by=admin, now=NOW)
    assert alice.roles.get() == rep
    set_roles(user=alice, roles=[rep, viewer], by=admin, now=NOW)
    Action.objects.update(status="done", outcome="reached", closed_at=NOW, closed_on=NOW.date())
    set_roles(user=alice, roles=[viewer], by=admin, now=NOW)
    assert alice.roles.get() == viewer
