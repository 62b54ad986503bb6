"""Send callbacks, one POST per attempt.

They go to loopback or to hosts that are allowed by name only, and no redirect is followed. No
cookie of an answer is kept: all receivers on this machine have one host.
"""

import asyncio
from collections.abc import Callable, Collection
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_address
from typing import TypeAlias
from urllib.parse import urlsplit

import httpx
from attrs import frozen

MAX_KEPT_BODY = 2_000


@frozen
class AttemptResult:
    """The result of one attempt: status and beginning of the answer, or an error message."""

    status_code: int | None = None
    response_body: str | None = None
    error_message: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the receiver acknowledged (2xx)."""
        return self.status_code is not None and 200 <= self.status_code < 300

    @property
    def should_retry(self) -> bool:
        """Whether the documented rule retries: after 5xx and network errors only."""
        return self.status_code is None or self.status_code >= 500


Done: TypeAlias = Callable[[AttemptResult], None]


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def no_cookies() -> CookieJar:
    """Return what keeps no cookie, for a client that remembers nothing of an answer."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=()))


class Sender:
    """Sends in the background of the server's event loop."""

    def __init__(self, allowed_hosts: Collection[str], timeout: float) -> None:
        self._allowed_hosts = {host.lower() for host in allowed_hosts}
        self._timeout = timeout
        self._client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def refusal(self, url: str) -> str | None:
        """Return why nothing may be sent to this URL, or None."""
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
            _ = parts.port
        except ValueError:
            return "the URL cannot be read"
        if parts.scheme not in ("http", "https") or not host:
            return "the URL is not http or https with a host"
        if host in self._allowed_hosts or is_loopback(host):
            return None
        return f"the mock server sends to loopback only; allow {host} by name"

    def send(self, url: str, body: bytes, headers: dict[str, str], done: Done) -> None:
        """POST the body in the background and call `done` with the result, in the event loop."""
        task = asyncio.get_running_loop().create_task(self._send(url, body, headers, done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def wait(self) -> bool:
        """Wait until every POST under way has ended; return whether there were any."""
        waiting = list(self._tasks)
        if waiting:
            await asyncio.wait(waiting)
        return bool(waiting)

    async def close(self) -> None:
        """Cancel what is being sent and close the connections."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def _send(self, url: str, body: bytes, headers: dict[str, str], done: Done) -> None:
        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=self._timeout,
                trust_env=False,
                follow_redirects=False,
                cookies=no_cookies(),
            )
        try:
            response = await self._client.post(url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as problem:
            done(AttemptResult(error_message=f"{type(problem).__name__}: {problem}"))
        else:
            done(AttemptResult(response.status_code, response.text[:MAX_KEPT_BODY]))
