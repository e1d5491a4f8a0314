"""Items: codes, changes, archive."""

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import User
from activity.models import Entry
from catalog.domain.item import add_items, archive_item, change_item, create_item, restore_item
from catalog.models import Item
from core.errors import Changed, Refused
from tests.factories import ItemFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def user() -> User:
    return UserFactory()


def create(user: User, **details: Any) -> Item:
    return create_item(**{"code": "abc-1", "by": user, "now": NOW, **details})


def test_a_new_item(user: User) -> None:
    item = create(user, code=" abc-1 ", name=" Café  crème ", kind="charge", unit="box")
    item.refresh_from_db()
    assert (item.code, item.name, item.kind, item.unit) == ("ABC-1", "Café crème", "charge", "box")
    assert (item.search, item.created_by, item.created_at) == ("abc 1 cafe creme", user, NOW)
    entry = Entry.objects.get()
    assert (entry.verb, entry.by, entry.data) == (
        "item.created",
        user,
        {"code": "ABC-1", "name": "Café crème"},
    )


@pytest.mark.parametrize(
    ("code", "message"), [("", "needs a code"), (" \0 ", "needs a code"), ("x" * 31, "at most 30")]
)
def test_a_code_is_needed(user: User, code: str, message: str) -> None:
    with pytest.raises(Refused, match=message) as caught:
        create(user, code=code)
    assert caught.value.field == "code"


def test_a_code_is_given_once_whatever_its_case(user: User) -> None:
    create(user)
    with pytest.raises(Refused, match="The code ABC-1 is taken"):
        create(user, code="Abc-1")


def test_a_change_is_journaled_and_searchable(user: User) -> None:
    item = create(user, name="Old")
    change_item(item, values={"name": "New", "unit": "pcs"}, expected=1, by=user, now=NOW)
    item.refresh_from_db()
    assert (item.name, item.version, item.search) == ("New", 2, "abc 1 new")
    assert Entry.objects.get(verb="item.changed").data == {"name": ["Old", "New"]}
    change_item(item, values={"name": "New"}, expected=2, by=user, now=NOW)
    assert Entry.objects.filter(verb="item.changed").count() == 1


def test_a_change_over_somebody_elses_is_refused(user: User) -> None:
    item = create(user)
    change_item(Item.objects.get(), values={"name": "Theirs"}, expected=1, by=user, now=NOW)
    with pytest.raises(Changed, match="changed by somebody else"):
        change_item(item, values={"name": "Mine"}, expected=1, by=user, now=NOW)
    assert Item.objects.get().name == "Theirs"


def test_the_code_never_changes(user: User) -> None:
    with pytest.raises(TypeError):
        change_item(ItemFactory(), values={"code": "X"}, expected=1, by=user, now=NOW)


def test_archive_and_back(user: User) -> None:
    item = create(user)
    with pytest.raises(Refused, match="is not archived"):
        restore_item(item, by=user, now=NOW)
    archive_item(item, by=user, now=NOW)
    with pytest.raises(Refused, match="is archived already"):
        archive_item(item, by=user, now=NOW)
    assert Item.objects.get().archived_at == NOW
    restore_item(item, by=user, now=NOW)
    assert Item.objects.get().archived_at is None
    assert Entry.objects.filter(verb="item.changed").count() == 2


def test_many_items_at_once(user: User, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(4):
        made = add_items([Item(code=f"C{n}") for n in range(30)], by=user, now=NOW, cause="import")
    assert Item.objects.count() == len(made) == Entry.objects.filter(cause="import").count() == 30
