"""Contacts as rows."""

from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from crm.models import Contact
from ui.tables import Column, Table
from ui.templatetags.ui import avatar

Page = Mapping[str, Any]  # what the page passes on to cells


def _name_cell(row: Contact, page: Page) -> SafeString:
    name = format_html('<a class="link-strong" href="{}">{}</a>', row.get_absolute_url(), row)
    return format_html("{}<small>{}</small>", name, row.job_title)


def _phone_cell(row: Contact, page: Page) -> SafeString | str:
    number = row.phone or row.mobile
    return format_html('<a class="tn nowrap" href="tel:{}">{}</a>', number, number) if number else ""


def _customers_cell(row: Any, page: Page) -> SafeString:
    """The customers that the user may see, which the list has fetched as ``open_links``."""
    if not row.open_links:
        return mark_safe('<span class="t3">Unassigned</span>')
    customers = (link.customer for link in row.open_links)
    return format_html_join(", ", '<a href="{}">{}</a>', ((c.get_absolute_url(), c) for c in customers))


def _email_cell(row: Contact, page: Page) -> SafeString | str:
    return format_html('<a href="mailto:{}">{}</a>', row.email, row.email) if row.email else ""


CONTACTS = Table(
    caption="Contacts",
    order="name",
    columns=(
        Column("name", "Contact", cell=_name_cell, sort="sort_name", card="a", css="two"),
        Column("phone", "Telephone", cell=_phone_cell, card="b"),
        Column("customers", "Customer", cell=_customers_cell, card="c"),
        Column("email", "E-mail", cell=_email_cell),
        Column("owner", "Owner", cell=lambda row, page: avatar(row.owner), card="d"),
    ),
)
