"""For your own tests: signed callbacks as Runflow sends them."""

from .callbacks._signature import sign

__all__ = ["sign"]
