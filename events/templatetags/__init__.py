"""Template tags of CRM management."""
