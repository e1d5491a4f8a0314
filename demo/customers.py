"""The customers of the demo: those of the past written at once, new ones opened one by one by people."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from random import Random

from django.db import transaction

from core.models import Source
from crm.domain.contact import create_contact
from crm.domain.contact_batch import add_contacts
from crm.domain.customer import change_customer, create_customer
from crm.domain.customer_batch import add_customers
from crm.models import Contact, Customer
from demo.names import Company
from demo.people import Staff
from demo.trade import DAY, Trade

QUIET = 0.006  # share of customers who asked not to be contacted
HELD = 4  # customers who order no more and are put on hold one day
TIERS = ((0.1, Customer.Tier.A), (0.35, Customer.Tier.B), (1.0, Customer.Tier.C))
OPENED_BEFORE = timedelta(minutes=35)  # a customer is opened this long before the first order


@transaction.atomic
def add_past(trade: Trade, staff: Staff, *, until: date) -> None:
    """Write everybody who ordered up to ``until``, week by week; events stay silent."""
    tiers, week = tiers_of(trade, until=until), timedelta(weeks=1)
    end = trade.first_day - DAY
    while end < until:
        numbers = trade.newcomers(after=end, until=min(end + week, until))
        end += week
        if numbers:
            now = trade.first_heard(numbers[0]) - OPENED_BEFORE
            rows = [_customer(trade.companies[number], staff, tiers[number]) for number in numbers]
            made = {row.number: row for row in add_customers(rows, by=None, now=now)}
            add_contacts(list(_contacts(trade.companies, made)), by=None, now=now)


def _customer(company: Company, staff: Staff, tier: str) -> Customer:
    draw = Random(f"past {company.number}")
    return Customer(
        number=company.number,
        status=Customer.Status.ACTIVE,
        tier=tier,
        do_not_contact=draw.random() < QUIET,
        source=Source.IMPORT,
        **company.details,
        **staff.ownership(company.number, company.region),
    )


def _contacts(
    companies: Mapping[str, Company], made: Mapping[str, Customer]
) -> Iterable[tuple[Contact, int, str, bool]]:
    for number, customer in made.items():
        for place, person in enumerate(companies[number].contacts):
            contact = Contact(
                first_name=person.first_name,
                last_name=person.last_name,
                job_title=person.job_title,
                email=person.email,
                phone=person.phone,
                owner_id=customer.owner_id,
                team_id=customer.team_id,
                territory_id=customer.territory_id,
                source=Source.IMPORT,
            )
            yield contact, customer.pk, person.role, place == 0


def tiers_of(trade: Trade, *, until: date) -> dict[str, str]:
    """Tier by customer number: the tenth who ordered on most days are A, the next quarter B."""
    days = {number: sum(day <= until for day in days) for number, days in trade.order_days.items()}
    ranked = sorted(days, key=lambda number: (-days[number], number))
    found: dict[str, str] = {}
    for place, number in enumerate(ranked):
        found[number] = next(tier for share, tier in TIERS if (place + 1) / len(ranked) <= share)
    return found


def open_account(trade: Trade, number: str, staff: Staff) -> Customer:
    """The sales manager opens a new customer for the rep who won it, shortly before the first order."""
    company, now = trade.companies[number], trade.first_heard(number) - OPENED_BEFORE
    ruth, ownership = staff["ruth"], staff.ownership(number, trade.companies[number].region, somebody=True)
    customer = create_customer(
        number=company.number,
        by=ruth,
        now=now,
        source=Source.DEMO,
        status=Customer.Status.PROSPECT,
        **company.details,
        **ownership,
    )
    for place, person in enumerate(company.contacts):
        create_contact(
            first_name=person.first_name,
            last_name=person.last_name,
            job_title=person.job_title,
            email=person.email,
            phone=person.phone,
            customer=customer,
            role=person.role,
            is_main=place == 0,
            by=ownership["owner"],
            now=now,
        )
    return customer


def hold_some(trade: Trade, staff: Staff, *, now: datetime) -> None:
    """The sales manager stops deliveries to a few customers who order no more."""
    today = now.date()
    long_ago = today - timedelta(days=120)
    gone = [number for number, days in trade.order_days.items() if days and days[-1] < long_ago]
    for number in Random("held").sample(sorted(gone), HELD):
        customer = Customer.objects.get(number=number)
        changes = {"status": Customer.Status.ON_HOLD}
        change_customer(customer, changes=changes, expected=customer.version, by=staff["ruth"], now=now)
