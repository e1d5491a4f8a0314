"""Teams and territories: trees without circles, and nobody lets himself in."""

from typing import Any

import pytest

from accounts.domain.role import create_role
from accounts.domain.team import change_team, create_team
from accounts.domain.territory import change_territory, create_territory
from accounts.models import Team, Territory, User
from activity.models import Entry
from core.errors import Changed, Refused
from tests.factories import NOW, TeamFactory, TerritoryFactory, UserFactory


def with_(team: Team, **changes: Any) -> Team:
    fields = {
        "name": team.name,
        "lead": team.lead,
        "parent": team.parent,
        "members": list(team.members.all()),
    }
    return change_team(team=team, now=NOW, **({"by": None} | fields | changes))


def put(territory: Territory, **changes: Any) -> Territory:
    fields = {"name": territory.name, "parent": territory.parent, "members": list(territory.members.all())}
    return change_territory(territory=territory, now=NOW, **({"by": None} | fields | changes))


@pytest.fixture
def officer(db: None) -> User:
    """Administers users without seeing all records."""
    role = create_role(name="Personnel", levels={"user_admin": 3}, by=None, now=NOW)
    user = UserFactory()
    user.user_roles.create(role=role)
    user.groups.add(role.group)
    return user


def test_a_team_is_made_and_told(alice: User, bob: User, north: Team, admin: User) -> None:
    team = create_team(name=" West ", lead=alice, parent=north, members=[bob, alice], by=admin, now=NOW)
    assert (team.name, set(team.members.all())) == ("West", {alice, bob})
    entry = Entry.objects.get(verb="team.created")
    ids = sorted([alice.pk, bob.pk])
    assert entry.data == {"name": "West", "lead": alice.pk, "parent": north.pk, "members": ids}


def test_a_team_is_changed_and_told(
    alice: User, bob: User, charlie: User, north_shops: Team, admin: User
) -> None:
    with_(north_shops, lead=bob, members=[bob, charlie], by=admin, version=1)
    assert set(north_shops.members.all()) == {bob, charlie}
    before, after = sorted([alice.pk, bob.pk]), sorted([bob.pk, charlie.pk])
    assert Entry.objects.get(verb="team.changed").data == {"lead": [None, bob.pk], "members": [before, after]}
    with pytest.raises(Changed):
        with_(north_shops, members=[], version=1)
    assert set(north_shops.members.all()) == {bob, charlie}


def test_no_team_stands_above_itself(north: Team, north_shops: Team) -> None:
    deep = TeamFactory(parent=north_shops)
    for parent in (north, north_shops, deep):
        with pytest.raises(Refused, match="cannot stand above") as refused:
            with_(north, parent=parent)
        assert refused.value.field == "parent"
    with_(deep, parent=north)


def test_no_territory_stands_above_itself(db: None) -> None:
    top = TerritoryFactory()
    below = TerritoryFactory(parent=top)
    with pytest.raises(Refused, match="cannot stand above"):
        put(top, parent=below)
    put(below, parent=None)
    put(top, parent=below)


@pytest.mark.parametrize("name", ["", "NORTH"])
def test_an_empty_or_taken_name_is_refused(north: Team, name: str) -> None:
    for refusing in (
        lambda: create_team(name=name, by=None, now=NOW),
        lambda: with_(TeamFactory(), name=name),
    ):
        with pytest.raises(Refused) as refused:
            refusing()
        assert refused.value.field == "name"


def test_who_has_left_is_not_put_in_but_may_stay(alice: User, north_shops: Team) -> None:
    gone = UserFactory(name="Gone", is_active=False, deactivated_at=NOW)
    with pytest.raises(Refused, match="Gone has left") as refused:
        with_(north_shops, members=[alice, gone])
    assert refused.value.field == "members"
    with pytest.raises(Refused, match="Gone has left") as refused:
        with_(north_shops, lead=gone)
    assert refused.value.field == "lead"
    north_shops.memberships.create(user=gone)
    with_(north_shops, name="Shops")


def test_nobody_lets_himself_into_records(
    officer: User, alice: User, north_shops: Team, manager: User
) -> None:
    for changes in ({"members": [alice, officer]}, {"lead": officer}):
        with pytest.raises(Refused, match="yourself"):
            with_(north_shops, by=officer, **changes)
        with pytest.raises(Refused, match="yourself"):
            create_team(name="Own", by=officer, now=NOW, **changes)
    with pytest.raises(Refused, match="yourself"):
        create_territory(name="Own", members=[officer], by=officer, now=NOW)
    with pytest.raises(Refused, match="yourself"):
        put(TerritoryFactory(), members=[officer], by=officer)
    with_(north_shops, members=[alice, manager], by=officer)


def test_nobody_moves_records_below_what_is_his(officer: User, north: Team, north_shops: Team) -> None:
    own = TeamFactory(lead=officer)
    for team in (north, north_shops):
        with pytest.raises(Refused, match="which records you see yourself"):
            with_(team, parent=own, by=officer)
    worked, other = TerritoryFactory(), TerritoryFactory()
    worked.memberships.create(user=officer)
    with pytest.raises(Refused, match="which records you see yourself"):
        put(other, parent=worked, by=officer)
    assert list(Team.objects.filter(parent=own)) == list(Territory.objects.exclude(parent=None)) == []
    with_(north_shops, parent=None, by=officer)


def test_who_sees_everything_anyway_may(admin: User, north_shops: Team) -> None:
    with_(north_shops, lead=admin, members=[admin], by=admin)
    assert list(north_shops.members.all()) == [admin]


def test_a_territory_is_made_changed_and_told(alice: User, bob: User, admin: User) -> None:
    wales = create_territory(name="Wales", members=[alice], by=admin, now=NOW)
    put(wales, name="Cymru", members=[bob], by=admin, version=1)
    assert list(wales.members.all()) == [bob]
    told = list(Entry.objects.filter(subject_type="accounts.territory").order_by("pk"))
    assert [entry.verb for entry in told] == ["territory.created", "territory.changed"]
    assert told[1].data == {"name": ["Wales", "Cymru"], "members": [[alice.pk], [bob.pk]]}
