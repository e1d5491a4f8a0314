"""Who may do what: the policies of routes, the scope of records, and the door to guardian.

Three questions, always in this order. *Function*: does a role of the user grant the permission?
*Record*: is the row in the user's scope? *Field*: may this column be shown? The first is a
:class:`Policy` that every route declares; the second is ``Model.objects.visible_to(user)``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase
from guardian.shortcuts import assign_perm, remove_perm

View = TypeVar("View", bound=Callable[..., Any])

__all__ = [
    "Access",
    "GroupObjectPermissionBase",
    "Policy",
    "RecordScope",
    "UserObjectPermissionBase",
    "listed_shares",
    "permission_named",
    "permissions_named",
    "policy",
    "public",
    "requires",
    "share_record",
    "shared_rows",
    "signed_in",
    "unshare_record",
]


@dataclass(frozen=True)
class Policy:
    """Who may call a route.

    ``permissions`` must all be held (``app.codename``); ``public`` routes need no sign-in and say why.
    """

    permissions: tuple[str, ...] = ()
    public: bool = False
    why: str = ""

    def allows(self, user: Any) -> bool:
        """Whether ``user`` holds what the policy asks; records are checked separately."""
        return self.public or (user.is_authenticated and user.has_perms(self.permissions))


def requires(*permissions: str) -> Policy:
    """Signed-in users who hold all ``permissions``."""
    return Policy(permissions=permissions)


def signed_in() -> Policy:
    """Every signed-in user."""
    return Policy()


def public(why: str) -> Policy:
    """Anybody; ``why`` says the reason to a reviewer."""
    return Policy(public=True, why=why)


def policy(value: Policy) -> Callable[[View], View]:
    """Declare the policy of a view function; view classes set the attribute ``policy``."""

    def declare(view: View) -> View:
        view.policy = value  # type: ignore[attr-defined]
        return view

    return declare


@dataclass(frozen=True)
class RecordScope:
    """Which records are a user's own, by columns; explicit shares come on top.

    ``all_for`` holds the permissions (``app.codename``) that a role with all records gives him: who may
    read everything by one role and change his own records by another must not change everything.
    ``role_ids`` are his roles, whose queues he works from. ``team_ids`` are the teams he is in, with those
    below the ones he leads; ``led_team_ids`` only the latter: the teams whose work he answers for.
    """

    user_id: int
    all_for: frozenset[str] = frozenset()
    role_ids: frozenset[int] = frozenset()
    team_ids: frozenset[int] = frozenset()
    led_team_ids: frozenset[int] = frozenset()
    territory_ids: frozenset[int] = frozenset()

    def covers_all(self, permission: str) -> bool:
        """Whether ``permission`` reaches every record, whoever owns it."""
        return permission in self.all_for

    def owned(self, prefix: str = "") -> Q:
        """The condition on the columns owner, team and territory, found under ``prefix``."""
        condition = Q(**{f"{prefix}owner_id": self.user_id})
        if self.team_ids:
            condition |= Q(**{f"{prefix}team_id__in": sorted(self.team_ids)})
        if self.territory_ids:
            condition |= Q(**{f"{prefix}territory_id__in": sorted(self.territory_ids)})
        return condition


@dataclass(frozen=True)
class Access:
    """What his roles, teams and territories give a user: permissions (``app.codename``) and records."""

    permissions: frozenset[str]
    scope: RecordScope


def permission_named(action: str, model: type[Model]) -> str:
    """``app.action_model``: what Django calls the permission for ``action`` on ``model``."""
    return f"{model._meta.app_label}.{_codename(action, model)}"


def _codename(action: str, model: type[Model]) -> str:
    return f"{action}_{model._meta.model_name}"


def shared_rows(model: type[Model], user: Any, action: str) -> QuerySet[Any, Any]:
    """Ids of ``model`` rows shared explicitly with ``user`` or one of his roles for ``action``.

    A share for changing is also one for viewing. The rows are two indexed look-ups joined by UNION.
    """
    return _shares(model, user, action, "content_object_id")


def listed_shares(model: type[Model], user: Any, action: str, *, most: int) -> list[int] | None:
    """The ids of :func:`shared_rows`; None when the user has more than ``most`` shares.

    Read once per request for viewing and changing: kept with the user, whom the next request loads anew.
    """
    if model not in user.known_shares:
        found = _shares(model, user, "view", "content_object_id", "permission__codename")[: most + 1]
        user.known_shares[model] = list(found)
    shares = user.known_shares[model]
    fitting = {pk for pk, codename in shares if action == "view" or codename == _codename(action, model)}
    return sorted(fitting) if len(shares) <= most else None


def _shares(model: type[Model], user: Any, action: str, *columns: str) -> QuerySet[Any, Any]:
    actions = ["view", "change"] if action == "view" else [action]
    grant = Q(
        permission__content_type=ContentType.objects.get_for_model(model),
        permission__codename__in=[_codename(name, model) for name in actions],
    )
    users, groups = model.user_share_model, model.group_share_model  # type: ignore[attr-defined]
    own: QuerySet[Any, Any] = users.objects.filter(grant, user_id=user.pk).values_list(*columns)
    by_role = groups.objects.filter(grant, group__user=user.pk).values_list(*columns)
    return own.order_by().union(by_role.order_by())


def share_record(record: Model, holder: Any, actions: Iterable[str]) -> None:
    """Grant ``holder`` (a user or a group) ``actions`` such as view and change on ``record``."""
    for action in actions:
        assign_perm(permission_named(action, type(record)), holder, record)
    _forget_shares(holder)


def unshare_record(record: Model, holder: Any, actions: Iterable[str]) -> None:
    """Take the explicit grants back."""
    for action in actions:
        remove_perm(permission_named(action, type(record)), holder, record)
    _forget_shares(holder)


def _forget_shares(holder: Any) -> None:
    """What this request has read of a user's shares is read again."""
    vars(holder).pop("known_shares", None)


def permissions_named(names: Iterable[str]) -> dict[str, Permission]:
    """The permission rows of ``app.codename`` texts by text; ``LookupError`` names what does not exist."""
    wanted = set(names)
    rows = Permission.objects.filter(codename__in={name.partition(".")[2] for name in wanted})
    labelled = (
        (f"{row.content_type.app_label}.{row.codename}", row) for row in rows.select_related("content_type")
    )
    found = {name: row for name, row in labelled if name in wanted}
    if missing := wanted - found.keys():
        raise LookupError(f"No such permission: {', '.join(sorted(missing))}.")
    return found
