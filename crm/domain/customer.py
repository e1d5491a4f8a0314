"""What people do with a customer's record."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import Role, Team, Territory, User
from activity.domain import record
from core.errors import Denied, Refused
from core.models import Source
from core.numbers import next_number
from core.once import made_before, save_once
from core.permissions import share_record, unshare_record
from core.text import fold, phone_digits
from crm.domain.action_batch import follow_owner
from crm.domain.versioned import differences, write
from crm.models import Action, Customer, CustomerFacts

DETAILS = (
    "name", "kind", "status", "tier", "email", "phone", "website", "street", "postcode", "city", "country",
    "currency", "do_not_contact", "is_test",
)  # fmt: skip
OWNERSHIP = ("owner", "team", "territory")
FIRST_NUMBER = 10_001
SHARES = ("view", "change")


def found_by(customer: Customer) -> dict[str, str]:
    """The columns that lists search and sort by: folded, so that capitals and accents make no difference.

    The search looks through number, name, town, postcode, e-mail and the digits of the telephone.
    """
    words = fold(f"{customer.number} {customer.name} {customer.city} {customer.postcode} {customer.email}")
    return {
        "search": f"{words} {phone_digits(customer.phone)}".strip()[:400],
        "sort_name": fold(customer.name)[:120],
    }


@transaction.atomic
def create_customer(
    *,
    name: str,
    by: User,
    now: datetime,
    owner: User | None = None,
    team: Team | None = None,
    territory: Territory | None = None,
    number: str = "",
    source: str = Source.USER,
    form_token: UUID | None = None,
    **details: Any,
) -> Customer:
    """A customer with an empty row of facts; ``details`` are fields such as city and phone.

    Without an owner it is the maker's, and in the maker's team if there is one. Without a number it gets
    the next one. CRM events may react to it.
    """
    if earlier := made_before(Customer, token=form_token, by=by):
        return earlier
    if unknown := details.keys() - set(DETAILS):
        raise TypeError(f"Not a field of a customer: {', '.join(sorted(unknown))}.")
    _check_ownership(by, owner=owner or by, team=team, territory=territory)
    owner = owner or by
    row = Customer(
        number=_number(number), name=name, owner=owner, team=team or owner.teams.first(), territory=territory,
        source=source, events_from=now, created_by=by, created_at=now, **details,
    )  # fmt: skip
    row.search, row.sort_name = found_by(row).values()
    customer, made = save_once(row, token=form_token, by=by)
    if made:
        CustomerFacts.objects.create(customer=customer)
        data = {"number": customer.number, "name": name, "owner": owner.pk}
        record(customer, "customer.created", by=by, now=now, data=data)
    return customer


def _number(asked: str) -> str:
    if not asked:
        return f"C-{next_number('customer', first=FIRST_NUMBER)}"
    if Customer.objects.filter(number=asked).exists():
        raise Refused(f"The number {asked} is taken: choose another.", field="number")
    return asked


def _check_ownership(by: User, *, owner: User | None, team: Team | None, territory: Territory | None) -> None:
    """Who may not assign owners keeps what he makes for himself and his own teams."""
    if owner is not None and owner != by:
        _check_assigner(by)
        _check_owner(owner)
    foreign_team = team is not None and team.pk not in by.record_scope.team_ids
    if foreign_team or territory is not None:
        _check_assigner(by)


def _check_assigner(by: User) -> None:
    if not by.has_perm("crm.assign_owner"):
        raise Denied("You cannot change the account owner because no role of yours allows it.")


def _check_owner(owner: User) -> None:
    if not owner.can_sign_in:
        raise Refused(f"{owner.name} cannot sign in at present: choose somebody else.", field="owner")
    if not owner.has_perm("crm.view_customer"):
        raise Refused(f"{owner.name} has no job function for customers: choose somebody else.", field="owner")


@transaction.atomic
def change_customer(
    customer: Customer, *, changes: Mapping[str, Any], expected: int, by: User, now: datetime
) -> Customer:
    """Write what ``changes`` alters, if nobody saved since version ``expected`` was read.

    A new account owner takes the open follow-ups along that came to the old one as the owner.
    """
    differing = differences(customer, changes, (*DETAILS, *OWNERSHIP))
    ownership = {name: pair for name, pair in differing.items() if name in OWNERSHIP}
    if ownership:
        _check_assigner(by)
    if "owner" in ownership and ownership["owner"][1] is not None:
        _check_owner(ownership["owner"][1])
    if not differing:
        return customer
    renamed = Customer(**{name: getattr(customer, name) for name in ("number", *DETAILS)})
    for name, (_, new) in differing.items():
        setattr(renamed, name, new)
    write(customer, differing, expected=expected, **found_by(renamed))
    details = {name: pair for name, pair in differing.items() if name not in OWNERSHIP}
    if details:
        record(customer, "customer.changed", by=by, now=now, data=details)
    if ownership:
        _journal_ownership(customer, ownership, by=by, now=now)
    return customer


def _journal_ownership(
    customer: Customer, pairs: Mapping[str, list[Any]], *, by: User, now: datetime
) -> None:
    old, new = pairs.get("owner", [None, None])
    moved = set()
    if new is not None:
        moved = follow_owner(
            customer_id=customer.pk, old_id=old.pk if old else None, new_id=new.pk, by=by, now=now
        )
    data: dict[str, Any] = {**pairs, "follow_ups": sorted(moved)}
    record(customer, "customer.owner_changed", by=by, now=now, data=data)


def change_owner(customer: Customer, *, owner: User, by: User, now: datetime) -> Customer:
    """Give the customer to another account owner, with the follow-ups that the old one had as owner."""
    return change_customer(customer, changes={"owner": owner}, expected=customer.version, by=by, now=now)


@transaction.atomic
def archive_customer(customer: Customer, *, by: User, now: datetime) -> None:
    """Take the customer out of lists and events; its history stays. Refused while follow-ups are open."""
    if customer.archived_at is not None:
        raise Refused(f"{customer.name} is archived already.")
    count = Action.objects.live().filter(customer=customer).count()
    if count:
        raise Refused(
            f"{customer.name} has {count} open follow-up{'s' if count > 1 else ''}: close them first."
        )
    write(customer, {"archived_at": [None, now]}, expected=customer.version)
    record(customer, "customer.archived", by=by, now=now)


@transaction.atomic
def restore_customer(customer: Customer, *, by: User, now: datetime) -> None:
    """Take the customer out of the archive."""
    if customer.archived_at is None:
        raise Refused(f"{customer.name} is not archived.")
    write(customer, {"archived_at": [customer.archived_at, None]}, expected=customer.version)
    record(customer, "customer.restored", by=by, now=now)


@transaction.atomic
def share_customer(
    customer: Customer, *, holder: User | Role, actions: Iterable[str], by: User, now: datetime
) -> None:
    """Let a user, or the users of a role, ``view`` or also ``change`` one customer beyond their own."""
    actions = _checked(actions, by)
    share_record(customer, holder.group if isinstance(holder, Role) else holder, actions)
    record(customer, "customer.shared", by=by, now=now, data=_share(holder, actions))


@transaction.atomic
def unshare_customer(
    customer: Customer, *, holder: User | Role, actions: Iterable[str], by: User, now: datetime
) -> None:
    """Take a share back; what the holder sees by owner, team or territory he still sees."""
    actions = _checked(actions, by)
    unshare_record(customer, holder.group if isinstance(holder, Role) else holder, actions)
    record(customer, "customer.unshared", by=by, now=now, data=_share(holder, actions))


def _checked(actions: Iterable[str], by: User) -> list[str]:
    if not by.has_perm("crm.share_customer"):
        raise Denied("You cannot share customers because no role of yours allows it.")
    chosen = [action for action in SHARES if action in set(actions)]
    if not chosen:
        raise Refused("Choose what is shared: viewing or also changing.", field="actions")
    return chosen


def _share(holder: User | Role, actions: list[str]) -> dict[str, Any]:
    return {"role" if isinstance(holder, Role) else "user": holder.pk, "actions": actions}
