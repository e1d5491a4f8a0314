"""Lists: what they show, how they narrow, and that three rows cost what one row costs."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from crm.domain.contact import create_contact
from crm.domain.customer import change_customer, create_customer
from crm.models import Action, Contact, ContactLink, Customer
from crm.tables.action import CLOSED_ACTIONS, OPEN_ACTIONS
from crm.tables.contact import CONTACTS
from crm.tables.customer import CUSTOMERS
from tests.crm.views.conftest import World
from tests.factories import NOW, ActionFactory, ContactFactory, CustomerFactory
from tests.people import SignIn
from ui.tables import unindexed_sorts

pytestmark = pytest.mark.django_db

# Statements of a whole page: session, user, access, shares, clock and sidebar included.
BUDGET = {
    "/": 12,
    "/customers/": 8,
    "/customers/?q=harbour": 8,
    "/contacts/": 8,
    "/followups/": 8,
    "/followups/?whose=all": 8,
    "/followups/?status=closed": 8,
}
RECORD_BUDGET = 15


def statements(client: Client, url: str) -> int:
    client.get(url)  # fills the caches of content types and templates
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def more_of_everything(world: World, alice: User, today: date) -> None:
    for _ in range(2):
        customer = CustomerFactory(owner=alice, team=alice.teams.get())
        contact = ContactFactory(owner=alice)
        ContactLink.objects.create(contact=contact, customer=customer, started_on=today)
        for late in (-1, 0, 3):
            ActionFactory(
                customer=customer, contact=contact, assignee=alice, due_on=today + timedelta(days=late)
            )
        ActionFactory(customer=customer, assignee=None, queue=alice.roles.get())
        ContactLink.objects.create(contact=contact, customer=world.customer, started_on=today)
        ActionFactory(customer=world.customer, contact=contact, assignee=alice, created_by=alice)


@pytest.mark.parametrize("url", BUDGET)
def test_rows_do_not_add_statements(
    url: str, world: World, alice: User, today: date, sign_in: SignIn
) -> None:
    client = sign_in(alice)
    ActionFactory(customer=world.customer, assignee=None, queue=alice.roles.get())
    ActionFactory(customer=world.customer, assignee=alice, due_on=today - timedelta(days=1))
    few = statements(client, url)
    more_of_everything(world, alice, today)
    assert statements(client, url) == few
    assert few <= BUDGET[url]


@pytest.mark.parametrize("name", ["customer", "contact", "action"])
def test_pages_of_records_cost_the_same_with_more_on_them(
    name: str, world: World, alice: User, today: date, sign_in: SignIn
) -> None:
    client = sign_in(alice)
    url = getattr(world, name).get_absolute_url()
    few = statements(client, url)
    more_of_everything(world, alice, today)
    assert statements(client, url) == few
    assert few <= RECORD_BUDGET


@pytest.mark.parametrize(
    ("table", "model"),
    [(CUSTOMERS, Customer), (CONTACTS, Contact), (OPEN_ACTIONS, Action), (CLOSED_ACTIONS, Action)],
)
def test_sorts_have_an_index(table: object, model: type) -> None:
    assert unindexed_sorts(table, model) == []  # type: ignore[arg-type]


def names(client: Client, url: str) -> list[str]:
    return [str(row) for row in client.get(url).context["page"].rows]


def test_a_list_holds_only_ones_own_records(alice: User, charlie: User, sign_in: SignIn) -> None:
    CustomerFactory(owner=alice, name="Mine")
    CustomerFactory(owner=charlie, name="Theirs")
    ContactFactory(owner=charlie, last_name="Stranger")
    client = sign_in(alice)
    assert names(client, "/customers/") == ["Mine"]
    assert names(client, "/contacts/") == []
    assert b"Theirs" not in client.get("/customers/?q=theirs").content


def test_names_sort_without_regard_to_capitals_and_accents(alice: User, sign_in: SignIn) -> None:
    for name in ("Zed & Co", "abbott and sons", "Älg Trading", "Abbott Stationers", "Åben"):
        create_customer(name=name, by=alice, now=NOW)
    for first, last in (("Nicola", "Abbott"), ("Ben", "Abbott"), ("dev", "abbott"), ("Ada", "Åkesson")):
        create_contact(first_name=first, last_name=last, by=alice, now=NOW)
    client = sign_in(alice)
    expected = ["abbott and sons", "Abbott Stationers", "Åben", "Älg Trading", "Zed & Co"]
    assert names(client, "/customers/") == expected
    assert names(client, "/customers/?sort=-name") == expected[::-1]
    assert names(client, "/contacts/") == ["Ben Abbott", "dev abbott", "Nicola Abbott", "Ada Åkesson"]
    row = Customer.objects.get(name="Zed & Co")
    change_customer(row, changes={"name": "àb"}, expected=row.version, by=alice, now=NOW)
    assert names(client, "/customers/")[0] == "àb"


def test_customers_narrow_by_owner_status_and_archive(alice: User, bob: User, sign_in: SignIn) -> None:
    team = alice.teams.get()
    CustomerFactory(owner=alice, team=team, name="A mine", tier="A", search="a mine")
    CustomerFactory(owner=bob, team=team, name="B of Bob", status="on_hold", search="b of bob")
    CustomerFactory(owner=None, team=team, name="C nobody's", search="c nobody s")
    CustomerFactory(owner=alice, team=team, name="D archived", archived_at="2026-01-01T00:00Z")
    client = sign_in(alice)
    assert names(client, "/customers/") == ["A mine", "B of Bob", "C nobody's"]
    assert names(client, "/customers/?whose=mine") == ["A mine"]
    assert names(client, "/customers/?whose=none") == ["C nobody's"]
    assert names(client, f"/customers/?owner={bob.pk}") == ["B of Bob"]
    assert names(client, "/customers/?status=on_hold&status=closed") == ["B of Bob"]
    assert names(client, "/customers/?tier=A") == ["A mine"]
    assert names(client, "/customers/?archived=yes") == ["D archived"]
    assert names(client, "/customers/?q=bob") == ["B of Bob"]


def test_customers_sort_by_the_last_order_with_the_silent_last(
    alice: User, today: date, sign_in: SignIn
) -> None:
    def ordered(days: int) -> dict[str, object]:
        day = today - timedelta(days=days)
        return {"first_order_on": day, "last_order_on": day, "orders_total": 1}

    CustomerFactory(owner=alice, name="Old", facts=ordered(90))
    CustomerFactory(owner=alice, name="Never")
    CustomerFactory(owner=alice, name="New", facts=ordered(1))
    client = sign_in(alice)
    assert names(client, "/customers/?sort=-last_order") == ["New", "Old", "Never"]
    assert names(client, "/customers/?sort=last_order") == ["Old", "New", "Never"]
    assert names(client, "/customers/?sort=search") == ["Never", "New", "Old"]  # not offered: by name


def test_unassigned_contacts_have_their_view(world: World, alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    assert names(client, "/contacts/?link=unassigned") == [str(world.loose)]
    assert names(client, "/contacts/?link=assigned") == ["Nadia Rees"]
    assert names(client, f"/contacts/?customer={world.customer.pk}") == ["Nadia Rees"]


def test_a_filter_that_cannot_be_read_shows_no_rows(world: World, alice: User, sign_in: SignIn) -> None:
    for url in ("/customers/?tier=Z", "/contacts/?customer=abc", "/followups/?due_from=2026-02-31"):
        response = sign_in(alice).get(url)
        assert response.status_code == 422
        assert response.context["page"].rows == []


def test_a_customer_row_says_what_matters(world: World, alice: User, sign_in: SignIn) -> None:
    page = sign_in(alice).get("/customers/").content.decode()
    for part in ("62 days", "<b>2.6x</b> of 24 d", "£48,210", "1 open"):
        assert part in page


def test_htmx_gets_the_rows_alone(world: World, alice: User, sign_in: SignIn) -> None:
    for url in ("/customers/", "/contacts/", "/followups/"):
        fragment = sign_in(alice).get(url, headers={"HX-Request": "true"}).content.decode()
        assert fragment.lstrip().startswith('<div class="stack" id="list">')
        assert "<html" not in fragment


def test_rows_do_not_tell_of_customers_outside_ones_records(
    world: World, alice: User, charlie: User, today: date, sign_in: SignIn
) -> None:
    client, hidden = sign_in(alice), CustomerFactory(owner=charlie)
    world.contact.links.create(customer=hidden, started_on=today)
    own = ActionFactory(customer=hidden, assignee=alice, due_on=today)
    for address in ("/contacts/", "/followups/", "/followups/?status=all"):
        joined = "&" if "?" in address else "?"
        by_hidden = client.get(f"{address}{joined}customer={hidden.pk}")
        assert list(by_hidden.context["page"].rows) == []
        assert len(client.get(f"{address}{joined}customer={world.customer.pk}").context["page"].rows) == 1
    assert own in client.get("/followups/").context["page"].rows
