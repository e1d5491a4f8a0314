"""The journal: one line per change, in its transaction, never changed; some lines wake the engine."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from accounts.models import User
from activity.domain import Line, changes, record, record_many, record_rows
from activity.models import Cause, Entry, Wake
from activity.verbs import UnknownVerb
from crm.models import Action, Customer
from tests.factories import ActionFactory, CustomerFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def customer() -> Customer:
    made: Customer = CustomerFactory()
    return made


@pytest.fixture
def mara() -> User:
    user: User = UserFactory()
    return user


def test_entry_says_who_when_what_and_why(customer: Customer, mara: User) -> None:
    entry = record(customer, "customer.changed", by=mara, now=NOW, data={"name": ["Old", "New"]})
    stored = Entry.objects.get(pk=entry.pk)
    assert (stored.subject_type, stored.subject_id) == ("crm.customer", customer.pk)
    assert (stored.by, stored.at, stored.cause) == (mara, NOW, Cause.USER)
    assert stored.data == {"name": ["Old", "New"]}
    assert stored.customer_id == customer.pk  # a customer stands on his own timeline


def test_what_happened_earlier_says_when(customer: Customer) -> None:
    earlier = datetime(2026, 1, 5, 8, tzinfo=UTC)
    told = record(customer, "customer.changed", by=None, now=NOW, happened_at=earlier)
    plain = record(customer, "customer.changed", by=None, now=NOW)
    assert (told.at, told.happened_at) == (NOW, earlier)
    assert (plain.at, plain.happened_at) == (NOW, NOW)


def test_values_are_stored_plain(customer: Customer, mara: User) -> None:
    data = {"owner": [None, mara], "due": date(2026, 3, 4), "total": Decimal("1.50"), "ids": {3}}
    entry = record(customer, "customer.changed", by=None, now=NOW, data=data)
    expected = {"owner": [None, mara.pk], "due": "2026-03-04", "total": "1.50", "ids": [3]}
    assert Entry.objects.get(pk=entry.pk).data == expected


def test_unknown_verb_is_refused(customer: Customer) -> None:
    with pytest.raises(UnknownVerb, match=r"customer\.vanished"):
        record(customer, "customer.vanished", by=None, now=NOW)
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_entry_needs_the_transaction_of_its_change(customer: Customer) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        record(customer, "customer.changed", by=None, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_entry_and_wake_go_with_their_transaction(customer: Customer) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _fails(record(customer, "customer.created", by=None, now=NOW))
    assert not Entry.objects.exists()
    assert not Wake.objects.exists()


def test_only_some_verbs_wake_the_engine(customer: Customer) -> None:
    record(customer, "customer.changed", by=None, now=NOW)
    assert not Wake.objects.exists()
    entry = record(customer, "customer.created", by=None, now=NOW)
    assert Wake.objects.get().entry == entry


def test_imports_are_silent_unless_asked(customer: Customer) -> None:
    record(customer, "customer.created", by=None, now=NOW, cause=Cause.IMPORT)
    assert not Wake.objects.exists()
    record(customer, "customer.created", by=None, now=NOW, cause=Cause.IMPORT, wake=True)
    assert Wake.objects.count() == 1


def test_three_lines_cost_the_same_as_one(customer: Customer, django_assert_num_queries: object) -> None:
    for count in (1, 3):
        lines = [Line(customer, {"n": number}) for number in range(count)]
        with django_assert_num_queries(2):  # type: ignore[operator]  # entries and wakes
            record_many(lines, "customer.created", by=None, now=NOW)
    assert Entry.objects.count() == Wake.objects.count() == 4


def test_rows_are_journaled_by_one_statement_as_one_by_one(
    mara: User, django_assert_num_queries: Any
) -> None:
    actions = [ActionFactory(customer=CustomerFactory(), assignee=mara) for _ in range(3)]
    record_many(
        [
            Line(action, {"title": action.title, "assignee": mara.pk}, action.customer_id)
            for action in actions
        ],
        "action.created",
        by=None,
        now=NOW,
        cause=Cause.ENGINE,
    )
    columns = (
        "subject_type",
        "subject_id",
        "customer_id",
        "verb",
        "at",
        "happened_at",
        "by_id",
        "cause",
        "data",
    )
    expected = list(Entry.objects.order_by("subject_id").values(*columns))
    rows = Action.objects.filter(pk__in=[action.pk for action in actions])
    data = {"title": F("title"), "assignee": F("assignee_id")}
    before = Entry.objects.latest("pk").pk
    assert connection.features.has_json_object_function  # SQLite is asked once, and not below
    with django_assert_num_queries(1):
        assert record_rows(rows, "action.created", now=NOW, cause=Cause.ENGINE, data=data) == 3
    written = Entry.objects.filter(pk__gt=before).order_by("subject_id")
    assert list(written.values(*columns)) == expected


def test_rows_are_journaled_only_with_verbs_that_wake_nobody(customer: Customer) -> None:
    rows = Customer.objects.all()
    with pytest.raises(ValueError, match="wake row"):
        record_rows(rows, "customer.created", now=NOW, cause=Cause.ENGINE, data={})
    with pytest.raises(UnknownVerb):
        record_rows(rows, "customer.vanished", now=NOW, cause=Cause.ENGINE, data={})


@pytest.mark.django_db(transaction=True)
def test_rows_need_the_transaction_of_their_change() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        record_rows(Action.objects.all(), "action.created", now=NOW, cause=Cause.ENGINE, data={})


def test_entries_are_append_only(customer: Customer) -> None:
    entry = record(customer, "customer.changed", by=None, now=NOW)
    entry.verb = "customer.created"
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()


def test_changes_names_only_what_differs() -> None:
    assert changes({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == {"b": [2, 3], "c": [None, 4]}


def _fails(_: Entry) -> float:
    return 1 / 0
