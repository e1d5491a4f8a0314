"""Who may take a follow-up about which customer, answered for a whole batch at once.

The questions are those of ``Customer.objects.visible_to`` and ``has_perm``, asked of sets: the number
of queries does not depend on how many people and customers are concerned.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from accounts.domain.scope import record_scopes
from accounts.models import Absence, User
from core.permissions import RecordScope
from core.sql import lock_for_share
from crm.models import Customer, CustomerGroupShare, CustomerUserShare

SIGHT = "crm.view_customer"
# Who may only read follow-ups can never close one, so none goes to him.
NEEDED = ("crm.view_action", "crm.change_action", SIGHT)


@dataclass(frozen=True)
class Person:
    """A user as far as routing is concerned; ``permitted`` means that he holds ``NEEDED``."""

    pk: int
    name: str
    active: bool
    can_sign_in: bool
    permitted: bool


def people(user_ids: Collection[int]) -> dict[int, Person]:
    """The users of ``user_ids`` by id, in three queries."""
    users = User.objects.filter(pk__in=user_ids).only("name", "is_active", "suspended_at", "is_superuser")
    held = _held_permissions(user_ids)
    return {
        user.pk: Person(
            pk=user.pk,
            name=user.name,
            active=user.is_active,
            can_sign_in=user.can_sign_in,
            permitted=user.is_active and (user.is_superuser or held.get(user.pk, set()).issuperset(NEEDED)),
        )
        for user in users
    }


def _held_permissions(user_ids: Collection[int]) -> dict[int, set[str]]:
    """Which of ``NEEDED`` the roles of each user grant."""
    apps, codenames = zip(*(name.split(".") for name in NEEDED), strict=True)
    wanted = Permission.objects.filter(content_type__app_label__in=apps, codename__in=codenames)
    columns = ("content_type__app_label", "codename")
    by_group: dict[int, set[str]] = {}
    for group_id, app, codename in wanted.exclude(group=None).values_list("group", *columns):
        by_group.setdefault(group_id, set()).add(f"{app}.{codename}")
    held: dict[int, set[str]] = {}
    for user_id, group_id in User.groups.through.objects.filter(user__in=user_ids).values_list(
        "user", "group"
    ):
        held.setdefault(user_id, set()).update(by_group.get(group_id, ()))
    return held


@dataclass(frozen=True)
class Sight:
    """Which of some customers each of some users may see by scope or explicit share.

    Functions are checked separately. Read as far as needed: account owners see their customers without
    a look at scopes, and shares matter to those only whose scope does not reach.
    """

    user_ids: frozenset[int]
    customer_ids: Collection[int]

    def sees(self, user_id: int, customer_id: int) -> bool:
        """Whether the customer is in the user's scope or shared with him."""
        columns = self.customers.get(customer_id)
        if user_id not in self.user_ids or columns is None:
            return False
        owner, team, territory = columns
        if owner == user_id:
            return True
        scope = self.scopes[user_id]
        reached = team in scope.team_ids or territory in scope.territory_ids or scope.covers_all(SIGHT)
        return reached or (user_id, customer_id) in self.shared

    @cached_property
    def customers(self) -> Mapping[int, tuple[int | None, int | None, int | None]]:
        """Owner, team and territory of each customer."""
        rows = Customer.objects.filter(pk__in=self.customer_ids).order_by()
        columns = rows.values_list("pk", "owner_id", "team_id", "territory_id")
        return {pk: (owner, team, territory) for pk, owner, team, territory in columns}

    @cached_property
    def scopes(self) -> Mapping[int, RecordScope]:
        """The scope of each user."""
        return record_scopes(self.user_ids)

    @cached_property
    def shared(self) -> frozenset[tuple[int, int]]:
        """Explicit shares, as pairs of user and customer."""
        return frozenset(_shared_pairs(self.user_ids, self.customer_ids))


def sight(user_ids: Iterable[int], customer_ids: Collection[int]) -> Sight:
    """Who of ``user_ids`` sees which of ``customer_ids``, in one to eight queries for any number of them."""
    return Sight(frozenset(user_ids), customer_ids)


def _shared_pairs(user_ids: Collection[int], customer_ids: Collection[int]) -> Iterable[tuple[int, int]]:
    kind = ContentType.objects.get_for_model(Customer)
    grant = Q(
        permission__content_type=kind,
        permission__codename__in=["view_customer", "change_customer"],
        content_object__in=customer_ids,
    )
    users = CustomerUserShare.objects.filter(grant, user__in=user_ids)
    yield from users.values_list("user_id", "content_object_id")
    groups = CustomerGroupShare.objects.filter(grant, group__user__in=user_ids)
    yield from groups.values_list("group__user", "content_object_id")


@dataclass(frozen=True)
class Absences:
    """Who is away when, and who stands in."""

    by_user: Mapping[int, list[Absence]]

    def away(self, user_id: int, *days: date) -> Absence | None:
        """The absence that covers the earliest covered day of ``days``; None when present on all."""
        own = self.by_user.get(user_id, [])
        covering = (row for day in sorted(days) for row in own if covers(row, day))
        return next(covering, None)

    def users(self) -> set[int]:
        """Everybody who is away or stands in."""
        stand_ins = {row.substitute_id for rows in self.by_user.values() for row in rows if row.substitute_id}
        return set(self.by_user) | stand_ins


def covers(absence: Absence, day: date) -> bool:
    """Whether ``day`` lies within ``absence``, first and last day included."""
    return absence.starts_on <= day and (absence.ends_on is None or absence.ends_on >= day)


def absences(first: date, last: date) -> Absences:
    """The absences that touch the days from ``first`` to ``last``, in one query."""
    reaches = Q(ends_on=None) | Q(ends_on__gte=first)
    rows = Absence.objects.filter(reaches, starts_on__lte=last, cancelled_at=None).order_by("starts_on", "pk")
    found: dict[int, list[Absence]] = {}
    for row in rows:
        found.setdefault(row.user_id, []).append(row)
    return Absences(found)


def until(absence: Absence, day: date) -> str:
    """``until 30 Nov``, with the beginning when that lies ahead of ``day``."""
    start = f"from {_short(absence.starts_on)} " if absence.starts_on > day else ""
    end = f"until {_short(absence.ends_on)}" if absence.ends_on else "until further notice"
    return start + end


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"


@dataclass(frozen=True)
class Staff:
    """What is known about a set of people towards a set of customers."""

    people: Mapping[int, Person]
    sight: Sight
    absences: Absences

    def name(self, user_id: int) -> str:
        """The person's name, for sentences."""
        person = self.people.get(user_id)
        return person.name if person else "somebody"

    def away(self, user_id: int, *days: date) -> Absence | None:
        """The absence that covers one of ``days``; None when present on all."""
        return self.absences.away(user_id, *days)

    def unfit(self, user_id: int, customer_id: int | None) -> str:
        """Why the person may not work on a follow-up about the customer, absence aside; empty when he may.

        It continues a sentence that begins with the name.
        """
        person = self.people.get(user_id)
        if person is None or not person.active:
            return "no longer works here"
        if not person.can_sign_in:
            return "cannot sign in"
        if not person.permitted:
            return "has no function for follow-ups of customers"
        if customer_id is not None and not self.sight.sees(user_id, customer_id):
            return "may not see the customer"
        return ""


def staff(
    user_ids: Iterable[int], customer_ids: Collection[int], *, first: date, last: date, lock: bool = False
) -> Staff:
    """The people of ``user_ids`` and whoever is away or stands in between ``first`` and ``last``.

    With ``lock`` no account of theirs is closed before the transaction ends: whoever closes one then
    sees the work that was given out here.
    """
    away = absences(first, last)
    everybody = sorted(set(user_ids) | away.users())
    if lock:
        lock_for_share(
            User.objects.filter(pk__in=everybody).order_by("pk").only("pk"), against_locks_only=True
        )
    return Staff(people=people(everybody), sight=sight(everybody, customer_ids), absences=away)
