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
from django.db.models import Model, Q
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase
from guardian.shortcuts import assign_perm, remove_perm

View = TypeVar("View", bound=Callable[..., Any])

__all__ = [
    "GroupObjectPermissionBase",
    "Policy",
    "RecordScope",
    "UserObjectPermissionBase",
    "policy",
    "public",
    "requires",
    "share_record",
    "shared_ids",
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

    ``team_ids`` are the teams he is in, with those below the ones he leads.
    """

    user_id: int
    everything: bool = False
    team_ids: frozenset[int] = frozenset()
    territory_ids: frozenset[int] = frozenset()

    def owned(self, prefix: str = "") -> Q:
        """The condition on the columns owner, team and territory, found under ``prefix``."""
        condition = Q(**{f"{prefix}owner_id": self.user_id})
        if self.team_ids:
            condition |= Q(**{f"{prefix}team_id__in": sorted(self.team_ids)})
        if self.territory_ids:
            condition |= Q(**{f"{prefix}territory_id__in": sorted(self.territory_ids)})
        return condition


def shared_ids(model: type[Model], user: Any, action: str) -> list[int]:
    """Ids of ``model`` rows shared explicitly with ``user`` or one of his roles for ``action``.

    Fetched first on purpose: OR-ing a sub-query into a search costs a full scan.
    """
    codename = f"{action}_{model._meta.model_name}"
    tables = (model.user_share_model, model.group_share_model)  # type: ignore[attr-defined]
    holders: tuple[Q, Q] = (Q(user_id=user.pk), Q(group__user=user.pk))
    kind = ContentType.objects.get_for_model(model)
    found: set[int] = set()
    for table, holder in zip(tables, holders, strict=True):
        rows = table.objects.filter(holder, permission__content_type=kind, permission__codename=codename)
        found.update(rows.values_list("content_object_id", flat=True))
    return sorted(found)


def share_record(record: Model, holder: Any, actions: Iterable[str]) -> None:
    """Grant ``holder`` (a user or a group) ``actions`` such as view and change on ``record``."""
    for action in actions:
        assign_perm(f"{record._meta.app_label}.{action}_{record._meta.model_name}", holder, record)


def unshare_record(record: Model, holder: Any, actions: Iterable[str]) -> None:
    """Take the explicit grants back."""
    for action in actions:
        remove_perm(f"{record._meta.app_label}.{action}_{record._meta.model_name}", holder, record)


def permissions_named(names: Iterable[str]) -> list[Permission]:
    """The permission rows of ``app.codename`` texts; ``LookupError`` names what does not exist."""
    wanted = set(names)
    rows = Permission.objects.select_related("content_type")
    found = {f"{row.content_type.app_label}.{row.codename}": row for row in rows}
    if missing := wanted - found.keys():
        raise LookupError(f"No such permission: {', '.join(sorted(missing))}.")
    return [found[name] for name in sorted(wanted)]
