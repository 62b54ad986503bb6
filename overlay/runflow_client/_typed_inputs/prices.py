"""What the catalog says about a model's price besides the number: when it holds, and what costs
more.
"""

from decimal import Decimal
from typing import Literal, TypeAlias

from attrs import frozen

PriceUnit: TypeAlias = Literal["image", "second", "megapixel", "request", "token"]


@frozen
class PriceCondition:
    """The price holds where `field` has one of `values`. `cheaper` are values known to cost less;
    others cost more.
    """

    field: str
    values: tuple[object, ...]
    cheaper: tuple[object, ...] = ()


@frozen
class Surcharge:
    """Where `field` has one of `values`, each unit costs `amount` US dollars more."""

    field: str
    values: tuple[object, ...]
    amount: Decimal


@frozen
class PriceTerms:
    """When the price of a model holds. `proviso` is a condition, in words, that no input shows."""

    conditions: tuple[PriceCondition, ...] = ()
    surcharges: tuple[Surcharge, ...] = ()
    proviso: str | None = None
