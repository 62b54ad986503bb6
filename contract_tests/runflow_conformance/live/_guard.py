"""Limits what is sent to a live API: operations, hosts, number and rate. The rest is refused."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any, cast
from urllib.parse import urlsplit

from attrs import frozen
from runflow_api.http_library import httpx

from .._validation.base_url import BaseUrl, server_of
from .._validation.validator import Validator


class GuardRefusal(Exception):
    """The guard refused a request. Nothing was sent; the message says which request and why."""


@frozen(kw_only=True)
class Limits:
    """What may be sent.

    `operations`: labels, such as `GET /v1/runs`.
    `requests`: how many in all.
    `per_second`: how many in a second.
    `writes`: how many that are not GET.
    `callback_hosts`: hosts that a `callback_url` in a body may name.
    """

    base_url: str
    operations: frozenset[str]
    requests: int
    per_second: float
    writes: int = 0
    callback_hosts: frozenset[str] = frozenset()


def read_operations(validator: Validator) -> frozenset[str]:
    """Return the labels of the document's GET operations."""
    return frozenset(
        str(operation) for operation in validator.operations if operation.method == "GET"
    )


class Guard:
    """Decides which requests are sent, and when. Thread-safe; times are in seconds."""

    def __init__(
        self,
        limits: Limits,
        validator: Validator,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.limits = limits
        self.sent = 0
        self.writes = 0
        self.refusals: Counter[str] = Counter()
        self._base = BaseUrl(limits.base_url)
        self._validator = validator
        self._now, self._sleep = now, sleep
        self._next = now()
        self._lock = threading.Lock()

    @property
    def is_spent(self) -> bool:
        """Whether the request budget is used up."""
        return self.sent >= self.limits.requests

    def admit(self, request: httpx.Request) -> None:
        """Wait as the rate requires, then return. Raise GuardRefusal if it is not allowed."""
        with self._lock:
            reason = self._reason(request)
            if reason:
                self.refusals[reason] += 1
                raise GuardRefusal(f"{request.method} {request.url.path} was not sent: {reason}")
            self.sent += 1
            self.writes += request.method != "GET"
            wait = self._next - self._now()
            self._next = max(self._next, self._now()) + 1 / self.limits.per_second
            if wait > 0:
                self._sleep(wait)

    def _reason(self, request: httpx.Request) -> str:
        """Return why the request is refused, empty if it is allowed."""
        server = server_of(request.url)
        if server != self._base.server:
            return f"it is for {server}, not for {self._base.server}"
        if self.is_spent:
            return f"the budget of {self.limits.requests} requests is spent"
        path = self._base.path_below(request.url)
        if path is None:
            return "its path is outside of the base URL"
        match = self._validator.match(request.method, path)
        if match is None or str(match.operation) not in self.limits.operations:
            return f"{request.method if match is None else match.operation} is not allowed"
        if request.method != "GET" and self.writes >= self.limits.writes:
            return f"the budget of {self.limits.writes} writes is spent"
        return self._reason_in_body(request.read())

    def _reason_in_body(self, body: bytes) -> str:
        if not body:
            return ""
        try:
            urls = _callback_urls(json.loads(body))
        except (ValueError, RecursionError):
            return "its body is not JSON"
        for url in urls:
            try:
                host = urlsplit(url).hostname
            except ValueError:
                host = None
            if host not in self.limits.callback_hosts:
                return f"its callback_url names the host {host}, which is not allowed"
        return ""


def _callback_urls(node: object) -> Collection[str]:
    """Return every URL in the body that the API would post to, at any depth."""
    found: list[str] = []
    if isinstance(node, dict):
        for name, value in cast("dict[str, Any]", node).items():
            if name in ("callback_url", "webhook_url") and value is not None:
                found.append(str(value))
            found += _callback_urls(value)
    elif isinstance(node, list):
        for value in cast("list[object]", node):
            found += _callback_urls(value)
    return found


class GuardedTransport(httpx.BaseTransport):
    """A transport that sends only what the guard admits."""

    def __init__(self, transport: httpx.BaseTransport, guard: Guard) -> None:
        self._transport = transport
        self._guard = guard

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request. Raise GuardRefusal, which is not retried, if it is not allowed."""
        self._guard.admit(request)
        return self._transport.handle_request(request)

    def close(self) -> None:
        """Close the wrapped transport."""
        self._transport.close()
