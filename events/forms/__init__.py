"""Forms of CRM management."""
