"""Amounts of money as text, and balances as callers give them."""

from decimal import Decimal, InvalidOperation
from typing import Any


def decimal_text(amount: Decimal) -> str:
    """Return the amount as the API writes money: digits and a point, never an exponent."""
    return format(amount, "f")


def finite(instance: object, attribute: Any, amount: Decimal) -> None:
    """Raise ValueError, as a validator of attrs, for an amount that is no finite number."""
    if not amount.is_finite():
        raise ValueError(f"{attribute.name} is {amount}: expected US dollars, such as '12.50'")


def read_balance(amount: Decimal | float | str) -> Decimal:
    """Return the balance in US dollars. Raise ValueError for what is no finite number."""
    try:
        dollars = Decimal(str(amount))
    except InvalidOperation:
        dollars = Decimal("NaN")
    if not dollars.is_finite():
        raise ValueError(f"balance is {amount!r}: expected US dollars, such as '12.50'")
    return dollars
