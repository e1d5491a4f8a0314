"""Pages of orders: who sees them, what they show, and that lines cost no statements."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from orders.models import SalesOrder
from orders.tables.sales_order import SALES_ORDERS
from orders.templatetags.orders import unit_price
from tests.factories import NOW, CustomerFactory, OrderFactory, OrderLineFactory
from tests.people import SignIn
from ui.tables import unindexed_sorts

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(alice: User) -> SalesOrder:
    """An order with a line of a customer of ``alice``."""
    customer = CustomerFactory(owner=alice, name="Harbour Lane Gifts", search="harbour lane gifts")
    order = OrderFactory(
        customer=customer, number="536365", total=Decimal("2405.42"), customer_reference="NR-7"
    )
    OrderLineFactory(order=order, quantity=144, unit_price=Decimal("6.7225"), total=Decimal("968.04"))
    return order


def statements(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_the_ladder(order: SalesOrder, alice: User, charlie: User, nobody: User, sign_in: SignIn) -> None:
    for url in ("/orders/", order.get_absolute_url()):
        assert sign_in(alice).get(url).status_code == 200
        assert sign_in(alice).post(url).status_code == 405
        assert sign_in(nobody).get(url).status_code == 403
        assert Client().get(url).status_code == 302
    assert sign_in(charlie).get(order.get_absolute_url()).status_code == 404
    assert b"536365" not in sign_in(charlie).get("/orders/").content


@pytest.mark.parametrize("pk", [2**31, 2**63, 10**30])
def test_a_huge_id_is_not_found(pk: int, alice: User, sign_in: SignIn) -> None:
    assert sign_in(alice).get(f"/orders/{pk}/").status_code == 404


def test_lines_and_money(order: SalesOrder, alice: User, sign_in: SignIn) -> None:
    page = sign_in(alice).get(order.get_absolute_url()).content.decode()
    for part in ("£2,405.42", "£6.7225", "£968.04", "144", "NR-7", "Harbour Lane Gifts"):
        assert part in page


def test_a_return_is_marked_and_negative(order: SalesOrder, alice: User, sign_in: SignIn) -> None:
    back = OrderFactory(
        customer=order.customer, number="C536365", kind="return", total=Decimal("12.50"), returned_order=order
    )
    OrderLineFactory(order=back, quantity=2, total=Decimal("12.50"))
    client = sign_in(alice)
    for url in (
        "/orders/",
        back.get_absolute_url(),
        order.get_absolute_url(),
        order.customer.get_absolute_url(),
    ):
        page = client.get(url).content.decode()
        assert "-£12.50" in page
        assert "C536365" in page
    assert "Return" in client.get(back.get_absolute_url()).content.decode()


def test_a_cancelled_order_is_struck_through(order: SalesOrder, alice: User, sign_in: SignIn) -> None:
    SalesOrder.objects.update(status="cancelled", cancelled_at=NOW)
    page = sign_in(alice).get(order.get_absolute_url()).content.decode()
    assert "Cancelled" in page
    assert '<s class="t3">£2,405.42</s>' in page


def test_orders_narrow_and_sort(order: SalesOrder, alice: User, charlie: User, sign_in: SignIn) -> None:
    later = NOW + timedelta(days=1)
    other = CustomerFactory(owner=alice, name="Old Mill", search="old mill")
    OrderFactory(customer=other, number="536400", placed_at=later, placed_on=later.date(), kind="return")
    OrderFactory(customer=CustomerFactory(owner=charlie, search="harbour"), number="600000")
    client = sign_in(alice)

    def numbers(query: str) -> list[str]:
        return [row.number for row in client.get(f"/orders/{query}").context["page"].rows]

    assert numbers("") == ["536400", "536365"]
    assert numbers("?sort=number") == ["536365", "536400"]
    assert numbers("?q=harbour") == ["536365"]
    assert numbers("?q=536400") == ["536400"]
    assert numbers("?q=600000") == []
    assert numbers("?kind=return") == ["536400"]
    assert numbers(f"?placed_from={later.date()}") == ["536400"]
    assert numbers(f"?customer={order.customer_id}") == ["536365"]
    assert client.get("/orders/?placed_from=2026-02-31").status_code == 422


def test_sorts_have_an_index() -> None:
    assert unindexed_sorts(SALES_ORDERS, SalesOrder) == []


def test_rows_and_lines_do_not_add_statements(order: SalesOrder, alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    few = {url: statements(client, url) for url in ("/orders/", order.get_absolute_url())}
    for _ in range(2):
        OrderLineFactory(order=order)
        OrderFactory(customer=CustomerFactory(owner=alice))
    assert {url: statements(client, url) for url in few} == few
    assert few["/orders/"] <= 8
    assert few[order.get_absolute_url()] <= 15


def test_who_has_no_function_for_orders_sees_no_panel(
    order: SalesOrder, admin: User, sign_in: SignIn
) -> None:
    assert "536365" in sign_in(admin).get(order.customer.get_absolute_url()).content.decode()
    role = admin.roles.get()
    role.functions.filter(function__code="order_entry").delete()
    role.group.permissions.remove(*role.group.permissions.filter(codename="view_salesorder"))
    assert "536365" not in sign_in(admin).get(order.customer.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("price", "text"), [("2.5500", "£2.55"), ("0.0013", "£0.0013"), ("1234.5", "£1,234.50"), ("0", "£0.00")]
)
def test_unit_prices_keep_what_they_need(price: str, text: str) -> None:
    assert unit_price(Decimal(price), "GBP") == text
