"""The rules for records; they need the standard library alone."""
