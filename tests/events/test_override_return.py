"""How rerouted follow-ups come back: undo, the day of return, and any sequence of both against a model."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.domain.absence import add_absence
from accounts.models import User
from activity.models import Entry
from core.errors import Refused
from crm.domain.action import complete_action, hand_over_action, snooze_action, start_action
from crm.models import Action
from events.domain.override import end_override, return_due, undo_override
from events.models import Override, OverrideItem
from tests.events.rerouting import BACK, LATER, holders, reroute, verbs, work_of
from tests.factories import NOW, day

pytestmark = pytest.mark.django_db


class TestUndo:
    def test_gives_back_exactly_what_nobody_changed(
        self, ann: User, bo: User, cy: User, manager: User
    ) -> None:
        started, snoozed, closed, handed, same = rows = work_of(ann, 5)
        override = reroute(rows, bo, by=manager).override
        start_action(Action.objects.get(pk=started.pk), by=bo, now=LATER)
        snooze_action(Action.objects.get(pk=snoozed.pk), until=day("2026-11-23"), by=bo, now=LATER)
        complete_action(Action.objects.get(pk=closed.pk), outcome="reached", by=bo, now=LATER)
        hand_over_action(Action.objects.get(pk=handed.pk), to=cy, reason="Busy", by=bo, now=LATER)
        result = undo_override(override=override, by=manager, now=LATER)
        assert result.moved == {same.pk}
        assert {row.action_id: row.reason for row in result.kept} == {
            started.pk: "changed by Bo Diaz",
            snoozed.pk: "changed by Bo Diaz",
            closed.pk: "closed",
            handed.pk: "in other hands since",
        }
        assert holders(rows) == [bo, bo, bo, cy, ann]
        assert verbs(same) == ["action.rerouted", "action.returned"]
        assert Override.objects.get().status == "undone"

    def test_what_the_giver_had_started_himself_goes_back_too(
        self, ann: User, bo: User, manager: User
    ) -> None:
        (row,) = work_of(ann)
        start_action(row, by=ann, now=NOW - timedelta(hours=1))
        override = reroute([row], bo, by=manager).override
        undo_override(override=override, by=manager, now=LATER)
        assert holders([row]) == [ann]

    def test_a_logged_conversation_counts_as_a_change(self, ann: User, bo: User, manager: User) -> None:
        (row,) = work_of(ann)
        override = reroute([row], bo, by=manager).override
        Action.objects.filter(pk=row.pk).update(first_touched_at=LATER)
        result = undo_override(override=override, by=manager, now=LATER)
        assert [kept.reason for kept in result.kept] == ["started by Bo Diaz"]

    def test_twice_is_refused(self, ann: User, bo: User, manager: User) -> None:
        override = reroute(work_of(ann), bo, by=manager).override
        undo_override(override=override, by=manager, now=LATER)
        with pytest.raises(Refused, match="already undone"):
            undo_override(override=override, by=manager, now=LATER)

    def test_nothing_goes_back_to_who_has_left(self, ann: User, bo: User, manager: User) -> None:
        override = reroute(rows := work_of(ann), bo, by=manager).override
        User.objects.filter(pk=ann.pk).update(is_active=False, deactivated_at=LATER)
        with pytest.raises(Refused, match="Ann Lee cannot sign in"):
            undo_override(override=Override.objects.get(pk=override.pk), by=manager, now=LATER)
        assert holders(rows) == [bo]

    def test_of_the_second_reroute_the_first_speaks_again(
        self, ann: User, bo: User, cy: User, manager: User
    ) -> None:
        rows = work_of(ann)
        first = reroute(rows, bo, by=manager).override
        second = reroute([Action.objects.get(pk=rows[0].pk)], cy, by=manager).override
        assert first.items.get().kept_reason == "rerouted again"
        undo_override(override=second, by=manager, now=LATER)
        assert holders(rows) == [bo]
        assert return_due(day=BACK, now=LATER) == 1
        assert holders(rows) == [ann]

    def test_of_the_second_reroute_back_to_the_giver_the_first_still_returns(
        self, ann: User, bo: User, manager: User
    ) -> None:
        rows = work_of(ann)
        reroute(rows, bo, by=manager)
        again = [Action.objects.get(pk=rows[0].pk)]
        second = reroute(again, ann, by=manager, giver=bo).override
        undo_override(override=second, by=manager, now=LATER)
        assert return_due(day=BACK, now=LATER) == 1
        assert holders(rows) == [ann]

    def test_a_reroute_after_an_undone_one_still_follows_the_first_that_is_over(
        self, ann: User, bo: User, cy: User, manager: User
    ) -> None:
        (row,) = work_of(ann)
        first = reroute([row], bo, by=manager).override
        second = reroute([Action.objects.get(pk=row.pk)], cy, by=manager, giver=bo, returns_on=None).override
        end_override(override=first, by=manager, now=LATER)
        undo_override(override=second, by=manager, now=LATER)
        assert holders([row]) == [bo]
        third = reroute([Action.objects.get(pk=row.pk)], cy, by=manager, giver=bo).override
        end_override(override=third, by=manager, now=LATER)
        assert holders([row]) == [ann]

    def test_both_can_be_undone_one_after_the_other(
        self, ann: User, bo: User, cy: User, manager: User
    ) -> None:
        rows = work_of(ann)
        first = reroute(rows, bo, by=manager).override
        second = reroute([Action.objects.get(pk=rows[0].pk)], cy, by=manager).override
        undo_override(override=second, by=manager, now=LATER)
        assert undo_override(override=first, by=manager, now=LATER).moved == {rows[0].pk}
        assert holders(rows) == [ann]


class TestReturn:
    def test_on_the_day_untouched_ones_go_back_and_touched_ones_stay(
        self, ann: User, bo: User, manager: User
    ) -> None:
        started, untouched = rows = work_of(ann, 2)
        override = reroute(rows, bo, by=manager).override
        start_action(Action.objects.get(pk=started.pk), by=bo, now=LATER)
        assert return_due(day=BACK - timedelta(days=1), now=LATER) == 0
        assert return_due(day=BACK, now=LATER) == 1
        assert holders(rows) == [bo, ann]
        kept = OverrideItem.objects.get(action=started)
        assert (kept.kept_reason, kept.returned_at) == ("changed by Bo Diaz", None)
        assert OverrideItem.objects.get(action=untouched).returned_at == LATER
        ended = Override.objects.get(pk=override.pk)
        assert (ended.status, ended.ended_by, ended.ended_at) == ("ended", None, LATER)

    def test_again_changes_nothing(self, ann: User, bo: User, manager: User) -> None:
        reroute(work_of(ann, 2), bo, by=manager)
        return_due(day=BACK, now=LATER)
        before = Entry.objects.count()
        assert return_due(day=BACK, now=LATER) == 0
        assert Entry.objects.count() == before

    def test_late_it_still_happens(self, ann: User, bo: User, manager: User) -> None:
        rows = work_of(ann)
        reroute(rows, bo, by=manager)
        assert return_due(day=BACK + timedelta(days=9), now=LATER) == 1
        assert holders(rows) == [ann]

    def test_away_again_or_gone_it_stays(self, ann: User, bo: User, cy: User, manager: User) -> None:
        hers, his = work_of(ann), work_of(cy)
        reroute(hers, bo, by=manager)
        reroute(his, bo, by=manager)
        add_absence(user=ann, starts_on=BACK, by=None, now=NOW)
        User.objects.filter(pk=cy.pk).update(is_active=False, deactivated_at=LATER)
        assert return_due(day=BACK, now=LATER) == 0
        assert holders(hers + his) == [bo, bo]
        reasons = OverrideItem.objects.order_by("action").values_list("kept_reason", flat=True)
        assert list(reasons) == ["Ann Lee is away until further notice", "Cy Ox no longer works here"]

    def test_over_two_hops_it_goes_to_whom_it_was_taken_from_first(
        self, ann: User, bo: User, cy: User, manager: User
    ) -> None:
        rows = work_of(ann)
        reroute(rows, bo, by=manager)
        reroute([Action.objects.get(pk=rows[0].pk)], cy, by=manager, returns_on=BACK - timedelta(days=2))
        assert return_due(day=BACK - timedelta(days=2), now=LATER) == 1
        assert holders(rows) == [ann]
        assert return_due(day=BACK, now=LATER) == 0

    def test_what_was_handed_over_by_hand_before_goes_back_to_that_hand(
        self, ann: User, bo: User, cy: User, manager: User
    ) -> None:
        (row,) = work_of(ann)
        hand_over_action(row, to=cy, reason="Busy", by=ann, now=NOW)
        reroute([Action.objects.get(pk=row.pk)], bo, by=manager)
        return_due(day=BACK, now=LATER)
        assert holders([row]) == [cy]

    def test_what_went_through_other_hands_stays(self, ann: User, bo: User, cy: User, manager: User) -> None:
        rows = work_of(ann)
        reroute(rows, bo, by=manager)
        hand_over_action(Action.objects.get(pk=rows[0].pk), to=cy, reason="Region", by=manager, now=NOW)
        hand_over_action(Action.objects.get(pk=rows[0].pk), to=bo, reason="Back", by=cy, now=NOW)
        assert return_due(day=BACK, now=LATER) == 0
        assert OverrideItem.objects.get().kept_reason == "in other hands since"

    def test_without_a_day_it_waits_to_be_ended(self, ann: User, bo: User, manager: User) -> None:
        rows = work_of(ann)
        override = reroute(rows, bo, by=manager, returns_on=None).override
        assert return_due(day=day("2030-01-01"), now=LATER) == 0
        result = end_override(override=override, by=manager, now=LATER)
        assert (result.moved, result.override.status) == ({rows[0].pk}, "ended")
        assert holders(rows) == [ann]

    def test_ended_by_hand_she_is_back_although_an_absence_says_otherwise(
        self, ann: User, bo: User, manager: User
    ) -> None:
        add_absence(user=ann, starts_on=day("2026-11-12"), by=None, now=NOW - timedelta(days=8))
        override = reroute(rows := work_of(ann), bo, by=manager).override
        end_override(override=override, by=manager, now=LATER)
        assert holders(rows) == [ann]


# --- random sequences of reroutes, work, undo, end and return against a model


@dataclass
class ModelRow:
    """One follow-up in the model: who has it, and what happened to it, newest last."""

    holder: int
    open: bool = True
    story: list[tuple[str, Any]] = field(default_factory=list)

    def since(self, override: int) -> list[tuple[str, Any]]:
        """What happened after ``override`` moved the row; everything when it never did or was undone."""
        moves = [
            place for place, (what, data) in enumerate(self.story) if what == "moved" and data[0] == override
        ]
        return self.story[moves[-1] + 1 :] if moves else [("never", None)]

    def still_with(self, override: int) -> bool:
        hands = {"moved", "handed", "returned", "never"}
        return self.open and not any(what in hands for what, _ in self.since(override))

    def first_holder(self, override: int) -> int:
        """From whom it was taken first, along reroutes that followed one another directly."""
        hands = [(what, data) for what, data in self.story if what in {"moved", "handed", "returned"}]
        place = max(i for i, (what, data) in enumerate(hands) if what == "moved" and data[0] == override)
        while place > 0 and hands[place - 1][0] == "moved":
            place -= 1
        return int(hands[place][1][1])


@dataclass
class Model:
    """The whole in a few lines: rows, and which overrides are still active with which rows."""

    rows: dict[int, ModelRow]
    active: dict[int, set[int]] = field(default_factory=dict)

    def moved(self, override: int, pks: set[int], giver: int, to: int) -> None:
        self.active[override] = set(pks)
        for pk in pks:
            self.rows[pk].story.append(("moved", (override, giver)))
            self.rows[pk].holder = to

    def undo(self, override: int) -> None:
        for pk in self.active.pop(override):
            row = self.rows[pk]
            if row.open and not row.since(override):
                row.holder = row.story.pop()[1][1]

    def give_back(self, override: int) -> None:
        for pk in self.active.pop(override):
            row = self.rows[pk]
            worked = any(what == "worked" and who == row.holder for what, who in row.since(override))
            if row.still_with(override) and not worked:
                row.holder = row.first_holder(override)
                row.story.append(("returned", override))


def act(draw: random.Random, model: Model, users: list[User], manager: User, now: Any) -> None:
    """One random step, in the product and in the model."""
    step = draw.choice(["reroute", "reroute", "work", "hand", "close", "undo", "end", "return"])
    pk = draw.choice(list(model.rows))
    row, action = model.rows[pk], Action.objects.get(pk=pk)
    if step == "reroute":
        giver, to = draw.sample(users, 2)
        mine = {key for key, each in model.rows.items() if each.open and each.holder == giver.pk}
        if chosen := {key for key in mine if draw.random() < 0.7}:
            actions = list(Action.objects.filter(pk__in=chosen))
            returns_on = draw.choice([None, BACK])
            result = reroute(actions, to, by=manager, giver=giver, returns_on=returns_on, now=now)
            assert result.moved == chosen
            model.moved(result.override.pk, chosen, giver.pk, to.pk)
    elif step in {"undo", "end"} and model.active:
        override = Override.objects.get(pk=draw.choice(sorted(model.active)))
        if step == "undo":
            undo_override(override=override, by=manager, now=now)
            model.undo(override.pk)
        else:
            end_override(override=override, by=manager, now=now)
            model.give_back(override.pk)
    elif step == "return":
        return_due(day=BACK, now=now)
        for override in Override.objects.filter(pk__in=model.active, returns_on=BACK).order_by("pk"):
            model.give_back(override.pk)
    elif row.open and step in {"work", "hand", "close"}:
        holder = User.objects.get(pk=row.holder)
        if step == "work" and action.status == "open":
            start_action(action, by=holder, now=now)
            row.story.append(("worked", holder.pk))
        elif step == "hand":
            to = draw.choice([user for user in users if user.pk != row.holder])
            hand_over_action(action, to=to, reason="Busy", by=holder, now=now)
            row.story.append(("handed", to.pk))
            row.holder = to.pk
        elif step == "close":
            complete_action(action, outcome="reached", by=holder, now=now)
            row.open = False


def replayed(action: Action, holder: int) -> int:
    """Who has the follow-up by its journal alone; each change of hands must begin where the last ended."""
    for entry in Entry.objects.filter(subject_type="crm.action", subject_id=action.pk).order_by("id"):
        if "assignee" in entry.data:
            old, new = entry.data["assignee"]
            assert old == holder
            holder = new
    return holder


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), steps=st.integers(3, 25))
def test_any_sequence_ends_as_the_model_says(
    ann: User, bo: User, cy: User, manager: User, seed: int, steps: int
) -> None:
    draw = random.Random(seed)
    with transaction.atomic():
        actions = work_of(ann, 3) + work_of(bo, 1)
        model = Model({row.pk: ModelRow(row.assignee_id) for row in actions})
        start = {row.pk: row.assignee_id for row in actions}
        for number in range(steps):
            act(draw, model, [ann, bo, cy], manager, NOW + timedelta(minutes=number))
            now_with = dict(Action.objects.filter(pk__in=model.rows).values_list("pk", "assignee"))
            assert now_with == {pk: row.holder for pk, row in model.rows.items()}
        for action in actions:
            assert replayed(action, start[action.pk]) == model.rows[action.pk].holder
        resolved = Counter(OverrideItem.objects.filter(override__status="active").values_list("returned_at"))
        assert set(resolved) <= {(None,)}
        transaction.set_rollback(True)
