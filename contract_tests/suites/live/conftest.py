"""The checks of a live API are processes."""

from ..processes import without_trio

__all__ = ["without_trio"]
