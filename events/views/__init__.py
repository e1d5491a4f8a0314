"""Pages of CRM management."""
