"""Whose follow-ups a user may reroute, and to whom: questions only, nothing is written here."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from accounts.domain.scope import led_team_ids
from accounts.models import TeamMember, User
from core.errors import Denied
from events.models import Override

ANYBODY = "events.override_any"
OWN_TEAMS = "events.override_team"
LOOK = "events.view_override"


def may_reroute(by: User) -> bool:
    """Whether ``by`` may reroute anybody's follow-ups, be it only within his own teams."""
    return by.has_perm(ANYBODY) or by.has_perm(OWN_TEAMS)


def people_within(by: User) -> QuerySet[User]:
    """From whom and to whom ``by`` may reroute: everybody, or the people of the teams he leads.

    Those teams include the ones below; their leads and he himself belong to their people.
    """
    if by.has_perm(ANYBODY):
        return User.objects.all()
    if not by.has_perm(OWN_TEAMS):
        return User.objects.none()
    teams = sorted(led_team_ids(by))
    members = TeamMember.objects.filter(team__in=teams).values("user")
    return User.objects.filter(Q(pk__in=members) | Q(led_teams__in=teams)).distinct()


def overrides_within(user: User) -> QuerySet[Override]:
    """The overrides that ``user`` may look at: all, or those of people within his reach."""
    if user.has_perm(ANYBODY) or user.record_scope.covers_all(LOOK):
        return Override.objects.all()
    return Override.objects.filter(from_user__in=people_within(user).values("pk"))


def check_within(by: User, user_ids: Iterable[int], *, reach: QuerySet[User] | None = None) -> None:
    """Raise ``Denied`` when one of the users is outside what ``by`` may reroute."""
    wanted = set(user_ids)
    found = (people_within(by) if reach is None else reach).filter(pk__in=wanted)
    if found.values("pk").count() == len(wanted):
        return
    raise Denied("You can reroute follow-ups only from and to people of the teams you lead.")


def colleagues(from_user: User, by: User) -> list[User]:
    """Who is asked first when work of ``from_user`` is handed out, by name.

    The people of his teams with their leads; without any, those who share a role with him. Whether each
    of them can take a certain follow-up is a question of its own.
    """
    reach = people_within(by).filter(is_active=True, suspended_at=None).exclude(pk=from_user.pk)
    teams = list(from_user.teams.values_list("pk", flat=True))
    near = reach.filter(Q(teams__in=teams) | Q(led_teams__in=teams)).distinct() if teams else reach.none()
    found = list(near.order_by("name", "pk"))
    if found:
        return found
    return list(reach.filter(roles__in=from_user.roles.all()).distinct().order_by("name", "pk"))
