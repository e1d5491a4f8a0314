"""Pages of customers: list, new, edit, archive."""

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from core.permissions import policy, requires
from core.text import clean_text
from crm.domain.customer import archive_customer, change_customer, create_customer, restore_customer
from crm.filters.action import OVERDUE, status_condition
from crm.filters.customer import CustomerFilter
from crm.forms.customer import EditCustomerForm, NewCustomerForm
from crm.models import Action, Customer
from crm.tables.customer import CUSTOMERS
from crm.views.versioned import EditPage
from ui.blocks import Tab
from ui.views.action import ActionPage
from ui.views.form import FormPage
from ui.views.list import ListPage

OFFERED_CUSTOMERS = 10


def _count(rows: QuerySet[Action]) -> Subquery:
    return Subquery(rows.values("customer").annotate(count=Count("pk")).values("count"))


class CustomerList(ListPage):
    """The customers a user may see."""

    policy = requires("crm.view_customer")
    title = "Customers"
    model = Customer
    table = CUSTOMERS
    filter_class = CustomerFilter
    related = ("owner", "facts")
    nouns = ("customer", "customers")
    empty_icon = "buildings"
    empty_text = "Customers appear here once they are entered or imported."
    create_label = "New customer"
    template_name = "crm/customer_list.html"

    def rows(self) -> QuerySet[Any]:
        """With the numbers of open and late follow-ups, for those who may know them."""
        rows = super().rows()
        if not self.request.user.has_perm("crm.view_action"):
            return rows
        live = Action.objects.live().filter(customer=OuterRef("pk")).order_by()
        late = live.filter(status_condition(OVERDUE, self.today))
        return rows.annotate(open_actions=_count(live), late_actions=_count(late))

    @property
    def create_url(self) -> str:  # type: ignore[override]
        """Where to enter a customer, for those who may."""
        return reverse("crm:customer_new") if self.request.user.has_perm("crm.add_customer") else ""

    @property
    def tabs(self) -> list[Tab]:
        """The views everybody has."""
        views = (("", "All customers"), ("mine", "My customers"), ("none", "No owner"))
        here = self.request.GET.get("whose", "")
        return [Tab(label, f"?whose={value}" if value else "?", value == here) for value, label in views]


class CustomerNew(FormPage):
    """A new customer."""

    policy = requires("crm.add_customer")
    title, submit_label, done = "New customer", "Create customer", "Customer created"
    model, form_class = Customer, NewCustomerForm

    def make_form(self, data: Any = None, files: Any = None) -> Any:
        return NewCustomerForm(data, user=self.request.user, initial={"owner": self.request.user.pk})

    def save(self, form: Any) -> Customer:
        return create_customer(**form.cleaned_data, by=self.request.user, now=self.now)

    def context(self, **extra: Any) -> dict[str, Any]:
        here = reverse("crm:customers")
        return {**super().context(crumb="Customers", crumb_url=here, **extra), "cancel_url": here}


class CustomerEdit(EditPage):
    """Changes a customer's details and, for those who may, who is responsible."""

    policy = requires("crm.change_customer")
    title, done = "Edit customer", "Customer saved"
    model, form_class = Customer, EditCustomerForm

    def make_form(self, data: Any = None, files: Any = None) -> Any:
        form = EditCustomerForm(data, user=self.request.user, initial={"currency": self.record.currency})
        self.fields = tuple(name for name in form.fields if name != "version")
        form.initial = self.initial()
        return form

    def change(self, changes: dict[str, Any], version: int) -> Customer:
        customer = self.record
        return change_customer(
            customer, changes=changes, expected=version, by=self.request.user, now=self.now
        )

    def context(self, **extra: Any) -> dict[str, Any]:
        return super().context(crumb=self.record.name, crumb_url=self.record.get_absolute_url(), **extra)


class CustomerArchive(ActionPage):
    """Takes a customer out of lists and events."""

    policy = requires("crm.archive_customer")
    title, submit_label, done = "Archive customer", "Archive customer", "Customer archived"
    model = Customer
    danger = True

    def act(self, record: Customer, form: Any) -> Customer:
        archive_customer(record, by=self.request.user, now=self.now)
        return record

    def undo_url(self, record: Customer) -> str:
        return reverse("crm:customer_restore", args=[record.pk])


class CustomerRestore(ActionPage):
    """Takes a customer out of the archive."""

    policy = requires("crm.archive_customer")
    title, submit_label, done = "Restore customer", "Restore customer", "Customer restored"
    model = Customer

    def act(self, record: Customer, form: Any) -> Customer:
        restore_customer(record, by=self.request.user, now=self.now)
        return record


@policy(requires("crm.view_customer"))
def customer_options(request: HttpRequest) -> HttpResponse:
    """Customers that match what somebody types into a customer field, as options of its list."""
    text = clean_text(request.GET.get("customer", ""))[:150]
    rows = Customer.objects.visible_to(request.user).current().search(text).order_by("sort_name", "pk")
    return render(request, "crm/customer_options.html", {"customers": rows[:OFFERED_CUSTOMERS]})
