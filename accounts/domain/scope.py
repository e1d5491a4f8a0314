"""Which records are a user's own."""

from collections.abc import Collection, Iterable, Mapping

from accounts.models import Team, TeamMember, Territory, TerritoryMember, User, UserRole
from core.permissions import RecordScope


def record_scope(user: User) -> RecordScope:
    """The scope of ``user``: his teams, those below the ones he leads, his territories.

    Three to five queries, however deep the trees; the tables are small and walked in Python.
    """
    if not user.is_active or user.pk is None:
        return RecordScope(user_id=0)
    if user.roles.filter(all_records=True).exists():
        return RecordScope(user_id=user.pk, everything=True)
    return RecordScope(
        user_id=user.pk,
        team_ids=team_ids_of(user),
        territory_ids=_below(
            _territories_of(user), _parents(Territory.objects.values_list("pk", "parent_id"))
        ),
    )


def record_scopes(user_ids: Collection[int]) -> dict[int, RecordScope]:
    """The scopes of many active users, equal to :func:`record_scope` of each, in five queries."""
    all_records = UserRole.objects.filter(user__in=user_ids, role__all_records=True)
    everything = set(all_records.values_list("user_id", flat=True))
    teams = list(Team.objects.values_list("pk", "parent_id", "lead_id"))
    team_parents = {pk: parent for pk, parent, _ in teams}
    led = _grouped((lead, pk) for pk, _, lead in teams if lead is not None)
    member = _grouped(TeamMember.objects.filter(user__in=user_ids).values_list("user_id", "team_id"))
    territory_parents = _parents(Territory.objects.values_list("pk", "parent_id"))
    worked = _grouped(
        TerritoryMember.objects.filter(user__in=user_ids).values_list("user_id", "territory_id")
    )
    return {
        pk: RecordScope(user_id=pk, everything=True)
        if pk in everything
        else RecordScope(
            user_id=pk,
            team_ids=frozenset(member.get(pk, ())) | _below(led.get(pk, set()), team_parents),
            territory_ids=_below(worked.get(pk, set()), territory_parents),
        )
        for pk in user_ids
    }


def _grouped(pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for key, value in pairs:
        found.setdefault(key, set()).add(value)
    return found


def team_ids_of(user: User) -> frozenset[int]:
    """Teams that ``user`` is in or leads, with every team below the ones he leads."""
    led = set(Team.objects.filter(lead=user).values_list("pk", flat=True))
    member = set(TeamMember.objects.filter(user=user).values_list("team_id", flat=True))
    below = _below(led, _parents(Team.objects.values_list("pk", "parent_id"))) if led else frozenset()
    return frozenset(member) | below


def led_team_ids(user: User) -> frozenset[int]:
    """Teams that ``user`` leads, with every team below them."""
    led = set(Team.objects.filter(lead=user).values_list("pk", flat=True))
    return _below(led, _parents(Team.objects.values_list("pk", "parent_id"))) if led else frozenset()


def _territories_of(user: User) -> set[int]:
    return set(TerritoryMember.objects.filter(user=user).values_list("territory_id", flat=True))


def _parents(pairs: Iterable[tuple[int, int | None]]) -> dict[int, int | None]:
    return dict(pairs)


def _below(roots: set[int], parents: Mapping[int, int | None]) -> frozenset[int]:
    """``roots`` and everything under them; a cycle in the data ends the walk instead of hanging it."""
    children: dict[int, list[int]] = {}
    for child, parent in parents.items():
        if parent is not None:
            children.setdefault(parent, []).append(child)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(children.get(node, []))
    return frozenset(found)
