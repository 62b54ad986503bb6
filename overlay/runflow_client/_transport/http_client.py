"""The HTTP client that a driver sends with: the caller's, or one of our own."""

import os
from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Generic, TypeVar

from attrs import define
from runflow_api.http_library import httpx

from .._errors import InvalidArgument, RunflowError
from .._validation import wrong_kind

H = TypeVar("H", httpx.Client, httpx.AsyncClient)


def check_http_client(http_client: object, kind: type[H]) -> None:
    """Check the `http_client` of the caller. Raises InvalidArgument for one that cannot be used.

    A class that only behaves like httpx's is taken, so what decides is whether `send` is awaited.
    """
    asynchronous = kind is httpx.AsyncClient
    send = getattr(http_client, "send", None)
    is_class = isinstance(http_client, type)
    if is_class or not callable(send) or not hasattr(http_client, "build_request"):
        such_as = f", such as httpx.{kind.__name__}()" if is_class else ""
        raise wrong_kind("http_client", http_client, f"an httpx.{kind.__name__}{such_as}")
    if iscoroutinefunction(send) != asynchronous:
        ours = "AsyncRunflow" if asynchronous else "Runflow"
        other = "Runflow" if asynchronous else "AsyncRunflow"
        raise InvalidArgument(
            f"http_client is {type(http_client).__name__}, and {ours} needs an "
            f"httpx.{kind.__name__}: pass that, or use {other}"
        )
    if getattr(http_client, "is_closed", False):
        raise InvalidArgument("http_client is closed already: make a new one")


class _Cookies(httpx.Cookies):
    """Cookies that are looked for only in answers that set some."""

    def extract_cookies(self, response: httpx.Response) -> None:
        # the library makes a request and a response of urllib for each answer
        if "Set-Cookie" in response.headers:
            super().extract_cookies(response)


def expect_few_cookies(http: httpx.Client | httpx.AsyncClient) -> None:
    """Spare this new HTTP client the search for cookies in answers that set none.

    It has no public way to say so: where its attribute is not found, it stays as it is.
    """
    if isinstance(getattr(http, "_cookies", None), httpx.Cookies):
        setattr(http, "_cookies", _Cookies())  # noqa: B010


@define(eq=False, repr=False)
class HttpClientHolder(Generic[H]):
    """Holds the HTTP client of one driver, and knows when it must not be used.

    Two processes on one connection would read each other's answers. So after a fork the child gets
    another client, made when it first sends: nothing happens at the fork itself.
    """

    client: H
    make: Callable[[], H] | None = None
    """Makes another; None for the caller's, who closes it."""
    closed: bool = False
    process: int | None = None
    """The process that has sent with the client; None before it was used."""

    def open(self) -> H:
        """Return the client. Raises RunflowError if it is closed or belongs to another process."""
        if self.closed:
            raise RunflowError("this client is closed: make a new one")
        process = os.getpid()
        if self.process is None:
            self.process = process
        elif self.process != process:
            if self.make is None:
                raise RunflowError(
                    "http_client was used before this process was forked, and two processes on one "
                    "connection would read each other's answers: make an HTTP client and a "
                    "Runflow in each process"
                )
            self.client, self.process = self.make(), process
        if self.client.is_closed:
            raise RunflowError("http_client was closed: make a new one, and a new client with it")
        return self.client

    def close(self) -> H | None:
        """Refuse to be used from now on. Return the client if it is ours to close."""
        ours = self.make is not None and not self.closed
        self.closed = True
        # closing a parent's connections in its child would end them for both
        return self.client if ours and self.process in {None, os.getpid()} else None
