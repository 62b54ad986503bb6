"""The live checks are tried as processes."""

from ..processes import without_trio

__all__ = ["without_trio"]
