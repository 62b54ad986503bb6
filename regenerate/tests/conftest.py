"""Fixtures that several test modules share."""

from regenerate.tests.traps import server, traps

__all__ = ("server", "traps")
