"""Tables of customers and the work on them."""

from crm.models.action import Action
from crm.models.communication import Communication
from crm.models.contact import Contact, ContactLink
from crm.models.customer import Customer
from crm.models.customer_facts import CustomerFacts, FactsDay
from crm.models.customer_share import CustomerGroupShare, CustomerUserShare

__all__ = [
    "Action",
    "Communication",
    "Contact",
    "ContactLink",
    "Customer",
    "CustomerFacts",
    "CustomerGroupShare",
    "CustomerUserShare",
    "FactsDay",
]
