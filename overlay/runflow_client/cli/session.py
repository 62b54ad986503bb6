"""A client of the key that was found."""

from .. import Runflow
from .credentials import find_key


def connect() -> Runflow:
    """A client with the key of RUNFLOW_API_KEY, else of the file that `runflow login` writes.

    Raises InvalidArgument where there is no key, and Refused for a file that cannot be trusted.
    """
    return Runflow(find_key().api_key)
