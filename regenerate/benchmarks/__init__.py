"""Measurements. They are run by hand; no test depends on them."""
