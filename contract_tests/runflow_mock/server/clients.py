"""Clients of a mock server: the one module of this package that makes Python clients."""

from typing import Any

from runflow_client import AsyncRunflow, Runflow
from runflow_client.testing import AsyncSkippingClock, SkippingClock


def make_client(
    base_url: str, api_key: str, skips_pauses: bool, options: dict[str, Any]
) -> Runflow:
    """Make a client of this server; `options` win over what is made up here."""
    arguments: dict[str, Any] = {"api_key": api_key, "base_url": base_url}
    if skips_pauses:
        arguments["clock"] = SkippingClock(base_url)
    return Runflow(**{**arguments, **options})


def make_async_client(
    base_url: str, api_key: str, skips_pauses: bool, options: dict[str, Any]
) -> AsyncRunflow:
    """Make a client that is awaited: otherwise as `make_client`."""
    arguments: dict[str, Any] = {"api_key": api_key, "base_url": base_url}
    if skips_pauses:
        arguments["clock"] = AsyncSkippingClock(base_url)
    return AsyncRunflow(**{**arguments, **options})
