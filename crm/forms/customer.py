"""Forms of a customer's record."""

from typing import Any

from django import forms

from accounts.models import Team, Territory, User
from core.forms import CleanCharField
from crm.models import Customer
from ui.forms import PageForm, Section, TokenForm

COMPANY = Section("Company", ("name", "kind", "status", "tier"), wide=("name",))
REACH = Section("How to reach them", ("phone", "email", "website", "do_not_contact"))
ADDRESS = Section("Address", ("street", "postcode", "city", "country"), wide=("street",))
TERMS = Section("Terms", ("currency", "is_test"))
OWNERSHIP = Section("Responsible", ("owner", "team", "territory"))
CURRENCIES = (("GBP", "GBP, pound"), ("EUR", "EUR, euro"), ("USD", "USD, dollar"))


class CustomerForm(PageForm):
    """A customer's details; who is responsible is shown to those who may assign owners."""

    name = CleanCharField(label="Company name", max_length=120)
    kind = forms.ChoiceField(label="Trade", choices=Customer.Kind.choices, initial=Customer.Kind.OTHER)
    status = forms.ChoiceField(choices=Customer.Status.choices, initial=Customer.Status.PROSPECT)
    tier = forms.ChoiceField(
        choices=Customer.Tier.choices,
        initial=Customer.Tier.C,
        help_text="How much attention the customer gets.",
    )
    phone = CleanCharField(label="Telephone", max_length=40, required=False)
    email = forms.EmailField(label="E-mail", max_length=254, required=False)
    website = forms.URLField(max_length=200, required=False, assume_scheme="https")
    do_not_contact = forms.BooleanField(label="Do not contact", required=False)
    street = CleanCharField(max_length=120, required=False)
    postcode = CleanCharField(max_length=20, required=False)
    city = CleanCharField(max_length=80, required=False)
    country = CleanCharField(max_length=60, required=False)
    currency = forms.ChoiceField(choices=CURRENCIES, initial="GBP")
    is_test = forms.BooleanField(
        label="Test record", required=False, help_text="CRM events and figures leave it out."
    )
    owner = forms.ModelChoiceField(
        User.objects.none(), label="Account owner", required=False, empty_label="None"
    )
    team = forms.ModelChoiceField(Team.objects.all(), required=False, empty_label="None")
    territory = forms.ModelChoiceField(Territory.objects.all(), required=False, empty_label="None")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = self._own_currency()
        if own:
            self.fields["currency"].choices = [*CURRENCIES, (own, own)]  # type: ignore[attr-defined]
        if user.has_perm("crm.assign_owner"):
            active = User.objects.filter(is_active=True, suspended_at=None)
            self.fields["owner"].queryset = active  # type: ignore[attr-defined]
            self.sections = (COMPANY, REACH, ADDRESS, TERMS, OWNERSHIP)
        else:
            for name in OWNERSHIP.fields:
                del self.fields[name]
            self.sections = (COMPANY, REACH, ADDRESS, TERMS)

    def _own_currency(self) -> str:
        """A currency beyond the offered ones that an imported customer may have."""
        own = str(self.initial.get("currency", ""))
        return own if own and own not in dict(CURRENCIES) else ""


class NewCustomerForm(TokenForm, CustomerForm):
    """A new customer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, *others = self.sections
        self.sections = (Section(first.title, ("form_token", *first.fields), first.wide), *others)


class EditCustomerForm(CustomerForm):
    """An edit, which names the version it was made from."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, *others = self.sections
        self.sections = (Section(first.title, ("version", *first.fields), first.wide), *others)
