"""Teams: made and changed by administrators."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from accounts.domain.editing import check_name, locked, write
from accounts.domain.rights import check_own_scope, same_reach
from accounts.domain.tree import check_parent
from accounts.models import Team, TeamMember, User
from activity.domain import record
from core.errors import Refused


@transaction.atomic
def create_team(
    *,
    name: str,
    by: User | None,
    now: datetime,
    lead: User | None = None,
    parent: Team | None = None,
    members: Collection[User] = (),
) -> Team:
    """A new team. ``lead`` sees its records and those of the teams below; ``members`` see its records."""
    check_people([lead] if lead else [], field="lead")
    check_people(members, field="members")
    people = {user.pk for user in members}
    check_own_scope(by, set(), people | ({lead.pk} if lead else set()), "team")
    team = Team.objects.create(name=check_name(name, Team), lead=lead, parent=parent)
    TeamMember.objects.bulk_create([TeamMember(team=team, user_id=pk) for pk in sorted(people)])
    data = {"name": team.name, "lead": lead, "parent": parent, "members": sorted(people)}
    record(team, "team.created", by=by, now=now, data=data)
    return team


@transaction.atomic
def change_team(
    *,
    team: Team,
    name: str,
    lead: User | None,
    parent: Team | None,
    members: Collection[User],
    by: User | None,
    now: datetime,
    version: int | None = None,
) -> Team:
    """Change ``team``; ``members`` are all that it has afterwards.

    Raises ``Refused`` for a parent below the team, for new people who have left the company, and for a
    change of what ``by`` sees himself.
    """
    check_parent(team, parent)
    team = locked(team)
    before = set(team.memberships.values_list("user", flat=True))
    after = {user.pk for user in members}
    check_people([lead] if lead and lead.pk != team.lead_id else [], field="lead")
    check_people([user for user in members if user.pk not in before], field="members")
    check_own_scope(by, before | {team.lead_id or 0}, after | {lead.pk if lead else 0}, "team")
    values = {"name": check_name(name, Team, besides=team), "lead": lead, "parent": parent}
    also = {"members": [sorted(before), sorted(after)]} if before != after else {}
    with same_reach(by):
        write(team, "team.changed", values, by=by, now=now, version=version, also=also)
        team.memberships.exclude(user__in=after).delete()
        TeamMember.objects.bulk_create([TeamMember(team=team, user_id=pk) for pk in sorted(after - before)])
    return team


def check_people(people: Iterable[User], *, field: str) -> None:
    """Refuse people whose account is closed."""
    for user in people:
        if not user.is_active:
            raise Refused(f"{user} has left: choose somebody else.", field=field)
