"""What users may do, and which records are their own."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import F, IntegerField, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts.models import Team, TeamMember, Territory, TerritoryMember, User, UserRole
from core.permissions import Access, RecordScope

NO_ACCESS = Access(frozenset(), RecordScope(user_id=0))


def access_of(user: User) -> Access:
    """The access of ``user`` as the database has it now; none while his account is closed."""
    if not user.can_sign_in or user.pk is None:
        return NO_ACCESS
    return accesses([user.pk])[user.pk]


def record_scope(user: User) -> RecordScope:
    """The scope of ``user``: his teams, those below the ones he leads, his territories."""
    return access_of(user).scope


def record_scopes(user_ids: Collection[int]) -> dict[int, RecordScope]:
    """The scopes of many users whose access is open, in one query."""
    return {pk: access.scope for pk, access in accesses(user_ids).items()}


def accesses(user_ids: Collection[int]) -> dict[int, Access]:
    """The access of many users whose accounts are open, in one query for any number of them.

    The trees of teams and territories are small: they are read whole and walked in Python.
    """
    found = _Found()
    for kind, user_id, node, parent, name in _rows(user_ids):
        found.take(kind, user_id, node, parent, name)
    return {pk: found.access(pk) for pk in user_ids}


def _rows(user_ids: Collection[int]) -> QuerySet[Any, Any]:
    """Everything that access depends on, as rows of one shape: kind, user, node, parent, name."""
    teams = TeamMember.objects.filter(user__in=user_ids)
    territories = TerritoryMember.objects.filter(user__in=user_ids)
    return _part(
        "permission",
        Permission.objects.filter(group__user__in=user_ids),
        user=F("group__user"),
        node=Cast("group__role__all_records", IntegerField()),
        name=Concat("content_type__app_label", Value("."), "codename"),
    ).union(
        _part("role", UserRole.objects.filter(user__in=user_ids), user=F("user"), node=F("role")),
        _part("team", Team.objects, user=F("lead"), node=F("pk"), parent=F("parent")),
        _part("member", teams, user=F("user"), node=F("team")),
        _part("territory", Territory.objects, node=F("pk"), parent=F("parent")),
        _part("worker", territories, user=F("user"), node=F("territory")),
        all=True,
    )


_NONE, _NO_NAME = Value(0), Value("")


def _part(
    kind: str, rows: Any, *, user: Any = _NONE, node: Any = _NONE, parent: Any = _NONE, name: Any = _NO_NAME
) -> QuerySet[Any, Any]:
    shape: QuerySet[Any, Any] = rows.order_by().values_list(Value(kind), user, node, parent, name)
    return shape


class _Found:
    """The rows of :func:`_rows`, sorted into who has what."""

    def __init__(self) -> None:
        self.permissions: dict[int, set[str]] = defaultdict(set)
        self.everywhere: dict[int, set[str]] = defaultdict(set)  # of roles with all records
        self.roles: dict[int, set[int]] = defaultdict(set)
        self.led: dict[int, set[int]] = defaultdict(set)
        self.member: dict[int, set[int]] = defaultdict(set)
        self.worked: dict[int, set[int]] = defaultdict(set)
        self.team_parents: dict[int, int | None] = {}
        self.territory_parents: dict[int, int | None] = {}

    def take(self, kind: str, user_id: int, node: int, parent: int | None, name: str) -> None:
        """Note one row."""
        if kind == "permission":
            self.permissions[user_id].add(name)
            if node:
                self.everywhere[user_id].add(name)
        elif kind == "team":
            self.team_parents[node] = parent
            self.led[user_id].add(node)
        elif kind == "territory":
            self.territory_parents[node] = parent
        else:
            {"role": self.roles, "member": self.member, "worker": self.worked}[kind][user_id].add(node)

    def access(self, pk: int) -> Access:
        """What the rows say about one user."""
        led = _below(self.led[pk], self.team_parents)
        return Access(
            permissions=frozenset(self.permissions[pk]),
            scope=RecordScope(
                user_id=pk,
                all_for=frozenset(self.everywhere[pk]),
                role_ids=frozenset(self.roles[pk]),
                team_ids=frozenset(self.member[pk]) | led,
                led_team_ids=led,
                territory_ids=_below(self.worked[pk], self.territory_parents),
            ),
        )


def led_team_ids(user: User) -> frozenset[int]:
    """Teams that ``user`` leads, with every team below them."""
    led = set(Team.objects.filter(lead=user).values_list("pk", flat=True))
    return _below(led, dict(Team.objects.values_list("pk", "parent_id"))) if led else frozenset()


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
