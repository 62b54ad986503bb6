"""A client library for accessing Runflow API"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client
else:
    from .lazy import exports

    __getattr__, __dir__ = exports(__name__, {"AuthenticatedClient": ".client", "Client": ".client"})

__all__ = ("AuthenticatedClient", "Client")
