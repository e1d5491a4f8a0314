"""Forms of contacts and their links to customers."""

from typing import Any

from django import forms

from accounts.models import User
from core.forms import CleanCharField
from crm.forms.fields import CustomerField
from crm.models import ContactLink, Customer
from ui.forms import PageForm, TokenForm


class ContactForm(PageForm):
    """A contact's details."""

    first_name = CleanCharField(max_length=60, required=False)
    last_name = CleanCharField(max_length=60)
    job_title = CleanCharField(max_length=80, required=False)
    email = forms.EmailField(label="E-mail", max_length=254, required=False)
    phone = CleanCharField(label="Telephone", max_length=40, required=False)
    mobile = CleanCharField(max_length=40, required=False)
    do_not_contact = forms.BooleanField(label="Do not contact", required=False)


class LinkForm(PageForm):
    """Which customer a contact works for, and as what."""

    customer = CustomerField()
    role = forms.ChoiceField(
        label="Role there", choices=ContactLink.Role.choices, initial=ContactLink.Role.OTHER
    )
    is_main = forms.BooleanField(label="Main contact", required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].customers = (  # type: ignore[attr-defined]
            Customer.objects.visible_to(user, "change").current()
        )


class NewContactForm(TokenForm, LinkForm, ContactForm):
    """A new contact; without a customer he is unassigned."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        customer = self.fields["customer"]
        customer.required = False
        customer.help_text = "Number or name. Without a customer the contact is unassigned."


class EditContactForm(ContactForm):
    """An edit, which names the version it was made from."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
