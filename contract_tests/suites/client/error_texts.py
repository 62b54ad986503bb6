"""Write down what each error of the client says, and what a program can read of it.

Each error is made with all that it can be told, and with what it must be told alone.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from runflow_client import RunflowError

from .test_copies import ERRORS, Maker

_SHOWN: Final = (str, int, float, Decimal, dict, list, type(None))


def lines() -> Iterator[str]:
    """Give the list, line by line."""
    for kind in ERRORS:
        yield f"{kind.__name__}({', '.join(base.__name__ for base in kind.__bases__)})"
        most, least = (list(_told(Maker().build(kind, needed_alone=one))) for one in (False, True))
        yield from most
        if least != most:
            yield from ("  or", *least)


def _told(error: RunflowError) -> Iterator[str]:
    yield f"    {error}"
    yield from (f"    note: {note}" for note in getattr(error, "__notes__", ()))
    for name, value in sorted(vars(error).items()):
        if isinstance(value, _SHOWN) and name[0] != "_":
            yield f"    {name} = {value!r}"
