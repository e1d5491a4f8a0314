"""Pages of customers and contacts: made once, input kept, two people at one record, no markup in names."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from activity.domain import record
from activity.models import Cause
from core.clock import database_now
from crm.domain.action import complete_action
from crm.domain.communication import log_communication
from crm.models import Action, Contact, Customer
from tests.crm.views.conftest import World
from tests.factories import NOW, ActionFactory, ContactFactory, CustomerFactory, OrderFactory
from tests.people import SignIn
from ui.templatetags.ui import moment

pytestmark = pytest.mark.django_db
CANARY = '<script>alert("x")</script><img src=x onerror=alert(1)>'


def customer_data(**changes: Any) -> dict[str, Any]:
    data = {"name": "Fjord & Fern", "kind": "retail", "status": "active", "tier": "B", "currency": "GBP"}
    return {**data, **changes}


def new_token(client: Client, url: str) -> Any:
    return client.get(url).context["form"]["form_token"].value()


def test_a_form_sent_twice_makes_one_customer(alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    data = customer_data(form_token=new_token(client, "/customers/new/"), phone="01632 960114")
    answers = [client.post("/customers/new/", data) for _ in range(2)]
    customer = Customer.objects.get()
    assert {answer["Location"] for answer in answers} == {customer.get_absolute_url()}
    assert (customer.owner, customer.search) == (alice, "c 10001 fjord fern 01632960114")


def test_bad_input_stands_at_its_field_and_stays(alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    data = customer_data(name="x" * 121, email="nobody", city="Kept city", form_token="nonsense")
    response = client.post("/customers/new/", data)
    page = response.content.decode()
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"name", "email", "form_token"}
    assert "Kept city" in page
    assert 'aria-invalid="true"' in page
    assert not Customer.objects.exists()


def test_who_may_not_assign_owners_has_no_such_field(
    alice: User, bob: User, manager: User, sign_in: SignIn
) -> None:
    client = sign_in(alice)
    assert "owner" not in client.get("/customers/new/").context["form"].fields
    data = customer_data(owner=bob.pk, form_token=new_token(client, "/customers/new/"))
    client.post("/customers/new/", data)
    assert Customer.objects.get().owner == alice
    assert "owner" in sign_in(manager).get("/customers/new/").context["form"].fields


def edit_data(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    form = client.get(url).context["form"]
    data = {field.name: "" if field.value() is None else field.value() for field in form}
    data = {name: value for name, value in data.items() if value is not False}
    return {**data, **changes}


def test_an_edit_changes_what_was_changed(world: World, alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    url = reverse("crm:customer_edit", args=[world.customer.pk])
    response = client.post(url, edit_data(client, url, city="Whitby", do_not_contact="on"))
    assert response.status_code == 302
    row = Customer.objects.get()
    assert (row.city, row.do_not_contact, row.name, row.version) == ("Whitby", True, "Harbour Lane Gifts", 2)


def test_two_people_at_one_record_see_both_versions(
    world: World, alice: User, bob: User, sign_in: SignIn
) -> None:
    url = reverse("crm:customer_edit", args=[world.customer.pk])
    first, second = sign_in(alice), sign_in(bob)
    typed = edit_data(second, url, city="Typed by Bob", street="12 Castle Street")
    first.post(url, edit_data(first, url, city="Saved by Alice", tier="A"))
    response = second.post(url, typed)
    page = response.content.decode()
    assert response.status_code == 422
    rows = {(row.label, row.theirs, row.mine) for row in response.context["conflicts"]}
    assert ("City", "Saved by Alice", "Typed by Bob") in rows
    assert ("Tier", "A", "C") in rows
    assert "Typed by Bob" in page
    assert Customer.objects.get().city == "Saved by Alice"
    again = {**typed, "version": response.context["form"]["version"].value()}
    assert second.post(url, again).status_code == 302
    assert Customer.objects.get().city == "Typed by Bob"


def test_a_new_owner_by_the_form(world: World, manager: User, bob: User, sign_in: SignIn) -> None:
    client = sign_in(manager)
    url = reverse("crm:customer_edit", args=[world.customer.pk])
    assert client.post(url, edit_data(client, url, owner=bob.pk)).status_code == 302
    assert Customer.objects.get().owner == bob


def test_archiving_and_its_undo(manager: User, sign_in: SignIn) -> None:
    customer = CustomerFactory()
    client = sign_in(manager)
    assert client.post(f"/customers/{customer.pk}/archive/").status_code == 302
    assert Customer.objects.get().archived_at
    assert client.post(f"/customers/{customer.pk}/restore/").status_code == 302
    refused = client.post(f"/customers/{customer.pk}/restore/")
    assert refused.status_code == 422
    assert "is not archived" in refused.content.decode()


def test_the_page_of_a_customer_shows_everything(world: World, alice: User, sign_in: SignIn) -> None:
    OrderFactory(customer=world.customer, number="536365")
    OrderFactory(customer=world.customer, number="C536366", kind="return", total=12)
    page = sign_in(alice).get(world.customer.get_absolute_url()).content.decode()
    for part in ("2.6x usual", "£48,210", "17%", "Nadia Rees", "main contact", "536365", "-£12.00"):
        assert part in page, part


def test_a_customer_field_takes_a_number_or_one_match(world: World, alice: User, sign_in: SignIn) -> None:
    CustomerFactory(owner=alice, name="Harbour Two", search="harbour two")
    stranger = CustomerFactory(name="Hidden", number="H1", search="hidden")
    client = sign_in(alice)
    url = reverse("crm:contact_move", args=[world.loose.pk])

    def error(text: str) -> str:
        response = client.post(url, {"customer": text, "role": "buyer"})
        assert response.status_code == 422
        return str(response.context["form"].errors["customer"][0])

    assert "Several customers match" in error("harbour")
    assert "No customer matches" in error("nobody knows")
    assert "No customer matches" in error(stranger.number)
    assert client.post(url, {"customer": f"{world.customer.number} x", "role": "buyer"}).status_code == 302
    assert world.loose.links.get().customer == world.customer
    options = client.get("/customers/options/?customer=harb").content.decode()
    assert "Harbour Lane Gifts" in options
    assert "Hidden" not in options


def test_contacts_are_made_edited_moved_and_ended(world: World, alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    token = new_token(client, f"/contacts/new/?customer={world.customer.number}")
    data = {"form_token": token, "last_name": "Scott", "customer": world.customer.number, "role": "buyer"}
    assert client.post("/contacts/new/", data).status_code == 302
    made = Contact.objects.get(last_name="Scott")
    url = reverse("crm:contact_edit", args=[made.pk])
    assert client.post(url, edit_data(client, url, job_title="Goods in")).status_code == 302
    here = [made.pk, world.customer.pk]
    assert client.post(reverse("crm:contact_main", args=here)).status_code == 302
    assert made.links.get().is_main
    assert client.post(reverse("crm:contact_unlink", args=here)).status_code == 302
    assert "Unassigned" in client.get(made.get_absolute_url()).content.decode()
    taken = client.post(
        reverse("crm:contact_move", args=[world.contact.pk]),
        {"customer": world.customer.number, "role": "buyer"},
    )
    assert taken.status_code == 422
    assert "has a customer already" in taken.content.decode()


def test_a_contacts_other_customers_stay_hidden(
    world: World, bob: User, charlie: User, sign_in: SignIn
) -> None:
    secret = CustomerFactory(owner=charlie, name="Secret Ltd")
    world.contact.links.create(customer=secret, started_on=secret.created_at.date())
    page = sign_in(bob).get(world.contact.get_absolute_url()).content.decode()
    assert "Harbour Lane Gifts" in page
    assert "Secret Ltd" not in page


def test_names_are_never_markup(alice: User, sign_in: SignIn) -> None:
    customer = CustomerFactory(owner=alice, name=CANARY, city=CANARY[:40], street=CANARY, number="X1")
    contact = ContactFactory(owner=alice, last_name=CANARY[:60], job_title=CANARY[:60])
    contact.links.create(customer=customer, started_on=customer.created_at.date())
    action = ActionFactory(
        customer=customer,
        contact=contact,
        assignee=alice,
        title=CANARY,
        body=CANARY,
        origin="event",
        origin_code="X",
        origin_key="x",
        reason={"event_name": CANARY, "sentence": CANARY, "facts": [{"label": CANARY, "text": CANARY}]},
    )
    order = OrderFactory(customer=customer, customer_reference=CANARY[:60], note=CANARY)
    client = sign_in(alice)
    client.post(f"/customers/{customer.pk}/log/", {"form_token": "", "subject": CANARY, "channel": "call"})
    for url in (
        "/",
        "/customers/",
        customer.get_absolute_url(),
        f"/customers/{customer.pk}/edit/",
        f"/customers/{customer.pk}/log/",
        "/customers/options/?customer=script",
        "/contacts/",
        contact.get_absolute_url(),
        "/followups/",
        action.get_absolute_url(),
        f"/followups/{action.pk}/complete/",
        "/orders/",
        order.get_absolute_url(),
        f"/customers/?q={CANARY}",
        f"/followups/?event={CANARY}",
    ):
        page = client.get(url).content.decode()
        assert "<script>alert" not in page, url
        assert "<img src=x" not in page, url


def test_the_timeline_leaves_out_what_one_may_not_view(admin: User, sign_in: SignIn) -> None:
    customer = CustomerFactory()
    order = OrderFactory(customer=customer, number="536365")
    with transaction.atomic():
        for subject, verb in ((order, "order.placed"), (customer, "customer.changed")):
            record(subject, verb, by=admin, now=NOW, data={"number": "536365"}, customer_id=customer.pk)
    url = reverse("crm:customer_timeline", args=[customer.pk])
    page = sign_in(admin).get(url).content.decode()
    assert "placed the order" in page
    assert f'<a href="{order.get_absolute_url()}">536365</a>' in page
    group = admin.roles.get().group
    group.permissions.remove(*group.permissions.filter(codename="view_salesorder"))
    page = sign_in(admin).get(url).content.decode()
    assert "changed the customer" in page
    assert "placed the order" not in page


def test_the_timeline_tells_when_things_happened_not_when_they_were_entered(
    admin: User, sign_in: SignIn
) -> None:
    customer = CustomerFactory()
    with transaction.atomic():
        record(customer, "customer.changed", by=admin, now=NOW - timedelta(days=9), data={})
        for number, days in (("536365", 30), ("536366", 3)):
            order = OrderFactory(customer=customer, number=number)
            record(
                order, "order.placed", by=None, now=NOW, data={"number": number}, cause=Cause.IMPORT,
                customer_id=customer.pk, happened_at=NOW - timedelta(days=days),
            )  # fmt: skip
    log_communication(
        customer=customer, channel="call", direction="out", subject="Call", body="Spoke", by=admin,
        now=NOW, happened_at=NOW - timedelta(days=20),
    )  # fmt: skip
    client = sign_in(admin)
    for url in (reverse("crm:customer_timeline", args=[customer.pk]), customer.get_absolute_url()):
        page = client.get(url).content.decode()
        told = ["536366", "changed the customer", "Spoke", "536365"]
        assert sorted(told, key=page.index) == told
        assert "<b>Order placed</b>" in page
        assert "Touchpoint</b> placed" not in page
        assert f"Entered {moment(NOW)}" in page


def test_lists_leave_this_years_year_out(world: World, alice: User, sign_in: SignIn, today: date) -> None:
    client, contact = sign_in(alice), world.contact
    Customer.objects.filter(pk=world.customer.pk).update(created_at=NOW.replace(year=2001))
    Contact.objects.filter(pk=contact.pk).update(created_at=NOW.replace(year=2001))
    OrderFactory(customer=world.customer, placed_on=today, placed_at=database_now())
    for action in (
        Action.objects.get(),
        ActionFactory(customer=world.customer, assignee=alice, due_on=today),
    ):
        complete_action(action, outcome="reached", by=alice, now=database_now())
    log_communication(
        customer=world.customer,
        channel="call",
        direction="out",
        contact=contact,
        subject="Autumn",
        by=alice,
        now=database_now(),
    )
    year = re.compile(rf"\d \w{{3}} {today.year}\b")
    for url in (
        "/customers/",
        world.customer.get_absolute_url(),
        f"{world.customer.get_absolute_url()}timeline/",
        contact.get_absolute_url(),
        "/followups/?whose=all&status=all",
        "/orders/",
    ):
        main = client.get(url).content.decode().partition("<main")[2].partition("</main>")[0]
        assert year.findall(main) == [], url
