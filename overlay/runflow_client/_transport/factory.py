"""Make the parts of a client from its arguments."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import frozen
from runflow_api.http_library import httpx

from .._config import find_api_key, user_agent
from .._flows.retry import RetryPolicy
from .._http import AUTHORIZATION, ORGANIZATION
from .._redaction import protect_library_logs
from .._time import AsyncClock, AsyncSystemClock, Clock, SystemClock
from .._urls import find_base_url, read_hosts, skips_waits
from .._validation import check_seconds, read_id
from .api import ApiRequests
from .decoding import ACCEPTED_ENCODINGS
from .driver import AsyncDriver, Driver
from .environment import make_http_client
from .http_client import H, HttpClientHolder, check_http_client, expect_few_cookies
from .httpx2_client import as_async_httpx, as_httpx
from .network import keep_deadlines

if TYPE_CHECKING:
    from .httpx2_client import AsyncHttpClient, HttpClient


@frozen(eq=False, repr=False)
class ClientConfig:
    """What both clients are made of."""

    origin: ApiRequests
    timeout: httpx.Timeout
    retries: RetryPolicy
    seconds: float
    """The `timeout` that was asked for."""
    insecure_hosts: Collection[str] = ()

    def connect(self, kind: type[H]) -> H:
        """Make an HTTP client that keeps deadlines. Raises InvalidArgument for an environment that
        cannot be used.
        """
        http = make_http_client(
            kind,
            base_url=self.origin.base_url,
            timeout=self.timeout,
            insecure_hosts=self.insecure_hosts,
        )
        expect_few_cookies(http)
        keep_deadlines(http)
        return http

    @classmethod
    def read(
        cls,
        api_key: str | None,
        base_url: str | None,
        organization_id: str | UUID | None,
        timeout: float,
        retries: RetryPolicy | None,
        insecure_hosts: Collection[str],
    ) -> ClientConfig:
        """Return the settings of these arguments and of the environment. Raises InvalidArgument for
        what cannot be right.
        """
        check_seconds("timeout", timeout, is_required=True)
        hosts = read_hosts(insecure_hosts)
        headers = {AUTHORIZATION: f"Bearer {find_api_key(api_key).value}"}
        if organization_id is not None:
            headers[ORGANIZATION] = str(read_id("organization_id", organization_id))
        return cls._of(base_url, timeout, retries, hosts, headers)

    @classmethod
    def without_key(
        cls, base_url: str | None, timeout: float, retries: RetryPolicy | None
    ) -> ClientConfig:
        """Return the settings of a client that sends no key. Raises as `read` does."""
        check_seconds("timeout", timeout, is_required=True)
        return cls._of(base_url, timeout, retries, frozenset(), {})

    @classmethod
    def _of(
        cls,
        base_url: str | None,
        timeout: float,
        retries: RetryPolicy | None,
        hosts: frozenset[str],
        headers: Mapping[str, str],
    ) -> ClientConfig:
        shared = {"User-Agent": user_agent(), "Accept-Encoding": ACCEPTED_ENCODINGS}
        return cls(
            ApiRequests(find_base_url(base_url, hosts), {**headers, **shared}),
            httpx.Timeout(timeout, connect=min(timeout, 10.0)),
            retries or RetryPolicy(),
            timeout,
            hosts,
        )


def make_driver(
    config: ClientConfig, http_client: HttpClient | None, clock: Clock | None
) -> Driver:
    """Make the driver of a synchronous client, on the caller's HTTP client or one of our own."""
    protect_library_logs()
    make = partial(config.connect, httpx.Client)
    if http_client is not None:
        check_http_client(http_client, httpx.Client)
        keep_deadlines(http_client)
        http = HttpClientHolder(as_httpx(http_client))
    else:
        http = HttpClientHolder(make(), make)
    if clock is None and skips_waits(config.origin.base_url):
        from .skipping_clock import SkippingClock

        clock = SkippingClock(config.origin.base_url)
    return Driver(http, clock or SystemClock(), config.origin, config.retries, config.seconds)


def make_async_driver(
    config: ClientConfig, http_client: AsyncHttpClient | None, clock: AsyncClock | None
) -> AsyncDriver:
    """Make the driver of an asynchronous client, on the caller's HTTP client or one of our own."""
    protect_library_logs()
    make = partial(config.connect, httpx.AsyncClient)
    if http_client is not None:
        check_http_client(http_client, httpx.AsyncClient)
        keep_deadlines(http_client)
        http = HttpClientHolder(as_async_httpx(http_client))
    else:
        http = HttpClientHolder(make(), make)
    if clock is None and skips_waits(config.origin.base_url):
        from .skipping_clock import AsyncSkippingClock

        clock = AsyncSkippingClock(config.origin.base_url)
    return AsyncDriver(
        http,
        clock or AsyncSystemClock(),
        config.origin,
        config.retries,
        config.seconds,
        None if http_client is not None else lambda: make_driver(config, None, None),
    )
