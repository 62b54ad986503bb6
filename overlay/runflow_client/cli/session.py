"""A client of the key that was found."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .. import Runflow


def connect() -> "Runflow":
    """Return a client. Raises InvalidArgument where no key is found."""
    from .. import Runflow  # it loads the HTTP library, which help and completion do without

    return Runflow()
