"""Waits and deadlines: many together, with progress, and what is left after trouble."""
