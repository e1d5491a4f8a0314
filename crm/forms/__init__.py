"""Forms of crm's pages."""
