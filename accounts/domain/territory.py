"""Territories: made and changed by administrators."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.domain.editing import check_name, locked, write
from accounts.domain.rights import check_own_scope, same_reach
from accounts.domain.team import check_people
from accounts.domain.tree import check_parent
from accounts.models import Territory, TerritoryMember, User
from activity.domain import record


@transaction.atomic
def create_territory(
    *,
    name: str,
    by: User | None,
    now: datetime,
    parent: Territory | None = None,
    members: Collection[User] = (),
) -> Territory:
    """A new territory, whose ``members`` see its records and those of the territories below."""
    check_people(members, field="members")
    people = {user.pk for user in members}
    check_own_scope(by, set(), people, "territory")
    territory = Territory.objects.create(name=check_name(name, Territory), parent=parent)
    rows = [TerritoryMember(territory=territory, user_id=pk) for pk in sorted(people)]
    TerritoryMember.objects.bulk_create(rows)
    data = {"name": territory.name, "parent": parent, "members": sorted(people)}
    record(territory, "territory.created", by=by, now=now, data=data)
    return territory


@transaction.atomic
def change_territory(
    *,
    territory: Territory,
    name: str,
    parent: Territory | None,
    members: Collection[User],
    by: User | None,
    now: datetime,
    version: int | None = None,
) -> Territory:
    """Change ``territory``; ``members`` are all that it has afterwards.

    Raises ``Refused`` for a parent below the territory, for new people who have left the company, and for
    a change of what ``by`` sees himself.
    """
    check_parent(territory, parent)
    territory = locked(territory)
    before = set(territory.memberships.values_list("user", flat=True))
    after = {user.pk for user in members}
    check_people([user for user in members if user.pk not in before], field="members")
    check_own_scope(by, before, after, "territory")
    values = {"name": check_name(name, Territory, besides=territory), "parent": parent}
    also = {"members": [sorted(before), sorted(after)]} if before != after else {}
    rows = [TerritoryMember(territory=territory, user_id=pk) for pk in sorted(after - before)]
    with same_reach(by):
        write(territory, "territory.changed", values, by=by, now=now, version=version, also=also)
        territory.memberships.exclude(user__in=after).delete()
        TerritoryMember.objects.bulk_create(rows)
    return territory
