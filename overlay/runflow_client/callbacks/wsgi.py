"""Receive callbacks under WSGI: an application of its own, for any server and any framework that
mounts one.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from ._receiver import IncomingDelivery, Receiver, check_receiver

_UNPREFIXED = {"CONTENT_TYPE": "Content-Type", "CONTENT_LENGTH": "Content-Length"}


def header_pairs(environ: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the request's headers in a WSGI environ, which names two of them differently."""
    return [
        (_UNPREFIXED.get(name, name), value)
        for name, value in environ.items()
        if name.startswith("HTTP_") or name in _UNPREFIXED
    ]


def body_reader(environ: Mapping[str, Any]) -> Callable[[int], bytes]:
    """Return a function that reads the body to its end and not beyond, where some servers would
    wait for ever.
    """
    read: Callable[[int], bytes] = environ["wsgi.input"].read
    if environ.get("wsgi.input_terminated"):
        return read
    declared = environ.get("CONTENT_LENGTH") or "0"
    left = int(declared) if declared.isdecimal() and len(declared) < 19 else 0

    def read_at_most(size: int) -> bytes:
        nonlocal left
        chunk = read(min(size, left)) if left else b""
        left -= len(chunk)
        return chunk

    return read_at_most


class CallbackApp:
    """A WSGI application that receives callbacks at whatever path it is given."""

    def __init__(self, receiver: Receiver) -> None:
        check_receiver(receiver)
        self.receiver = receiver

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Receive one request."""
        incoming: IncomingDelivery = self.receiver.open(
            environ["REQUEST_METHOD"], header_pairs(environ)
        )
        incoming.fill(body_reader(environ))
        answer = incoming.answer()
        headers = {**answer.headers, "Content-Length": str(len(answer.body))}
        start_response(f"{int(answer.status)} {answer.status.phrase}", list(headers.items()))
        return [answer.body]


__all__ = ["CallbackApp"]
