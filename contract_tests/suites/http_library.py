"""The HTTP library of the clients that the suites give to Runflow: httpx, or with
RUNFLOW_HTTP_LIBRARY=httpx2 (`make test-httpx2`) its continuation.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx as httpx
else:
    httpx = import_module(os.environ.get("RUNFLOW_HTTP_LIBRARY", "httpx"))

IS_DEFAULT = httpx.__name__ == "httpx"

__all__ = ("IS_DEFAULT", "httpx")
