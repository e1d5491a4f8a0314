"""Rerouting: what moves, what is left alone, what is refused, and who may."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from accounts.domain.absence import add_absence
from accounts.models import Absence, Team, User
from activity.models import Entry
from core.errors import Denied, Refused
from crm.domain.action import complete_action, hand_over_action
from crm.models import Action
from events.domain.override import create_override, end_override, undo_override
from events.engine.assign import Candidate, plan_assignments
from events.models import Override
from tests.events.rerouting import BACK, LATER, TODAY, holders, reroute, verbs, work_of
from tests.factories import NOW, CustomerFactory, day

pytestmark = pytest.mark.django_db


class TestReroute:
    def test_moves_the_work_and_keeps_the_owner(self, ann: User, bo: User, manager: User) -> None:
        rows = work_of(ann, 2)
        result = reroute(rows, bo, by=manager)
        assert result.moved == {row.pk for row in rows}
        assert result.kept == []
        assert holders(rows) == [bo, bo]
        row = Action.objects.get(pk=rows[0].pk)
        assert (row.owner, row.assign_seq) == (ann, 1)
        assert row.assign_note == "Rerouted from Ann Lee by Manager: Ill until Monday"
        assert verbs(row) == ["action.rerouted"]
        item = result.override.items.get(action=row)
        assert (item.from_user, item.to_user, item.seq) == (ann, bo, 1)
        entry = Entry.objects.get(verb="override.created")
        assert (entry.by, entry.data["moved"], entry.data["from"]) == (manager, 2, ann.pk)

    def test_leaves_alone_what_changed_since_it_was_seen_and_says_why(
        self, ann: User, bo: User, cy: User, manager: User
    ) -> None:
        closed, handed, fresh = seen = work_of(ann, 3)
        complete_action(Action.objects.get(pk=closed.pk), outcome="reached", by=ann, now=NOW)
        hand_over_action(Action.objects.get(pk=handed.pk), to=cy, reason="Busy", by=ann, now=NOW)
        result = reroute(seen, bo, by=manager)
        assert result.moved == {fresh.pk}
        assert {row.action_id: row.reason for row in result.kept} == {
            closed.pk: "closed by Ann Lee",
            handed.pk: "now with Cy Ox",
        }
        assert holders(seen) == [ann, cy, bo]

    def test_says_nothing_of_rows_that_one_may_neither_see_nor_reroute(
        self, lead: User, alice: User, bob: User, charlie: User, north_shops: Team
    ) -> None:
        for foreign in work_of(charlie, 2, customer=CustomerFactory(owner=charlie)):
            if foreign.pk % 2:
                complete_action(foreign, outcome="reached", by=charlie, now=NOW)
            with pytest.raises(Refused, match="Nothing was rerouted: no longer there"):
                reroute([foreign], bob, by=lead, giver=alice)
        (near,) = work_of(bob, customer=CustomerFactory(owner=charlie))
        with pytest.raises(Refused, match="Nothing was rerouted: now with Bob"):
            reroute([near], bob, by=lead, giver=alice)

    def test_a_row_that_went_away_and_came_back_is_changed(
        self, ann: User, bo: User, cy: User, manager: User
    ) -> None:
        (seen,) = work_of(ann)
        hand_over_action(Action.objects.get(pk=seen.pk), to=cy, reason="Busy", by=ann, now=NOW)
        hand_over_action(Action.objects.get(pk=seen.pk), to=ann, reason="Yours", by=cy, now=NOW)
        with pytest.raises(Refused, match="changed since the page was opened"):
            reroute([seen], bo, by=manager)
        assert not Override.objects.exists()

    def test_the_same_form_acts_once(self, ann: User, bo: User, manager: User) -> None:
        rows, token = work_of(ann, 2), uuid.uuid4()
        first = reroute(rows, bo, by=manager, form_token=token)
        again = reroute(rows, bo, by=manager, form_token=token, giver=ann)
        assert (again.override, again.moved) == (first.override, first.moved)
        assert Override.objects.count() == 1
        assert Entry.objects.filter(verb="action.rerouted").count() == 2

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"note": "  "}, "note"),
            ({"reason": "whim"}, "reason"),
            ({"strategy": "dice"}, "strategy"),
            ({"starts_on": TODAY + timedelta(days=1)}, "starts_on"),
            ({"returns_on": TODAY}, "returns_on"),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, ann: User, bo: User, manager: User, changes: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            reroute(work_of(ann), bo, by=manager, **changes)
        assert refused.value.field == field
        assert not Override.objects.exists()

    def test_refuses_nothing_at_all(self, ann: User, manager: User) -> None:
        with pytest.raises(Refused, match="choose at least one follow-up"):
            create_override(
                from_user=ann,
                choices=[],
                strategy="one",
                starts_on=TODAY,
                returns_on=None,
                reason="sick",
                note="Ill",
                by=manager,
                now=NOW,
            )

    def test_refuses_to_give_work_to_oneself(self, ann: User, manager: User) -> None:
        with pytest.raises(Refused, match="Ann Lee cannot take over from Ann Lee"):
            reroute(work_of(ann), ann, by=manager)

    def test_refuses_a_receiver_who_may_not_see_the_customer(
        self, ann: User, charlie: User, manager: User
    ) -> None:
        (row,) = work_of(ann)
        with pytest.raises(
            Refused, match="Charlie may not see the customer: choose somebody else"
        ) as refused:
            reroute([row], charlie, by=manager)
        assert refused.value.field == f"to_{row.pk}"
        assert holders([row]) == [ann]

    def test_refuses_a_receiver_who_is_away_or_left(
        self, ann: User, bo: User, cy: User, manager: User
    ) -> None:
        rows = work_of(ann, due_on=day("2026-11-25"))
        add_absence(user=bo, starts_on=day("2026-11-24"), by=None, now=NOW)
        with pytest.raises(Refused, match="Bo Diaz is away from 24 Nov until further notice"):
            reroute(rows, bo, by=manager)
        User.objects.filter(pk=cy.pk).update(is_active=False, deactivated_at=NOW)
        with pytest.raises(Refused, match="Cy Ox no longer works here"):
            reroute(rows, cy, by=manager)


class TestWhoMay:
    def test_without_the_right_nobody(self, ann: User, bo: User, alice: User, executive: User) -> None:
        for by in (alice, ann, executive):
            with pytest.raises(Denied):
                reroute(work_of(ann), bo, by=by)

    def test_a_lead_from_and_to_his_own_teams_only(
        self, lead: User, alice: User, bob: User, charlie: User, north_shops: Team
    ) -> None:
        def theirs(user: User) -> list[Action]:
            return work_of(user, customer=CustomerFactory(owner=user, team=north_shops))

        assert reroute(theirs(alice), bob, by=lead).moved
        assert reroute(theirs(alice), lead, by=lead).moved
        with pytest.raises(Denied, match="people of the teams you lead"):
            reroute(theirs(alice), charlie, by=lead)
        with pytest.raises(Denied):
            reroute(theirs(charlie), bob, by=lead)

    def test_undo_and_end_need_the_same_right(self, ann: User, bo: User, lead: User, manager: User) -> None:
        override = reroute(work_of(ann), bo, by=manager).override
        for act in (undo_override, end_override):
            with pytest.raises(Denied):
                act(override=override, by=lead, now=LATER)
            with pytest.raises(Denied):
                act(override=override, by=bo, now=LATER)


class TestWhatArrives:
    def routed(self, owner: User) -> int | None:
        customer = CustomerFactory(owner=owner)
        chain = {"rules": [{"rule": "owner"}], "queue": "sales_support"}
        candidates = [Candidate(customer.pk, owner.pk, BACK - timedelta(days=3), 1)]
        return plan_assignments(candidates, chain=chain, per_person_day=None, day=TODAY, now=NOW)[0].user_id

    def test_an_absence_sends_new_follow_ups_to_the_stand_in(
        self, ann: User, bo: User, manager: User
    ) -> None:
        override = reroute(work_of(ann), bo, by=manager, stand_in=bo).override
        absence = Absence.objects.get()
        assert override.absence == absence
        assert (absence.user, absence.substitute, absence.starts_on, absence.ends_on) == (
            ann, bo, TODAY, BACK - timedelta(days=1),
        )  # fmt: skip
        assert self.routed(ann) == bo.pk

    def test_an_absence_that_runs_already_gets_the_stand_in(self, ann: User, bo: User, manager: User) -> None:
        known = add_absence(
            user=ann, starts_on=day("2026-11-12"), ends_on=BACK, by=None, now=NOW - timedelta(days=8)
        )
        reroute(work_of(ann), bo, by=manager, stand_in=bo)
        assert Absence.objects.get() == known
        assert self.routed(ann) == bo.pk

    def test_it_is_enough_for_an_override(self, ann: User, bo: User, manager: User) -> None:
        result = reroute([], bo, by=manager, giver=ann, stand_in=bo)
        assert (result.moved, Absence.objects.count()) == (frozenset(), 1)

    def test_refuses_a_stand_in_who_is_away(self, ann: User, bo: User, manager: User) -> None:
        add_absence(user=bo, starts_on=TODAY, by=None, now=NOW)
        with pytest.raises(Refused, match="Bo Diaz is away until further notice") as refused:
            reroute([], bo, by=manager, giver=ann, stand_in=bo)
        assert refused.value.field == "stand_in"

    def test_undo_cancels_the_absence_it_entered(self, ann: User, bo: User, manager: User) -> None:
        override = reroute(work_of(ann), bo, by=manager, stand_in=bo).override
        undo_override(override=override, by=manager, now=LATER)
        assert self.routed(ann) == ann.pk

    def test_undo_leaves_the_absence_it_found(self, ann: User, bo: User, manager: User) -> None:
        add_absence(user=ann, starts_on=day("2026-11-12"), by=None, now=NOW - timedelta(days=8))
        override = reroute(work_of(ann), bo, by=manager, stand_in=bo).override
        undo_override(override=override, by=manager, now=LATER)
        assert Absence.objects.get().cancelled_at is None

    @pytest.mark.parametrize("days_away", [0, 3])
    def test_ending_it_ends_the_absence(self, ann: User, bo: User, manager: User, days_away: int) -> None:
        override = reroute(
            work_of(ann), bo, by=manager, stand_in=bo, starts_on=TODAY - timedelta(days=days_away)
        ).override
        end_override(override=override, by=manager, now=LATER)
        assert self.routed(ann) == ann.pk
        assert Absence.objects.filter(cancelled_at=None).count() == (1 if days_away else 0)


def test_an_override_is_named_with_a_date_as_people_write_it(alice: User) -> None:
    override = Override(from_user=alice, starts_on=day("2026-11-19"))
    assert str(override) == "Override for Alice from 19 Nov 2026"
