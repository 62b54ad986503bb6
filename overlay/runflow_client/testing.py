"""For your own tests: signed callbacks as Runflow sends them, and clocks that skip waiting."""

from ._transport.skipping_clock import AsyncSkippingClock, SkippingClock
from .callbacks._signature import sign

__all__ = ["AsyncSkippingClock", "SkippingClock", "sign"]
