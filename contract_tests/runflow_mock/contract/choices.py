"""Words that are chosen from a list: what a wrong one may have meant."""

from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from typing import Any


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` for the option that is spelt alike, empty if none is."""
    close = get_close_matches(word, list(options), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def one_of(what: str, options: Collection[str]) -> Callable[[object, Any, str], None]:
    """Return an attrs validator that raises ValueError for any other word. `what` names it."""

    def check(instance: object, attribute: object, value: str) -> None:
        if value not in options:
            raise ValueError(
                f"there is no {what} {value!r}{did_you_mean(str(value), options)}: "
                f"expected one of {', '.join(options)}"
            )

    return check
