"""Filters of CRM management."""
