"""A small site for testing the interface kit by itself: pages over customers, their routes and wiring."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse

from core.errors import Denied, Refused
from core.forms import CleanCharField
from core.permissions import policy, requires, signed_in
from crm.models import Customer
from ui.filters import ChoiceFilter, DayFilter, ListFilter, MultipleChoiceFilter, SearchFilter
from ui.forms import PageForm, Section, TokenForm
from ui.navigation import Item
from ui.panels import Panel
from ui.tables import Column, Table
from ui.views.action import ActionPage
from ui.views.detail import DetailPage
from ui.views.form import FormPage
from ui.views.list import ListPage

handler400 = "ui.views.errors.bad_request"
handler403 = "ui.views.errors.denied"
handler404 = "ui.views.errors.not_found"
handler500 = "ui.views.errors.server_error"


class NameSearch(SearchFilter):
    """Searches the name, whatever the queryset offers."""

    def filter(self, qs: Any, value: str) -> Any:
        return qs.filter(name__icontains=value) if value else qs


class CustomerFilter(ListFilter):
    """Search, tier, status and day of creation."""

    q = NameSearch("Name")
    tier = ChoiceFilter(choices=Customer.Tier.choices, label="Tier")
    status = MultipleChoiceFilter(choices=Customer.Status.choices, label="Status")
    since = DayFilter(field_name="created_at", lookup_expr="date__gte", label="Created from")

    class Meta:
        model = Customer
        fields: list[str] = []


CUSTOMERS = Table(
    caption="Customers",
    order="name",
    columns=(
        Column("name", "Customer", sort="sort_name", card="a", css="two"),
        Column("number", "Number", card="c"),
        Column("owner", "Owner", card="b"),
        Column("created", "Created", value="created_at", sort="created_at", descending_first=True, card="d"),
    ),
    selectable=True,
)


class CustomerList(ListPage):
    policy = requires("crm.view_customer")
    title = "Customers"
    model = Customer
    table = CUSTOMERS
    filter_class = CustomerFilter
    related = ("owner",)
    nouns = ("customer", "customers")
    empty_text = "Customers appear here once they are entered."


class CustomerDetail(DetailPage):
    policy = requires("crm.view_customer")
    model = Customer
    panels = "crm.customer"


class CustomerForm(TokenForm, PageForm):
    name = CleanCharField(max_length=120, help_text="As on the invoice.")
    tier = forms.ChoiceField(choices=Customer.Tier.choices)
    note = CleanCharField(widget=forms.Textarea, required=False)
    sections = (
        Section("Company", ("form_token", "name", "tier")),
        Section("More", ("note",), wide=("note",)),
    )


class CustomerEdit(FormPage):
    policy = requires("crm.change_customer")
    title = "Change customer"
    model = Customer
    form_class = CustomerForm
    done = "Customer saved"

    def save(self, form: forms.Form) -> Customer:
        if form.cleaned_data["name"] == "taken":
            raise Refused("This name is in use.", field="name")
        if form.cleaned_data["name"] == "late":
            raise Refused("The day is closed.")
        if form.cleaned_data["name"] == "forbidden":
            raise Denied("Only the owner may rename a customer.")
        self.record.name = form.cleaned_data["name"]
        self.record.save()
        return self.record


class CustomerHold(ActionPage):
    policy = requires("crm.change_customer")
    title = submit_label = "Put on hold"
    done = "On hold"
    model = Customer
    row_name = "components/chip.html"

    def act(self, record: Customer, form: forms.Form) -> Customer:
        was, record.status = record.status, Customer.Status.ON_HOLD
        if was == Customer.Status.CLOSED:  # refused with the change already on the instance
            raise Refused("A closed customer cannot be put on hold.")
        record.save()
        return record

    def undo_url(self, record: Customer) -> str:
        return reverse("crm:hold", args=[record.pk])

    def context(self, **extra: Any) -> dict[str, Any]:
        return super().context(word=extra["record"].get_status_display(), **extra)


class CustomerStart(CustomerList):
    policy = signed_in()
    title = "My day"


@policy(requires("events.view_status"))
def status(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the matrix")


@policy(signed_in())
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose")


def owner_panel(request: HttpRequest, record: Customer) -> Panel | None:
    """A panel for customers that have an owner; its template is not part of what is tested."""
    return (
        Panel("Ownership", "components/mark.html", more_url="/", more_label="All") if record.owner else None
    )


def overdue(user: Any, now: datetime) -> int:
    """Three for everybody."""
    return 3


WORK = (Item("Work", "My day", "sun", "crm:day", count=overdue, count_word="overdue", bottom=1, key="d"),)
RECORDS = (
    Item(
        "Customers",
        "Customers",
        "buildings",
        "crm:customers",
        policy=requires("crm.view_customer"),
        bottom=1,
        key="c",
        search="Search customers",
    ),
    Item("CRM management", "Status", "grid-3x3", "crm:status", policy=requires("events.view_status")),
)

# --- the wiring of this site
NAVIGATION = ["tests.ui.site.WORK", "tests.ui.site.RECORDS"]
DETAIL_PANELS = {"crm.customer": ["tests.ui.site.owner_panel"]}
FOREIGN_POLICIES = ["config.policies.FOREIGN"]
SET_THEME = ["accounts.domain.user.set_theme"]
SET_LETTER_KEYS = ["accounts.domain.user.set_letter_keys"]
FUNCTION_OF = ["accounts.functions.function_of"]
VERBS = ["accounts.verbs.VERBS", "crm.verbs.VERBS"]

crm_patterns = [
    path("", CustomerStart.as_view(), name="day"),
    path("customers/", CustomerList.as_view(), name="customers"),
    path("customers/<int:pk>/", CustomerDetail.as_view(), name="customer"),
    path("customers/<int:pk>/edit/", CustomerEdit.as_view(), name="edit"),
    path("customers/<int:pk>/hold/", CustomerHold.as_view(), name="hold"),
    path("status/", status, name="status"),
    path("broken/", broken, name="broken"),
]
urlpatterns = [
    path("", include((crm_patterns, "crm"))),
    path("", include("ui.urls")),
    path("accounts/", include("accounts.urls")),
]
