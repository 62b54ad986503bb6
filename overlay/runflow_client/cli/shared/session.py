"""A client of the key that was found."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ... import Runflow


def connect() -> "Runflow":
    """Return a client. Raises InvalidArgument where no key is found."""
    from ... import Runflow  # it loads the HTTP library, which help and completion do without

    return Runflow()


def connect_briefly() -> "Runflow":
    """Return a client that asks once and waits two seconds at most: the prompt waits for it."""
    from ... import RetryPolicy, Runflow

    return Runflow(timeout=2.0, retries=RetryPolicy(attempts=1))
