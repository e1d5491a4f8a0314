"""The proposal who takes what."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.domain.absence import add_absence
from accounts.models import User
from crm.domain.action import complete_action
from events.domain.override_proposal import propose
from events.domain.override_rules import colleagues
from tests.events.rerouting import BACK, TODAY, work_of
from tests.factories import NOW, ActionFactory, CustomerFactory, TeamFactory, UserFactory, day

pytestmark = pytest.mark.django_db


class TestProposal:
    def test_evens_out_the_workloads_and_prefers_who_knows_the_customer(
        self, ann: User, bo: User, cy: User
    ) -> None:
        work_of(bo, 2, due_on=TODAY)
        known = CustomerFactory()
        done = ActionFactory(customer=known, assignee=cy)
        complete_action(done, outcome="reached", by=cy, now=NOW)
        dee = UserFactory(name="Dee Fox", roles=["sales_support"])
        rows = [*work_of(ann, customer=known), *work_of(ann, 3)]
        proposal = propose(rows, among=[bo, cy, dee], day=TODAY)
        assert [row.to_user_id for row in proposal.rows] == [cy.pk, dee.pk, cy.pk, dee.pk]
        assert proposal.rows[0].reason == "Knows the customer"
        assert proposal.rows[1].reason == "Least to do"
        lines = {line.user.name: (line.now, line.added, line.then) for line in proposal.workload}
        assert lines == {"Bo Diaz": (2, 0, 2), "Cy Ox": (0, 2, 2), "Dee Fox": (0, 2, 2)}

    def test_offers_only_who_can(self, ann: User, bo: User, cy: User, charlie: User) -> None:
        add_absence(user=cy, starts_on=TODAY, ends_on=BACK, by=None, now=NOW)
        proposal = propose(work_of(ann), among=[bo, cy, charlie], day=TODAY)
        assert proposal.rows[0].options == (bo.pk,)
        assert proposal.rows[0].reason == "Only one who can take it"
        assert {line.user.name: line.says for line in proposal.workload}["Cy Ox"] == "Away until 30 Nov"
        nobody = propose(work_of(ann), among=[cy, charlie], day=TODAY)
        assert (nobody.rows[0].to_user_id, nobody.rows[0].reason) == (None, "Nobody can take it")

    def test_keeps_what_somebody_picked_by_hand(self, ann: User, bo: User, cy: User) -> None:
        first, _ = rows = work_of(ann, 2)
        proposal = propose(rows, among=[bo, cy], day=TODAY, chosen={first.pk: bo.pk})
        assert [row.to_user_id for row in proposal.rows] == [bo.pk, cy.pk]
        one = propose(rows, among=[bo, cy], day=TODAY, only=cy.pk)
        assert [row.to_user_id for row in one.rows] == [cy.pk, cy.pk]

    def test_the_number_of_queries_does_not_depend_on_the_rows(self, ann: User, bo: User, cy: User) -> None:
        rows = work_of(ann, 12)
        with CaptureQueriesContext(connection) as few:
            propose(rows[:1], among=[bo], day=TODAY)
        with CaptureQueriesContext(connection) as many:
            propose(rows, among=[bo, cy], day=TODAY)
        assert len(few) == len(many)

    def test_asks_the_team_first_then_who_has_the_same_role(
        self, manager: User, alice: User, bob: User, charlie: User, ann: User, bo: User, lead: User
    ) -> None:
        assert colleagues(alice, manager) == [bob]
        assert colleagues(ann, manager) == [bo]
        assert colleagues(alice, lead) == [bob]
        team = TeamFactory(lead=bo, members=[ann])
        assert team.lead == bo
        assert colleagues(ann, manager) == [bo]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(loads=st.lists(st.integers(0, 4), min_size=2, max_size=4), rows=st.integers(1, 8))
def test_a_proposal_fills_like_water(ann: User, loads: list[int], rows: int) -> None:
    with transaction.atomic():
        far = day("2027-01-15")
        pool = [UserFactory(roles=["sales_support"]) for _ in loads]
        for user, number in zip(pool, loads, strict=True):
            work_of(user, number, due_on=far)
        proposal = propose(work_of(ann, rows, due_on=far), among=pool, day=TODAY)
        then = {line.user.pk: line.then for line in proposal.workload}
        assert sum(line.added for line in proposal.workload) == rows
        assert all(line.then - min(then.values()) <= 1 for line in proposal.workload if line.added)
        transaction.set_rollback(True)
