"""A server on this machine that lives as long as one command."""

import sys
from http.server import ThreadingHTTPServer
from typing import Any


class LocalServer(ThreadingHTTPServer):
    """Answers each connection in a thread of its own: browsers open some that they do not use."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that was lost; show the traceback of a defect."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)
