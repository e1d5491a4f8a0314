"""Columns and rows of crm's lists."""
