"""Record visibility: the single entry point ``visible_to``."""

from typing import Any, Self, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from core.permissions import RecordScope, listed_shares, permission_named, shared_rows

Row = TypeVar("Row", bound=Model)

# Up to this many shares their ids are listed in the query, which uses the indexes of every condition
# beside them; above, the union of own and shared rows is cheaper. OR-ing the look-up of the shares into
# a search would cost a full scan.
LISTED_SHARES = 500


class ScopedQuerySet(QuerySet[Row, Row]):
    """Rows that belong to somebody, by their own columns or by those of their customer.

    ``scope_path`` leads to the row that carries owner, team and territory: empty for the row itself,
    ``"customer"`` for its children. Children have no access rules of their own.
    """

    scope_path = ""

    def visible_to(self, user: Any, action: str = "view") -> Self:
        """The rows ``user`` may ``view`` or ``change``: function first, then record.

        No rows for users without the function; closed accounts and visitors have none.
        """
        permission = permission_named(action, self.model)
        if not user.has_perm(permission):
            return self.none()
        scope: RecordScope = user.record_scope
        return (
            self if scope.covers_all(permission) else self.filter(self.scope_condition(user, scope, action))
        )

    def scope_condition(self, user: Any, scope: RecordScope, action: str) -> Q:
        """Which rows are inside ``scope``; models with further ways to a row extend it."""
        model = self.scope_model()
        inside = scoped(model, user, scope, action)
        if not self.scope_path:
            return inside
        return Q(Exists(model._default_manager.filter(inside, pk=OuterRef(self.scope_path))))

    def scope_model(self) -> type[Model]:
        """The model that carries the columns and the shares."""
        if not self.scope_path:
            return self.model
        target = self.model._meta.get_field(self.scope_path).related_model
        assert isinstance(target, type)
        return target


def scoped(model: type[Model], user: Any, scope: RecordScope, action: str, prefix: str = "") -> Q:
    """The condition "own or shared for ``action``" on ``model`` rows found under ``prefix``."""
    listed = listed_shares(model, user, action, most=LISTED_SHARES)
    if listed is None:
        own = model._default_manager.filter(scope.owned()).order_by().values_list("pk")
        return Q(**{f"{prefix}pk__in": own.union(shared_rows(model, user, action))})
    condition = scope.owned(prefix)
    return condition | Q(**{f"{prefix}pk__in": listed}) if listed else condition
