"""Tables of CRM management."""
