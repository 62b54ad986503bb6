"""Make the parts of a client from its arguments."""

import os
import weakref
from collections.abc import Callable, Collection
from uuid import UUID

from attrs import frozen
from runflow_api.http_library import httpx

from .._config import find_api_key, user_agent
from .._flows.retry import RetryPolicy
from .._http import AUTHORIZATION, ORGANIZATION
from .._redaction import protect_library_logs
from .._time import AsyncClock, AsyncSystemClock, Clock, SystemClock
from .._urls import find_base_url
from .._validation import check_seconds, read_id
from .api import ApiRequests
from .driver import AsyncDriver, Driver
from .http_client import HttpClient, make_http_client


@frozen
class ClientConfig:
    """What both clients are made of."""

    origin: ApiRequests
    timeout: httpx.Timeout
    retries: RetryPolicy
    insecure_hosts: Collection[str] = ()

    def connect(self, kind: type[HttpClient]) -> HttpClient:
        """Make an HTTP client. Raises InvalidArgument for an environment that cannot be used."""
        return make_http_client(
            kind,
            base_url=self.origin.base_url,
            timeout=self.timeout,
            insecure_hosts=self.insecure_hosts,
        )

    @classmethod
    def read(
        cls,
        api_key: str | None,
        base_url: str | None,
        organization_id: str | UUID | None,
        timeout: float,
        retries: RetryPolicy | None,
        insecure_hosts: Collection[str],
    ) -> "ClientConfig":
        """The settings of these arguments and of the environment. Raises InvalidArgument for what
        cannot be right.
        """
        check_seconds("timeout", timeout)
        headers = {AUTHORIZATION: f"Bearer {find_api_key(api_key)}", "User-Agent": user_agent()}
        if organization_id is not None:
            headers[ORGANIZATION] = str(read_id("organization id", organization_id))
        return cls(
            ApiRequests(find_base_url(base_url, insecure_hosts), headers),
            httpx.Timeout(timeout, connect=min(timeout, 10.0)),
            retries or RetryPolicy(),
            insecure_hosts,
        )


def make_driver(
    settings: ClientConfig, http_client: httpx.Client | None, clock: Clock | None
) -> Driver:
    """The engine of a synchronous client, on the caller's HTTP client or one of our own, which a
    forked child gets anew.
    """
    protect_library_logs()
    http = http_client or settings.connect(httpx.Client)
    driver = Driver(http, clock or SystemClock(), settings.origin, settings.retries)
    if http_client is None and hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=reconnect_after_fork(weakref.ref(driver), settings))
    return driver


def make_async_driver(
    settings: ClientConfig, http_client: httpx.AsyncClient | None, clock: AsyncClock | None
) -> AsyncDriver:
    """The engine of an asynchronous client, on the caller's HTTP client or one of our own."""
    protect_library_logs()
    http = http_client or settings.connect(httpx.AsyncClient)
    return AsyncDriver(http, clock or AsyncSystemClock(), settings.origin, settings.retries)


def reconnect_after_fork(driver: weakref.ref[Driver], settings: ClientConfig) -> Callable[[], None]:
    """Gives a forked child connections of its own: two processes on one connection would read each
    other's answers.
    """

    def renew() -> None:
        living = driver()
        if living is not None:
            living.http = settings.connect(httpx.Client)

    return renew
