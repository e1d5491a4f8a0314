"""Record visibility: the single entry point ``visible_to``."""

from typing import Any, Self, TypeVar

from django.db.models import Model, Q, QuerySet

from core.permissions import RecordScope, shared_ids

Row = TypeVar("Row", bound=Model)


class ScopedQuerySet(QuerySet[Row, Row]):
    """Rows that belong to somebody, by their own columns or by those of their customer.

    ``scope_path`` leads to the row that carries owner, team and territory: empty for the row itself,
    ``"customer"`` for its children. Children have no access rules of their own.
    """

    scope_path = ""

    def visible_to(self, user: Any, action: str = "view") -> Self:
        """The rows ``user`` may ``view`` or ``change``: function first, then record.

        No rows for inactive users and for users without the function.
        """
        permission = f"{self.model._meta.app_label}.{action}_{self.model._meta.model_name}"
        if not user.is_active or not user.has_perm(permission):
            return self.none()
        scope: RecordScope = user.record_scope
        return self if scope.everything else self.filter(self.scope_condition(user, scope, action))

    def scope_condition(self, user: Any, scope: RecordScope, action: str) -> Q:
        """Which rows are inside ``scope``; models with further ways to a row extend it."""
        prefix = f"{self.scope_path}__" if self.scope_path else ""
        condition = scope.owned(prefix)
        if shares := shared_ids(self.scope_model(), user, action):
            condition |= Q(**{f"{prefix}pk__in": shares})
        return condition

    def scope_model(self) -> type[Model]:
        """The model that carries the columns and the shares."""
        if not self.scope_path:
            return self.model
        target = self.model._meta.get_field(self.scope_path).related_model
        assert isinstance(target, type)
        return target
