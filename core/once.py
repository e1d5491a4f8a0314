"""Double submits: the same form sent twice makes one record."""

from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model

from core.errors import Refused

Row = TypeVar("Row", bound=Model)


def save_once(row: Row, *, token: UUID | None) -> tuple[Row, bool]:
    """Insert ``row`` under the form's ``token``; the row and whether this call made it.

    When the token made a record before, that record comes back and nothing is written: the unique
    constraint on ``form_token`` decides, also between two requests at the same time. Raises
    ``Refused`` when the token belongs to somebody else's record.
    """
    row.form_token = token  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        if token is None:
            raise
        earlier = type(row)._default_manager.filter(form_token=token).first()
        if earlier is None:
            raise
        if earlier.created_by_id != row.created_by_id:  # type: ignore[attr-defined]
            raise Refused("This form was used before: open the page again.") from None
        return earlier, False
    return row, True
