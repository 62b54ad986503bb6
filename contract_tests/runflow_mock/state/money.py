"""Amounts of money as text."""

from decimal import Decimal


def decimal_text(amount: Decimal) -> str:
    """Return the amount as the API writes money: digits and a point, never an exponent."""
    return format(amount, "f")
