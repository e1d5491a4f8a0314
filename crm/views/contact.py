"""Pages of contacts and their links to customers."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.forms import Form
from django.shortcuts import get_object_or_404
from django.urls import reverse

from core.permissions import requires
from crm.domain.contact import (
    DETAILS,
    archive_contact,
    change_contact,
    create_contact,
    link_contact,
    make_main_contact,
    move_contact,
    restore_contact,
    unlink_contact,
)
from crm.filters.contact import ContactFilter
from crm.forms.contact import EditContactForm, LinkForm, NewContactForm
from crm.models import Communication, Contact, ContactLink, Customer
from crm.tables.contact import CONTACTS
from crm.tables.timeline import history
from crm.views.versioned import EditPage
from ui.blocks import Tab
from ui.views.action import ActionPage
from ui.views.detail import DetailPage
from ui.views.form import FormPage
from ui.views.list import ListPage

SHOWN_TALKS = 10


def visible_links(user: Any) -> Prefetch:
    """The open links to customers that the user may see, each with its customer."""
    links = ContactLink.objects.filter(ended_on=None, customer__in=Customer.objects.visible_to(user))
    return Prefetch("links", queryset=links.select_related("customer"), to_attr="open_links")


class ContactList(ListPage):
    """The contacts a user may see."""

    policy = requires("crm.view_contact")
    title = "Contacts"
    model = Contact
    table = CONTACTS
    filter_class = ContactFilter
    related = ("owner",)
    nouns = ("contact", "contacts")
    empty_icon = "person-lines-fill"
    empty_text = "People you deal with appear here once they are entered."
    create_label = "New contact"
    template_name = "crm/contact_list.html"

    def rows(self) -> QuerySet[Any]:
        return super().rows().prefetch_related(visible_links(self.request.user))

    @property
    def create_url(self) -> str:  # type: ignore[override]
        """Where to enter a contact, for those who may."""
        return reverse("crm:contact_new") if self.request.user.has_perm("crm.add_contact") else ""

    @property
    def tabs(self) -> list[Tab]:
        """The views everybody has."""
        here = self.request.GET.get("link", "")
        views = (("", "All contacts"), ("unassigned", "Unassigned"))
        return [Tab(label, f"?link={value}" if value else "?", value == here) for value, label in views]


class ContactDetail(DetailPage):
    """One contact: how to reach him, where he works, what was said."""

    policy = requires("crm.view_contact")
    model = Contact
    related = ("owner",)
    template_name = "crm/contact_detail.html"

    def rows(self) -> QuerySet[Any]:
        return super().rows().prefetch_related(visible_links(self.request.user))

    def context(self, **extra: Any) -> dict[str, Any]:
        contact, user = extra["record"], self.request.user
        talks = Communication.objects.visible_to(user).filter(contact=contact)
        return super().context(
            crumb="Contacts",
            crumb_url=reverse("crm:contacts"),
            talks=talks.select_related("customer", "created_by")[:SHOWN_TALKS],
            entries=history(user, contact, today=self.today),
            may_change=Contact.objects.visible_to(user, "change").filter(pk=contact.pk).exists(),
            **extra,
        )


class ContactNew(FormPage):
    """A new contact, for the customer named in the address or unassigned."""

    policy = requires("crm.add_contact")
    title, submit_label, done = "New contact", "Create contact", "Contact created"
    model, form_class = Contact, NewContactForm
    template_name = "crm/form_with_customer.html"

    def make_form(self, data: Any = None, files: Any = None) -> Form:
        number = self.request.GET.get("customer", "")
        return NewContactForm(data, user=self.request.user, initial={"customer": number})

    def save(self, form: Any) -> Contact:
        return create_contact(**form.cleaned_data, by=self.request.user, now=self.now)

    def context(self, **extra: Any) -> dict[str, Any]:
        here = reverse("crm:contacts")
        return {**super().context(crumb="Contacts", crumb_url=here, **extra), "cancel_url": here}


class ContactEdit(EditPage):
    """Changes a contact's details."""

    policy = requires("crm.change_contact")
    title, done = "Edit contact", "Contact saved"
    model, form_class = Contact, EditContactForm
    fields = DETAILS

    def change(self, changes: dict[str, Any], version: int) -> Contact:
        contact = self.record
        return change_contact(contact, changes=changes, expected=version, by=self.request.user, now=self.now)

    def context(self, **extra: Any) -> dict[str, Any]:
        return super().context(crumb=str(self.record), crumb_url=self.record.get_absolute_url(), **extra)


class ContactAct(ActionPage):
    """Base of what is done with one contact."""

    policy = requires("crm.change_contact")
    model = Contact


class ContactLinkNew(ContactAct):
    """Links a contact to a further customer."""

    title, submit_label, done = "Add to a customer", "Add to customer", "Contact added to the customer"
    form_class = LinkForm
    template_name = "crm/action_with_customer.html"

    def make_form(self, record: Contact, data: Any = None) -> Form:
        return LinkForm(data, user=self.request.user)

    def act(self, record: Contact, form: Any) -> Contact:
        link_contact(record, **form.cleaned_data, by=self.request.user, now=self.now)
        return record


class ContactMove(ContactLinkNew):
    """Moves an unassigned contact to a customer."""

    title, submit_label, done = "Move to a customer", "Move to customer", "Contact moved to the customer"

    def act(self, record: Contact, form: Any) -> Contact:
        move_contact(record, **form.cleaned_data, by=self.request.user, now=self.now)
        return record


class ContactOfCustomer(ContactAct):
    """Base of what is done with a contact's link to the customer ``customer_pk`` of the address."""

    def customer(self) -> Customer:
        """The customer, when the user may change it."""
        rows = Customer.objects.visible_to(self.request.user, "change")
        return get_object_or_404(rows, pk=self.kwargs["customer_pk"])

    def get(self, request: Any, pk: int, customer_pk: int) -> Any:
        self.customer()
        return super().get(request, pk)

    def post(self, request: Any, pk: int, customer_pk: int) -> Any:
        return super().post(request, pk)


class ContactUnlink(ContactOfCustomer):
    """Says that a contact left a customer."""

    title, submit_label, done = "Left the customer", "End the link", "Link ended"

    def act(self, record: Contact, form: Any) -> Contact:
        unlink_contact(record, customer=self.customer(), by=self.request.user, now=self.now)
        return record


class ContactMain(ContactOfCustomer):
    """Names a customer's main contact."""

    title, submit_label, done = "Make main contact", "Make main contact", "Main contact changed"

    def act(self, record: Contact, form: Any) -> Contact:
        make_main_contact(record, customer=self.customer(), by=self.request.user, now=self.now)
        return record


class ContactArchive(ContactAct):
    """Takes a contact out of lists."""

    title, submit_label, done = "Archive contact", "Archive contact", "Contact archived"
    danger = True

    def act(self, record: Contact, form: Any) -> Contact:
        archive_contact(record, by=self.request.user, now=self.now)
        return record

    def undo_url(self, record: Contact) -> str:
        return reverse("crm:contact_restore", args=[record.pk])


class ContactRestore(ContactAct):
    """Takes a contact out of the archive."""

    title, submit_label, done = "Restore contact", "Restore contact", "Contact restored"

    def act(self, record: Contact, form: Any) -> Contact:
        restore_contact(record, by=self.request.user, now=self.now)
        return record
