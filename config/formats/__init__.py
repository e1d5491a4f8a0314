"""How dates and times are written and read where Django does it: in the admin, in forms and filters."""
