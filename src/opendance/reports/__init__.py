"""Usage and the audit log in forms that people and programs read."""
