"""Schemathesis, run as a process of its own with our data and our checks."""
