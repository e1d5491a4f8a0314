"""What lists of crm can be narrowed by."""
