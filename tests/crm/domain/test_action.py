"""One action: what people may do with it, what is refused, and what the journal keeps."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Absence, Role, User
from activity.models import Entry
from core.errors import Changed, Denied, Refused
from crm.domain import action as domain
from crm.models import Action, Customer
from tests.factories import NOW, ActionFactory, ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db
TODAY = NOW.date()  # a Friday
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def customer(alice: User) -> Customer:
    """A customer of ``alice``."""
    return CustomerFactory(owner=alice, team=alice.teams.get())


@pytest.fixture
def action(alice: User, customer: Customer) -> Action:
    """A follow-up of ``alice``, due today."""
    return ActionFactory(customer=customer, assignee=alice, owner=alice)


def verbs(action: Action) -> list[str]:
    rows = Entry.objects.filter(subject_type="crm.action", subject_id=action.pk)
    return list(rows.order_by("pk").values_list("verb", flat=True))


def refusal(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value


def test_an_action_added_by_hand_is_ones_own_and_journaled(alice: User, customer: Customer) -> None:
    made = domain.create_action(title="Call", due_on=TODAY, customer=customer, by=alice, now=NOW)
    assert (made.assignee, made.owner, made.origin, made.original_due_on) == (alice, alice, "manual", TODAY)
    entry = Entry.objects.get(subject_id=made.pk, verb="action.created")
    assert (entry.by, entry.customer_id, entry.data["title"]) == (alice, customer.pk, "Call")


def test_the_same_form_sent_twice_makes_one_action(alice: User, bob: User) -> None:
    token = uuid4()
    first = domain.create_action(title="Call", due_on=TODAY, by=alice, now=NOW, form_token=token)
    again = domain.create_action(title="Call", due_on=TODAY, by=alice, now=NOW, form_token=token)
    assert first.pk == again.pk
    assert verbs(first) == ["action.created"]
    stolen = refusal(domain.create_action, title="x", due_on=TODAY, by=bob, now=NOW, form_token=token)
    assert "used before" in stolen.message


def test_an_action_is_not_made_for_the_past_or_a_stranger_or_a_foreign_contact(
    alice: User, charlie: User, customer: Customer
) -> None:
    def make(**changes: Any) -> str:
        values = {"title": "Call", "due_on": TODAY, "customer": customer, "by": alice, "now": NOW, **changes}
        return refusal(domain.create_action, **values).field

    assert make(due_on=TODAY - timedelta(days=1)) == "due_on"
    assert make(assignee=charlie) == "assignee"
    assert make(contact=ContactFactory()) == "contact"
    customer.archived_at = NOW
    assert make() == ""
    assert not Action.objects.exists()


def test_completing_closes_with_outcome_on_the_local_day(action: Action, alice: User) -> None:
    domain.complete_action(action, outcome="reached", note="Will order in spring", by=alice, now=NOW)
    row = Action.objects.get()
    assert (row.status, row.outcome, row.closed_by, row.closed_on) == ("done", "reached", alice, TODAY)
    assert row.first_touched_at == NOW
    entry = Entry.objects.get(verb="action.closed")
    assert entry.data["outcome"] == "reached"
    assert entry.data["note"] == "Will order in spring"


def test_a_closed_action_says_who_closed_it(action: Action, alice: User, bob: User) -> None:
    domain.complete_action(action, outcome="reached", by=bob, now=NOW)
    for call, more in (
        (domain.complete_action, {"outcome": "order"}),
        (domain.snooze_action, {"until": TODAY + timedelta(days=1)}),
        (domain.start_action, {}),
        (domain.cancel_action, {"reason": "no"}),
        (domain.hand_over_action, {"to": bob, "reason": "no"}),
        (domain.claim_action, {}),
    ):
        said = refusal(call, Action.objects.get(), by=alice, now=NOW, **more)
        assert said.message == "This follow-up was already closed by Bob."


def test_an_outcome_is_one_that_people_say(action: Action, alice: User) -> None:
    for outcome in ("", "stopped", "nonsense"):
        assert refusal(domain.complete_action, action, outcome=outcome, by=alice, now=NOW).field == "outcome"


def test_no_answer_comes_back_twice_and_closes_at_the_third_call(action: Action, alice: User) -> None:
    domain.complete_action(action, outcome="no_answer", by=alice, now=NOW)
    assert action.is_live
    assert (action.attempts, action.due_on) == (1, date(2026, 11, 24))  # over the weekend to Tuesday
    assert action.original_due_on == TODAY
    domain.complete_action(action, outcome="no_answer", by=alice, now=NOW)
    domain.complete_action(action, outcome="no_answer", by=alice, now=NOW)
    row = Action.objects.get()
    assert (row.status, row.outcome, row.attempts) == ("done", "no_answer", 3)
    assert verbs(row) == ["action.attempted", "action.attempted", "action.closed"]


def test_snoozing_moves_the_due_date_and_keeps_the_first(action: Action, alice: User) -> None:
    until = TODAY + timedelta(days=5)
    domain.snooze_action(action, until=until, by=alice, now=NOW)
    row = Action.objects.get()
    assert (row.snoozed_until, row.due_on, row.original_due_on, row.snooze_count) == (until, until, TODAY, 1)
    assert row.first_touched_at == NOW
    domain.wake_action(row, by=alice, now=NOW)
    assert (row.snoozed_until, row.due_on, row.snooze_count) == (None, TODAY, 1)
    assert "not snoozed" in refusal(domain.wake_action, row, by=alice, now=NOW).message


@pytest.mark.parametrize("days", [-1, 0, 15])
def test_snoozing_is_for_the_next_fourteen_days(action: Action, alice: User, days: int) -> None:
    until = TODAY + timedelta(days=days)
    assert refusal(domain.snooze_action, action, until=until, by=alice, now=NOW).field == "until"


def test_snoozing_is_possible_three_times(action: Action, alice: User) -> None:
    for days in (1, 14, 3):
        domain.snooze_action(action, until=TODAY + timedelta(days=days), by=alice, now=NOW)
    said = refusal(domain.snooze_action, action, until=TODAY + timedelta(days=1), by=alice, now=NOW)
    assert "3 times" in said.message


def test_a_colleague_may_complete_but_not_dispose_of_it(action: Action, alice: User, bob: User) -> None:
    for call, more in (
        (domain.snooze_action, {"until": TODAY + timedelta(days=1)}),
        (domain.start_action, {}),
        (domain.cancel_action, {"reason": "no"}),
        (domain.hand_over_action, {"to": bob, "reason": "mine now"}),
    ):
        assert isinstance(refusal(call, action, by=bob, now=NOW, **more), Denied)
    domain.complete_action(action, outcome="reached", by=bob, now=NOW)
    assert Action.objects.get().closed_by == bob


def test_handing_over_changes_hands_and_says_why(action: Action, alice: User, bob: User) -> None:
    domain.hand_over_action(action, to=bob, reason="On site today", by=alice, now=NOW)
    row = Action.objects.get()
    assert (row.assignee, row.owner, row.assign_seq, row.assign_rule) == (bob, alice, 1, "manual")
    assert row.assign_note == "Handed over by Alice: On site today"
    assert Entry.objects.get(verb="action.handed_over").data["assignee"] == [alice.pk, bob.pk]


def test_a_lead_may_hand_over_the_work_of_the_team_below(action: Action, lead: User, bob: User) -> None:
    domain.hand_over_action(action, to=bob, reason="Alice is on site", by=lead, now=NOW)
    assert Action.objects.get().assignee == bob


def test_a_receiver_must_be_able_to_do_the_work(
    action: Action, alice: User, bob: User, charlie: User, reader: User
) -> None:
    def said(to: User, reason: str = "Because") -> Refused:
        return refusal(domain.hand_over_action, action, to=to, reason=reason, by=alice, now=NOW)

    assert "already" in said(alice).message
    assert "may not see" in said(charlie).message
    assert "no job function" in said(reader).message
    assert said(bob, reason="").field == "reason"
    absence = Absence.objects.create(user=bob, starts_on=TODAY, ends_on=TODAY, created_at=NOW)
    assert "away until 20 Nov 2026" in said(bob).message
    absence.delete()
    bob.suspended_at = NOW
    assert "cannot sign in" in said(bob).message
    assert Action.objects.get().assignee == alice


def test_a_refusal_names_no_customer_that_one_does_not_see(
    alice: User, bob: User, charlie: User, customer: Customer
) -> None:
    hidden = CustomerFactory(owner=charlie, name="Secret Ltd")
    own = ActionFactory(customer=hidden, assignee=alice)
    refused = refusal(domain.hand_over_action, own, to=bob, reason="Yours", by=alice, now=NOW)
    assert refused.message == "Bob may not see the customer: choose somebody else."
    seen = ActionFactory(customer=customer, assignee=alice)
    refused = refusal(domain.hand_over_action, seen, to=charlie, reason="Yours", by=alice, now=NOW)
    assert customer.name in refused.message


@pytest.fixture
def queued(customer: Customer) -> Action:
    """A follow-up that waits for any sales rep."""
    return ActionFactory(customer=customer, assignee=None, queue=Role.objects.get(code="sales_rep"))


def test_one_of_two_people_gets_a_claimed_action(queued: Action, alice: User, bob: User) -> None:
    stale = Action.objects.get(pk=queued.pk)
    domain.claim_action(queued, by=alice, now=NOW)
    with pytest.raises(Changed):
        domain.claim_action(stale, by=bob, now=NOW)
    with pytest.raises(Changed, match="Alice has this follow-up"):
        domain.claim_action(Action.objects.get(), by=bob, now=NOW)
    row = Action.objects.get()
    assert (row.assignee, row.queue, row.assign_seq) == (alice, None, 1)
    assert verbs(row) == ["action.claimed"]


def test_claiming_takes_the_role_and_sight_of_the_customer(
    queued: Action, charlie: User, support: User
) -> None:
    assert isinstance(refusal(domain.claim_action, queued, by=support, now=NOW), Denied)
    assert "outside your records" in refusal(domain.claim_action, queued, by=charlie, now=NOW).message


def test_what_waits_in_a_queue_is_claimed_before_it_is_worked(queued: Action, alice: User, bob: User) -> None:
    for call, more in (
        (domain.complete_action, {"outcome": "reached"}),
        (domain.start_action, {}),
        (domain.snooze_action, {"until": TODAY + timedelta(days=1)}),
    ):
        assert "claim it first" in refusal(call, queued, by=alice, now=NOW, **more).message
    domain.hand_over_action(queued, to=bob, reason="Yours", by=alice, now=NOW)
    assert Action.objects.get().assignee == bob


def test_a_stale_reader_changes_nothing(action: Action, alice: User, bob: User) -> None:
    stale = Action.objects.get()
    domain.hand_over_action(action, to=bob, reason="On site", by=alice, now=NOW)
    with pytest.raises(Changed):
        domain.complete_action(stale, outcome="reached", by=alice, now=NOW)
    assert Action.objects.get().is_live
    assert verbs(action) == ["action.handed_over"]


def test_cancelling_takes_a_reason(action: Action, alice: User) -> None:
    assert refusal(domain.cancel_action, action, reason="", by=alice, now=NOW).field == "reason"
    domain.cancel_action(action, reason="Doubled", by=alice, now=NOW)
    row = Action.objects.get()
    assert (row.status, row.outcome_note, row.closed_on) == ("cancelled", "Doubled", TODAY)


def test_the_closer_may_open_it_again_on_the_same_day(action: Action, alice: User, bob: User) -> None:
    domain.complete_action(action, outcome="reached", by=alice, now=NOW)
    assert "Only whoever closed" in refusal(domain.reopen_action, action, by=bob, now=NOW).message
    assert "Only whoever closed" in refusal(domain.reopen_action, action, by=alice, now=TOMORROW).message
    domain.reopen_action(action, by=alice, now=NOW)
    row = Action.objects.get()
    assert (row.status, row.outcome, row.closed_at, row.closed_by) == ("open", "", None, None)
    assert "is open" in refusal(domain.reopen_action, row, by=alice, now=NOW).message


def test_work_of_somebody_who_left_is_not_opened_again(action: Action, alice: User, bob: User) -> None:
    """Bob closed it for her on her last day; an open follow-up is always someone's."""
    domain.complete_action(action, outcome="reached", by=bob, now=NOW)
    User.objects.filter(pk=alice.pk).update(is_active=False, deactivated_at=NOW)
    row = Action.objects.get()
    assert "no longer works here" in refusal(domain.reopen_action, row, by=bob, now=NOW).message
    assert Action.objects.get().status == "done"


def test_no_second_live_action_with_one_guard(action: Action, alice: User, customer: Customer) -> None:
    Action.objects.update(guard_key="lapse:customer:1")
    action.refresh_from_db()
    domain.complete_action(action, outcome="reached", by=alice, now=NOW)
    ActionFactory(customer=customer, assignee=alice, guard_key="lapse:customer:1")
    assert "newer follow-up" in refusal(domain.reopen_action, action, by=alice, now=NOW).message


def test_starting_is_a_touch(action: Action, alice: User) -> None:
    domain.start_action(action, by=alice, now=NOW)
    domain.start_action(action, by=alice, now=TOMORROW)
    row = Action.objects.get()
    assert (row.status, row.first_touched_at) == ("in_progress", NOW)
    assert verbs(row) == ["action.started"]


def test_open_work_is_said_in_a_sentence(action: Action, alice: User, bob: User) -> None:
    assert domain.open_work_of(alice) == ["1 open follow-up: reroute or close them."]
    assert domain.open_work_of(bob) == []
