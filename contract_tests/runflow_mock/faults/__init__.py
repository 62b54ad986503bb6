"""Faults on demand: which request or callback gets which, and what each does."""
