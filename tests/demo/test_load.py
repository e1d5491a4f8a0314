"""The demo as somebody finds it who signs in for the first time."""

import json
import stat
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Count, Q

from accounts.functions import SHIPPED_ROLES
from accounts.models import Absence, Role, Team, User
from activity.models import Entry, Wake
from core.dates import local_day
from core.errors import Refused
from crm.models import Action, Communication, Contact, Customer, FactsDay
from demo.load import is_loaded, load
from demo.people import MEMBERS, REPS
from events.models import Event, Occurrence, Override, Run
from orders.models import OrderLine, SalesOrder
from tests.demo.conftest import Loaded

pytestmark = [pytest.mark.long, pytest.mark.django_db]  # each test is taken back to the loaded demo
LONDON = ZoneInfo("Europe/London")


def today(demo: Loaded):
    return local_day(demo.now, LONDON)


def last_judged(demo: Loaded) -> date:
    """The day that the last night judged: a night begins at two, and judges the day before it."""
    begun = demo.now.astimezone(LONDON) - timedelta(hours=2)
    return begun.date() - timedelta(days=1)


def test_everything_of_the_file_is_there_once(demo: Loaded) -> None:
    assert Customer.objects.count() == 1103
    assert SalesOrder.objects.count() == 5163
    assert OrderLine.objects.count() == 98750
    assert is_loaded()


def test_the_last_order_is_at_most_a_week_old(demo: Loaded) -> None:
    last = SalesOrder.objects.order_by("-placed_at").values_list("placed_at", flat=True)[0]
    assert demo.now - timedelta(days=8) < last < demo.now
    assert last.weekday() == 4, "whole weeks: the last order of the file came on a Friday"


def test_loading_again_changes_nothing(demo: Loaded) -> None:
    before = (Entry.objects.count(), Run.objects.count(), Action.objects.count())
    load(sign_ins=demo.sign_ins, now=demo.now, step=lambda done, total: None)
    assert (Entry.objects.count(), Run.objects.count(), Action.objects.count()) == before


def test_every_night_was_judged_once(demo: Loaded) -> None:
    """Three interruptions later: no day is missing, none was lived twice."""
    runs = Run.objects.filter(event__code="NOORDER60", kind=Run.Kind.SCHEDULED)
    days = list(runs.order_by("as_of").values_list("as_of", flat=True))
    first = days[0]
    assert days == [first + timedelta(days=n) for n in range(len(days))]
    assert days[-1] == last_judged(demo)
    assert len(days) >= 90
    assert FactsDay.objects.get().rolled_on == today(demo) - timedelta(days=1)


def test_progress_rises_to_the_end(demo: Loaded) -> None:
    done = [step for step, _ in demo.steps]
    assert done == sorted(done)
    assert demo.steps[-1][0] == demo.steps[-1][1]


def test_every_shipped_role_has_somebody(demo: Loaded) -> None:
    held = set(Role.objects.filter(users__isnull=False).values_list("code", flat=True))
    assert held == {role.code for role in SHIPPED_ROLES}


def test_teams_have_leads_below_one_parent(demo: Loaded) -> None:
    top = Team.objects.get(parent=None)
    assert {team.lead.name for team in top.children.all() if team.lead} == {"Daniel Asante", "Priya Raman"}
    assert top.lead == User.objects.get(name="Ruth Calloway")


def test_sign_ins_open_the_accounts_and_only_the_owner_reads_them(demo: Loaded) -> None:
    rows = json.loads(demo.sign_ins.read_text(encoding="utf-8"))
    assert [row["name"] for row in rows] == [one.name for one in MEMBERS]
    for row in rows:
        assert User.objects.get(email=row["email"]).check_password(row["password"])
        assert row["role"] == User.objects.get(email=row["email"]).roles.get().name
    assert len({row["password"] for row in rows}) == len(rows)
    assert stat.S_IMODE(demo.sign_ins.stat().st_mode) == 0o600


@pytest.mark.parametrize("key", REPS)
def test_a_rep_has_something_overdue_today_and_next(demo: Loaded, key: str) -> None:
    email = next(one.email for one in MEMBERS if one.key == key)
    mine = Action.objects.live().filter(assignee__email=email)
    day = today(demo)
    assert mine.filter(due_on__lt=day).exists()
    assert mine.filter(due_on=day).exists()
    assert mine.filter(due_on__gt=day).exists()


def test_the_matrix_has_numbers_for_people_and_events(demo: Loaded) -> None:
    cells = Action.objects.live().filter(origin=Action.Origin.EVENT, assignee__isnull=False)
    found = set(cells.order_by().values_list("assignee__name", "origin_code").distinct())
    assert len({name for name, _ in found}) >= 6
    assert {code for _, code in found} == {"WELCOME", "FIRSTORDER", "NOORDER60"}
    assert Action.objects.filter(closed_on__gt=today(demo) - timedelta(days=30)).count() > 100


def test_outcomes_vary(demo: Loaded) -> None:
    closed = Action.objects.exclude(closed_at=None)
    outcomes = set(closed.order_by().values_list("outcome", flat=True).distinct())
    assert outcomes >= {"reached", "order", "no_interest", "no_answer", "not_relevant", "goal_met"}
    assert Action.objects.filter(snooze_count__gt=0).exists()
    assert Entry.objects.filter(verb="action.handed_over").exists()
    assert Entry.objects.filter(verb="action.claimed").exists()
    assert Communication.objects.filter(action=None).count() > 50
    assert Communication.objects.exclude(action=None).count() > 200


def test_everything_is_somebodys_and_has_its_reason(demo: Loaded) -> None:
    made = Action.objects.filter(origin=Action.Origin.EVENT)
    assert made.count() > 800
    assert all(
        reason.get("sentence") and reason.get("facts") for reason in made.values_list("reason", flat=True)
    )
    assert not Action.objects.live().filter(assignee=None, queue=None).exists()
    wrong = Q(assignee__user_roles__role__code__in=["read_only", "executive"])
    assert not Action.objects.live().filter(wrong).exists()


def test_fired_means_one_follow_up_and_no_key_comes_twice(demo: Loaded) -> None:
    fired = Occurrence.objects.filter(state=Occurrence.State.FIRED)
    assert fired.count() == Action.objects.filter(origin=Action.Origin.EVENT).count()
    keys = Occurrence.objects.values("event", "subject_type", "subject_id", "okey").annotate(n=Count("pk"))
    assert not keys.filter(n__gt=1).exists()


def test_events_run_without_fault_and_nothing_waits(demo: Loaded) -> None:
    assert set(Event.objects.values_list("status", flat=True)) == {Event.Status.ACTIVE}
    assert not Run.objects.exclude(error_class="").exists()
    assert not Wake.objects.exists()


def test_every_newcomer_was_welcomed_and_thanked(demo: Loaded) -> None:
    """Imports of the past are silent, the customers of the last weeks are not."""
    first = Run.objects.earliest("started_at").started_at
    newcomers = Customer.objects.filter(created_at__gt=first)
    assert newcomers.count() == 259
    welcomed = Occurrence.objects.filter(event__code="WELCOME").values("subject_id")
    assert not newcomers.exclude(pk__in=welcomed).exists()
    assert not Customer.objects.filter(created_at__lte=first, pk__in=welcomed).exists()


def test_somebody_is_ill_and_a_colleague_stands_in(demo: Loaded) -> None:
    absence = Absence.objects.on(today(demo)).get()
    assert absence.user.name == "Jonas Lindahl"
    assert absence.substitute is not None
    assert Action.objects.live().filter(owner=absence.user, assignee=absence.substitute).exists()
    left = Action.objects.live().filter(assignee=absence.user)
    assert left.filter(due_on__lte=today(demo)).count() >= 3, "the manager has something to reroute"


def test_one_override_is_active_and_one_is_past(demo: Loaded) -> None:
    active, past = Override.objects.get(status="active"), Override.objects.get(status="ended")
    assert active.from_user.name == "Jonas Lindahl"
    assert active.items.exists()
    assert active.returns_on is not None
    assert active.returns_on > today(demo)
    assert past.items.filter(returned_at__isnull=False).exists()
    assert past.items.exclude(kept_reason="").exists()


def test_companies_and_contacts_are_plausible(demo: Loaded) -> None:
    names = list(Customer.objects.values_list("name", flat=True))
    assert len(set(names)) == len(names)
    assert not [name for name in names if name.startswith("Customer ")]
    assert not Customer.objects.exclude(email__endswith=".example").exists()
    assert not Customer.objects.exclude(contact_links__is_main=True).exists()
    assert not Contact.objects.filter(search="").exists()
    assert Customer.objects.filter(owner=None).count() in range(10, 100)
    tiers = dict(Customer.objects.order_by().values_list("tier").annotate(n=Count("pk")))
    assert tiers["A"] < tiers["B"] < tiers["C"]


def test_the_demo_stays_out_of_other_peoples_data(demo: Loaded) -> None:
    User.objects.create(email="stranger@example.com", name="Stranger", created_at=demo.now)
    with pytest.raises(Refused, match="already holds users"):
        load(sign_ins=demo.sign_ins, now=demo.now, step=lambda done, total: None)
