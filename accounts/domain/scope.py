"""Which records are a user's own."""

from collections.abc import Collection, Iterable, Mapping

from django.contrib.auth.models import Permission

from accounts.models import Team, TeamMember, Territory, TerritoryMember, User
from core.permissions import RecordScope


def record_scope(user: User) -> RecordScope:
    """The scope of ``user``: his teams, those below the ones he leads, his territories.

    Six queries at most, however deep the trees; the tables are small and walked in Python.
    """
    if not user.can_sign_in or user.pk is None:
        return RecordScope(user_id=0)
    return record_scopes([user.pk])[user.pk]


def record_scopes(user_ids: Collection[int]) -> dict[int, RecordScope]:
    """The scopes of many users whose access is open, in five queries for any number of them."""
    everything = _permissions_for_all(user_ids)
    teams = list(Team.objects.values_list("pk", "parent_id", "lead_id"))
    team_parents = {pk: parent for pk, parent, _ in teams}
    led = _grouped((lead, pk) for pk, _, lead in teams if lead is not None)
    member = _grouped(TeamMember.objects.filter(user__in=user_ids).values_list("user_id", "team_id"))
    territory_parents = _parents(Territory.objects.values_list("pk", "parent_id"))
    worked = _grouped(
        TerritoryMember.objects.filter(user__in=user_ids).values_list("user_id", "territory_id")
    )
    return {
        pk: RecordScope(
            user_id=pk,
            all_for=frozenset(everything.get(pk, ())),
            team_ids=frozenset(member.get(pk, ())) | _below(led.get(pk, set()), team_parents),
            led_team_ids=_below(led.get(pk, set()), team_parents),
            territory_ids=_below(worked.get(pk, set()), territory_parents),
        )
        for pk in user_ids
    }


def _permissions_for_all(user_ids: Collection[int]) -> dict[int, set[str]]:
    """What each user's roles with all records permit, as ``app.codename``."""
    rows = Permission.objects.filter(
        group__role__all_records=True, group__role__user_roles__user__in=user_ids
    )
    columns = ("group__role__user_roles__user", "content_type__app_label", "codename")
    found: dict[int, set[str]] = {}
    for user_id, app, codename in rows.order_by().values_list(*columns).distinct():
        found.setdefault(user_id, set()).add(f"{app}.{codename}")
    return found


def _grouped(pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for key, value in pairs:
        found.setdefault(key, set()).add(value)
    return found


def led_team_ids(user: User) -> frozenset[int]:
    """Teams that ``user`` leads, with every team below them."""
    led = set(Team.objects.filter(lead=user).values_list("pk", flat=True))
    return _below(led, _parents(Team.objects.values_list("pk", "parent_id"))) if led else frozenset()


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
