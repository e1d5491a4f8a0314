"""What lists of orders can be narrowed by."""
