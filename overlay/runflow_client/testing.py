"""For your own tests: signed callbacks as Runflow sends them."""

from .callbacks.signatures import sign

__all__ = ["sign"]
