"""What the contact list can be narrowed by."""

from typing import Any

from django.db.models import QuerySet

from crm.models import Contact, Customer
from ui.filters import ChoiceFilter, IdFilter, ListFilter, SearchFilter


class ContactFilter(ListFilter):
    """Filters of the contact list; archived contacts show only when asked for."""

    q = SearchFilter("Name, e-mail or telephone")
    link = ChoiceFilter(
        label="Customer",
        choices=(("unassigned", "Unassigned"), ("assigned", "With a customer")),
        method="by_link",
        empty_label="All",
    )
    customer = IdFilter(label="Customer", method="by_customer")
    archived = ChoiceFilter(
        label="Archive", choices=(("yes", "Archived only"),), method="by_archive", empty_label="Current"
    )

    class Meta:
        model = Contact
        fields: list[str] = []

    def by_link(self, rows: Any, name: str, value: str) -> Any:
        """With or without an open link to a customer."""
        if value == "unassigned":
            return rows.unassigned()
        return rows.filter(links__ended_on=None, links__isnull=False).distinct()

    def by_customer(self, rows: QuerySet[Contact], name: str, value: int) -> QuerySet[Contact]:
        """The contacts of one customer; none for one outside the user's records, or rows would tell of it."""
        customers = Customer.objects.visible_to(self.request.user).filter(pk=value)
        return rows.filter(links__customer__in=customers, links__ended_on=None)

    def by_archive(self, rows: QuerySet[Contact], name: str, value: str) -> QuerySet[Contact]:
        """Handled with its absence in :meth:`filter_queryset`."""
        return rows

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        return rows.filter(archived_at__isnull=not self.form.cleaned_data.get("archived"))
