"""What the customer list can be narrowed by."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from crm.models import Customer
from crm.models.customer import CustomerQuerySet
from ui.context import Shell
from ui.filters import ChoiceFilter, ListFilter, ModelChoiceFilter, MultipleChoiceFilter, SearchFilter

WHOSE = (("mine", "My customers"), ("none", "No owner"))


class CustomerFilter(ListFilter):
    """Filters of the customer list; archived customers show only when asked for."""

    q = SearchFilter("Name, number or city")
    whose = ChoiceFilter(label="Whose", choices=WHOSE, method="by_whose", empty_label="All")
    status = MultipleChoiceFilter(label="Status", choices=Customer.Status.choices)
    kind = MultipleChoiceFilter(label="Trade", choices=Customer.Kind.choices)
    tier = MultipleChoiceFilter(label="Tier", choices=Customer.Tier.choices)
    owner = ModelChoiceFilter(
        label="Owner", queryset=User.objects.filter(is_active=True).only("name"), empty_label="Anybody"
    )
    rhythm = ChoiceFilter(
        label="Rhythm", choices=(("off", "Off their rhythm"),), method="by_rhythm", empty_label="Any"
    )
    archived = ChoiceFilter(
        label="Archive", choices=(("yes", "Archived only"),), method="by_archive", empty_label="Current"
    )

    class Meta:
        model = Customer
        fields: list[str] = []

    def by_whose(self, rows: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        """One's own, or those that nobody owns."""
        return rows.filter(owner=self.request.user if value == "mine" else None)

    def by_rhythm(self, rows: CustomerQuerySet, name: str, value: str) -> CustomerQuerySet:
        """Those who are late by the rhythm of their orders."""
        return rows.off_rhythm(Shell.of(self.request).today)

    def by_archive(self, rows: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        """Handled with its absence in :meth:`filter_queryset`."""
        return rows

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        return rows.filter(archived_at__isnull=not self.form.cleaned_data.get("archived"))
