"""Which records are a user's own."""

from collections.abc import Iterable, Mapping

from accounts.models import Team, TeamMember, Territory, TerritoryMember, User
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
        territory_ids=_below(_territories_of(user), _parents(Territory.objects.values_list("pk", "parent_id"))),
    )


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
