"""Tags of crm's templates."""

from collections.abc import Sequence
from datetime import date

from django import template

from crm.models import Action, CustomerFacts
from crm.tables.rhythm import Rhythm, rhythm_of

register = template.Library()


@register.simple_tag
def rhythm(facts: CustomerFacts | None, today: date) -> Rhythm | None:
    """The order rhythm of a customer's facts; nothing below four order days."""
    return rhythm_of(facts or None, today=today)


@register.simple_tag
def late_count(actions: Sequence[Action], today: date) -> int:
    """How many of the open actions were due before today."""
    return sum(action.due_on < today for action in actions or ())
