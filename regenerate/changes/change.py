"""A change as people read it: how much it weighs for a caller, where it is, and what it is."""

import enum
from collections.abc import Iterable

from attrs import field, frozen


class Weight(enum.IntEnum):
    """What a change means for a program that uses the client.

    The heaviest decides about the version.
    """

    OTHER = 0
    ADDITION = 1
    BREAKING = 2


@frozen(order=True)
class Change:
    """One change.

    `where` is an operation, a schema's field or a Python name. `what` says old and new.
    """

    weight: Weight = field(order=lambda weight: -weight)
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def heaviest(changes: Iterable[Change]) -> Weight:
    """Return the weight of the heaviest change; OTHER for none."""
    return max((change.weight for change in changes), default=Weight.OTHER)


def breaking(where: str, what: str) -> Change:
    """Return a change that a program may have to follow."""
    return Change(Weight.BREAKING, where, what)


def addition(where: str, what: str) -> Change:
    """Return a change that a program may use."""
    return Change(Weight.ADDITION, where, what)


def other(where: str, what: str) -> Change:
    """Return a change that no program has to follow."""
    return Change(Weight.OTHER, where, what)
