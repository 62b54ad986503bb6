"""Whole tables of what small functions of the client make of each kind of value."""
