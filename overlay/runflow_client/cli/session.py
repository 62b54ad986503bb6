"""A client of the key that was found."""

from typing import TYPE_CHECKING

from .credentials import find_key

if TYPE_CHECKING:
    from .. import Runflow


def connect() -> "Runflow":
    """Return a client with the key of RUNFLOW_API_KEY, else of the credentials file.

    Raises InvalidArgument where there is no key, and Refused for a file that cannot be trusted.
    """
    from .. import Runflow  # it loads the HTTP library, which help and completion do without

    return Runflow(find_key().api_key)
