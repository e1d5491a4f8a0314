"""Columns of lists of orders."""
