"""Double submits: the same form sent twice makes one record."""

from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model

from core.errors import Refused

Row = TypeVar("Row", bound=Model)


def made_before(model: type[Row], *, token: UUID | None, by: Model) -> Row | None:
    """The record that the form's ``token`` made already; None when it made none.

    Raises ``Refused`` when the token belongs to somebody else's record.
    """
    if token is None:
        return None
    earlier = model._default_manager.filter(form_token=token).first()
    if earlier is not None and earlier.created_by_id != by.pk:  # type: ignore[attr-defined]
        raise Refused("This form was used before: open the page again.")
    return earlier


def save_once(row: Row, *, token: UUID | None, by: Model) -> tuple[Row, bool]:
    """Insert ``row`` under the form's ``token``; the row and whether this call made it.

    When the token made a record before, that record comes back and nothing is written. Between two
    requests at the same time the unique constraint on ``form_token`` decides.
    """
    row.form_token = token  # type: ignore[attr-defined]
    earlier = made_before(type(row), token=token, by=by)
    if earlier is not None:
        return earlier, False
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        earlier = made_before(type(row), token=token, by=by)
        if earlier is None:
            raise
        return earlier, False
    return row, True
