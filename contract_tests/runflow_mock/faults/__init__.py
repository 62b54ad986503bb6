"""Faults on demand: which requests and callbacks they change, and how."""
