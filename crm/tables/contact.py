"""Contacts as rows."""

from ui.tables import Column, Table

CONTACTS = Table(
    caption="Contacts",
    order="name",
    columns=(
        Column("name", "Contact", cell="crm/cells/contact.html", sort="last_name", card="a", css="two"),
        Column("phone", "Telephone", cell="crm/cells/phone.html", card="b"),
        Column("customers", "Customer", cell="crm/cells/contact_customers.html", card="c"),
        Column("email", "E-mail", cell="crm/cells/email.html"),
        Column("owner", "Owner", cell="crm/cells/owner.html", card="d"),
    ),
)
