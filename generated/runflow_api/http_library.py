"""The HTTP library: the only module that names it. Everything else takes `httpx` from here."""

import httpx as httpx

__all__ = ("httpx",)
