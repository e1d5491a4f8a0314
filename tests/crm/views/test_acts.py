"""What is offered on the way to closing a follow-up: whom to call, when to come back, who can take it."""

import re
from datetime import date, timedelta

import pytest

from accounts.domain.organisation import business_day_after
from accounts.models import Absence, User
from crm.models import Action, Communication, Customer
from tests.crm.views.conftest import World
from tests.factories import NOW, ActionFactory, ContactFactory, CustomerFactory
from tests.people import SignIn
from ui.context import Shell

pytestmark = pytest.mark.django_db


def test_completing_ticks_done_and_says_what_it_noted(world: World, alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    url = f"/followups/{world.action.pk}/complete/"
    page = client.get(url).content.decode()
    assert re.findall(r'<input[^>]*value="(\w+)"[^>]*checked', page) == ["reached"]
    assert "Follow-up closed: Done" in client.post(url, {}, follow=True).content.decode()
    assert Action.objects.get().outcome == "reached"


@pytest.mark.parametrize("verb", ["complete", "snooze", "hand-over", "cancel", "log"])
def test_each_act_says_why_and_whom_to_call(
    verb: str, world: World, alice: User, today: date, sign_in: SignIn
) -> None:
    world.contact.phone = "01632 960 321"
    world.contact.save()
    loose = ActionFactory(customer=world.customer, assignee=alice, due_on=today, origin="manual")
    client = sign_in(alice)
    for action in (world.action, loose):  # the second names nobody: it gets the main contact
        page = client.get(f"/followups/{action.pk}/{verb}/").content.decode()
        assert "Nadia Rees" in page
        assert 'href="tel:01632 960 321"' in page
        assert "Why: " in page
    assert "62 days, usual 24" in client.get(f"/followups/{world.action.pk}/{verb}/").content.decode()


def test_a_selected_row_names_the_main_contact(world: World, alice: User, sign_in: SignIn) -> None:
    Action.objects.update(contact=None)
    client = sign_in(alice)
    assert "Nadia Rees" in client.get("/").content.decode()
    alice.roles.get().group.permissions.filter(codename="view_contact").delete()
    assert "Nadia Rees" not in sign_in(alice).get("/").content.decode()


def test_acts_begun_on_my_day_end_there(world: World, alice: User, today: date, sign_in: SignIn) -> None:
    client = sign_in(alice)
    page = client.get("/").content.decode()
    for verb in ("log", "snooze", "hand-over"):
        assert f'href="/followups/{world.action.pk}/{verb}/?next=%2F"' in page
    form = client.get(f"/followups/{world.action.pk}/log/?next=/").content.decode()
    assert '<input type="hidden" name="next" value="/">' in form
    answer = client.post(f"/followups/{world.action.pk}/snooze/", {"soon": soon(today), "next": "/"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    elsewhere = {"soon": soon(today), "next": "https://elsewhere.example/"}
    other = ActionFactory(customer=world.customer, assignee=alice, due_on=today)
    answer = client.post(f"/followups/{other.pk}/snooze/", elsewhere)
    assert answer["Location"] == other.get_absolute_url()


def soon(today: date) -> str:
    return business_day_after(today, 1).isoformat()


def test_snoozing_offers_the_next_business_days(
    world: World, alice: User, today: date, sign_in: SignIn
) -> None:
    client = sign_in(alice)
    url = f"/followups/{world.action.pk}/snooze/"
    page = client.get(url).content.decode()
    offered = re.findall(r'name="soon"[^>]*value="([\d-]+)"|value="([\d-]+)"[^>]*name="soon"', page)
    days = [business_day_after(today, count).isoformat() for count in (1, 2, 5)]
    assert [first or second for first, second in offered] == days
    assert client.post(url, {"soon": days[1]}).status_code == 302
    assert Action.objects.get().snoozed_until.isoformat() == days[1]


def test_a_typed_day_counts_before_a_ticked_one(
    world: World, alice: User, today: date, sign_in: SignIn
) -> None:
    client = sign_in(alice)
    url = f"/followups/{world.action.pk}/snooze/"
    typed = today + timedelta(days=9)
    assert client.post(url, {"soon": soon(today), "until": typed.isoformat()}).status_code == 302
    assert Action.objects.get().snoozed_until == typed
    answer = client.post(url, {})
    assert answer.status_code == 422
    assert "Choose a day, or enter another one." in answer.content.decode()


def test_only_colleagues_who_could_take_it_are_offered(
    world: World, alice: User, bob: User, nobody: User, today: date, sign_in: SignIn
) -> None:
    client = sign_in(alice)
    url = f"/followups/{world.action.pk}/hand-over/"
    names = [str(person) for person in client.get(url).context["form"].fields["to"].queryset]
    assert "Bob" in names
    assert not {"Nobody", "Alice"} & set(names)
    Absence.objects.create(user=bob, starts_on=today, ends_on=today, created_at=NOW)
    assert bob not in client.get(url).context["form"].fields["to"].queryset


def test_the_history_says_into_whose_hands_it_went(
    world: World, alice: User, bob: User, sign_in: SignIn
) -> None:
    client = sign_in(alice)
    url = f"/followups/{world.action.pk}/hand-over/"
    client.post(url, {"to": bob.pk, "reason": "You know them"})
    page = client.get(world.action.get_absolute_url()).content.decode()
    assert "handed the follow-up over" in page
    assert "To Bob" in page


def test_a_result_is_about_the_follow_up_and_closes_it(world: World, alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    url = f"/followups/{world.action.pk}/log/"
    form = client.get(url).context["form"]
    assert form["outcome"].value() == "reached"
    data = {"form_token": form["form_token"].value(), "channel": "call", "direction": "out", "next": "/"}
    data |= {"action": world.action.pk, "outcome": "reached", "subject": "", "body": "They reorder"}
    answer = client.post(url, data)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    talk = Communication.objects.latest("pk")
    assert (talk.subject, talk.body) == (world.action.title, "They reorder")
    assert not Action.objects.get().is_live


def test_a_conversation_with_the_customer_closes_nothing_by_itself(
    world: World, alice: User, sign_in: SignIn
) -> None:
    form = sign_in(alice).get(world.customer.get_absolute_url()).context["log_form"]
    assert (form["action"].value(), form["outcome"].value()) == (world.action.pk, "")


def test_a_conversation_about_nothing_is_asked_what_it_was_about(
    world: World, alice: User, sign_in: SignIn
) -> None:
    data = {"channel": "call", "direction": "out", "subject": "", "body": "kept words"}
    answer = sign_in(alice).post(f"/customers/{world.customer.pk}/log/", data)
    assert answer.status_code == 422
    assert "Say what it was about." in answer.content.decode()
    assert "kept words" in answer.content.decode()


def late(alice: User, today: date, *, name: str, days: int, gap: int) -> Customer:
    facts = {
        "last_order_on": today - timedelta(days=days),
        "median_gap": gap,
        "order_days": 6,
        "orders_total": 6,
        "first_order_on": today - timedelta(days=999),
        "lapse_due_on": today - timedelta(days=1),
    }
    made: Customer = CustomerFactory(owner=alice, name=name, facts=facts)
    return made


def test_off_their_rhythm_shows_the_worst_first_and_leads_to_all(
    alice: User, bob: User, today: date, sign_in: SignIn
) -> None:
    silences = {"a": (30, 20), "b": (90, 20), "c": (200, 20), "d": (40, 4), "e": (70, 20), "f": (60, 20)}
    for name, (days, gap) in silences.items():
        late(alice, today, name=name, days=days, gap=gap)
    late(bob, today, name="Bob's", days=900, gap=2)
    client = sign_in(alice)
    page = client.get("/")
    risk = page.context["at_risk"]
    assert [str(customer) for customer, _ in risk.rows] == ["c", "d", "b", "e", "f"]
    assert risk.count == 6
    assert "All 6" in page.content.decode()
    found = client.get(risk.url).context["page"]
    assert {str(row) for row in found.rows} == set("abcdef")


def test_people_without_customers_are_told_nothing_about_them(
    manager: User, alice: User, sign_in: SignIn
) -> None:
    assert "Off their rhythm" not in sign_in(manager).get("/").content.decode()
    CustomerFactory(owner=manager)
    page = sign_in(manager).get("/").content.decode()
    assert "All your customers order as usual." in page


def test_the_phones_bar_has_status_for_those_who_may_open_it(
    alice: User, manager: User, sign_in: SignIn
) -> None:
    def bar(user: User) -> list[str]:
        shell: Shell = sign_in(user).get("/").context["shell"]
        return [entry.item.label for entry in shell.bottom]

    assert bar(alice) == ["My day", "Follow-ups", "Customers", "Orders"]
    assert bar(manager) == ["My day", "Follow-ups", "Customers", "Status"]


def test_a_contact_of_a_hidden_customer_is_not_named(
    alice: User, charlie: User, today: date, sign_in: SignIn
) -> None:
    secret = CustomerFactory(owner=charlie)
    contact = ContactFactory(first_name="Hidden", last_name="Person")
    ActionFactory(customer=secret, contact=contact, assignee=alice, due_on=today)
    client = sign_in(alice)
    action = Action.objects.get()
    for url in ("/", f"/followups/{action.pk}/complete/"):
        assert "Hidden Person" not in client.get(url).content.decode()
