"""Absences: entered, changed, ended and cancelled, never two at the same time for one user."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from accounts.domain.editing import locked, write
from accounts.domain.scope import led_team_ids
from accounts.models import Absence, TeamMember, User
from activity.domain import record
from core.dates import EARLIEST, LATEST
from core.errors import Denied, Refused


@transaction.atomic
def add_absence(
    *,
    user: User,
    starts_on: date,
    by: User | None,
    now: datetime,
    ends_on: date | None = None,
    reason: str = Absence.Reason.OTHER,
    substitute: User | None = None,
) -> Absence:
    """``user`` is away from ``starts_on`` to ``ends_on`` (None: until further notice), both included.

    Everybody enters his own; whoever leads a team of his, or has user administration, enters it for
    him (``Denied`` otherwise). Raises ``Refused`` for days that another absence covers and for a
    substitute who cannot stand in.
    """
    _check_may_enter(by, user)
    user = locked(user)  # one at a time for each user: the check for overlaps sees the others' rows
    if not user.is_active:
        raise Refused(f"{user} has left: there is nothing to stand in for.", field="user")
    _check(user, starts_on, ends_on, reason, substitute)
    absence = Absence.objects.create(
        user=user,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason,
        substitute=substitute,
        created_at=now,
        created_by=by,
    )
    data = {
        "user": user,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "reason": reason,
        "substitute": substitute,
    }
    record(absence, "absence.created", by=by, now=now, data=data)
    return absence


@transaction.atomic
def change_absence(
    *,
    absence: Absence,
    starts_on: date,
    ends_on: date | None,
    reason: str,
    substitute: User | None,
    by: User | None,
    now: datetime,
    version: int | None = None,
) -> Absence:
    """Change the days, the reason and who stands in; the user stays."""
    _check_may_enter(by, absence.user)
    user = locked(absence.user)
    absence = locked(absence)
    if absence.cancelled_at is not None:
        raise Refused("This absence was cancelled. Enter a new one.")
    _check(user, starts_on, ends_on, reason, substitute, besides=absence)
    values = {"starts_on": starts_on, "ends_on": ends_on, "reason": reason, "substitute": substitute}
    write(absence, "absence.changed", values, by=by, now=now, version=version)
    return absence


def end_absence(*, absence: Absence, last_day: date, by: User | None, now: datetime) -> Absence:
    """The user is back on the day after ``last_day``."""
    return change_absence(
        absence=absence,
        starts_on=absence.starts_on,
        ends_on=last_day,
        reason=absence.reason,
        substitute=absence.substitute,
        by=by,
        now=now,
    )


@transaction.atomic
def cancel_absence(*, absence: Absence, by: User | None, now: datetime) -> Absence:
    """The user was or will not be away after all; the row stays and counts for nothing."""
    _check_may_enter(by, absence.user)
    absence = locked(absence)
    if absence.cancelled_at is not None:
        raise Refused("This absence was cancelled already.")
    values = {"cancelled_at": now}
    write(absence, "absence.cancelled", values, by=by, now=now)
    return absence


def _check_may_enter(by: User | None, user: User) -> None:
    if by is None or by.pk == user.pk or by.has_perm("accounts.change_absence"):
        return
    if not TeamMember.objects.filter(user=user, team__in=led_team_ids(by)).exists():
        raise Denied(f"Only {user}, the lead of the team or an administrator can enter this absence.")


def _check(
    user: User,
    starts_on: date,
    ends_on: date | None,
    reason: str,
    substitute: User | None,
    *,
    besides: Absence | None = None,
) -> None:
    """Refuse impossible days, days that are covered already, and a substitute who cannot stand in."""
    if not EARLIEST <= starts_on <= LATEST:
        raise Refused("The first day lies outside the years 1900 to 2199.", field="starts_on")
    if ends_on is not None and not starts_on <= ends_on <= LATEST:
        raise Refused("The last day must be the first day or later.", field="ends_on")
    if reason not in Absence.Reason.values:
        raise Refused("Choose a reason.", field="reason")
    if substitute is not None and substitute.pk == user.pk:
        raise Refused(f"{user} cannot stand in for {user}: choose somebody else.", field="substitute")
    kept = besides is not None and substitute is not None and besides.substitute_id == substitute.pk
    if substitute is not None and not kept and not substitute.can_sign_in:
        raise Refused(f"{substitute} cannot sign in: choose somebody else.", field="substitute")
    reaches = Q(ends_on=None) | Q(ends_on__gte=starts_on)
    others = Absence.objects.filter(reaches, user=user, cancelled_at=None)
    others = others.filter(starts_on__lte=ends_on) if ends_on else others
    if others.exclude(pk__in=[besides.pk] if besides else []).exists():
        raise Refused(f"{user} is away on some of these days already.", field="starts_on")
