"""The API key and the user agent."""

import os
import re
import sys
from typing import Final

from ._errors import InvalidArgument

API_KEY_VARIABLE: Final = "RUNFLOW_API_KEY"


_KEY: Final = re.compile(r"[\x21-\x7e]+")


def find_api_key(api_key: str | None) -> str:
    """The argument, else RUNFLOW_API_KEY. Raises InvalidArgument, without showing it, for none or
    one no header can carry.
    """
    key = api_key if api_key is not None else os.environ.get(API_KEY_VARIABLE, "")
    if not key:
        raise InvalidArgument(
            f"no API key: pass api_key=... or set {API_KEY_VARIABLE}. Keys are made at "
            "https://app.runflow.io."
        )
    if _KEY.fullmatch(key) is None:
        raise InvalidArgument(
            "the API key holds white space, a line break or a non-ASCII character: copy it again"
        )
    return key


def user_agent() -> str:
    """How this client names itself to the server: its version and Python's."""
    # slow to load, and needed here alone
    from importlib.metadata import PackageNotFoundError, version

    try:
        own = version("runflow-client")
    except PackageNotFoundError:
        own = "unknown"
    return f"runflow-client/{own} python/{sys.version.split()[0]}"
