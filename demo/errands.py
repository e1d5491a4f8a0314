"""Follow-ups that the reps promised themselves by hand, so that each day's list has something of its own."""

from datetime import date, datetime, timedelta

from accounts.models import User
from core.dates import is_business_day
from crm.domain.action import create_action
from crm.models import Action, Customer

# In how many days from today it is due, what it is, and which of the rep's largest customers it is about.
PROMISES = (
    (-1, Action.Kind.EMAIL, "Send the spring price list", 0),
    (0, Action.Kind.CALL, "Call about the display for the counter", 1),
    (0, Action.Kind.EMAIL, "Confirm the quantities of the gift boxes", 2),
    (2, Action.Kind.VISIT, "Visit and go through the spring range", 3),
    (6, Action.Kind.TASK, "Prepare figures for the yearly talk", 4),
)


def note(user: User, *, day: date, today: date, now: datetime) -> None:
    """On ``day`` before ``today`` the rep notes what he promised for the days around today.

    What cannot be due before ``day`` is due then, and overdue today.
    """
    best = Customer.objects.filter(owner=user).order_by("-facts__sales_365", "pk")[: len(PROMISES)]
    for away, kind, title, which in PROMISES:
        due_on = max(day, today + timedelta(days=away))
        create_action(title=title, kind=kind, customer=best[which], due_on=due_on, by=user, now=now)


def is_eve(day: date, today: date) -> bool:
    """Whether ``day`` is the last business day before ``today``, as Britain works."""
    eve = today - timedelta(days=1)
    while not is_business_day(eve, weekdays=[1, 2, 3, 4, 5], country="GB"):
        eve -= timedelta(days=1)
    return day == eve
