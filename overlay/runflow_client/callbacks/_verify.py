"""Verify one callback: prove that Runflow sent it, then read it."""

from typing import Final

from .._http import REQUEST_ID
from ._errors import BodyNotRaw, BodyTooLarge
from ._events import CallbackEvent, read_event
from ._signature import (
    Body,
    Headers,
    Secrets,
    check_signature,
    header_items,
    header_values,
    read_secrets,
    read_signature,
)

MAX_BODY_BYTES: Final = 8 * 1024 * 1024
"""Bytes. Callbacks carry URLs, not pictures; the limit is ours, for Runflow publishes none."""


def verify(
    body: Body, headers: Headers, secrets: Secrets, *, largest_body: int = MAX_BODY_BYTES
) -> CallbackEvent:
    """Prove that Runflow sent this body, then read it: the typed event, RunCompleted, RunFailed,
    ... or UnknownEvent.

    `body` is the raw bytes as they arrived, `headers` any mapping or list of pairs in any case (a
    WSGI environ too), `secrets` the plain secret of POST /v1/callback-secrets, or several of them
    while one is replaced by another, the current one first. Raises a CallbackError whose class is
    the reason: SignatureMissing, MalformedSignature, SignatureMismatch, BodyTooLarge,
    BodyUnreadable, NotAnEvent, BodyNotRaw. Nothing of a secret is in any of them. Raises
    InvalidArgument for secrets that are none. Rules:
    https://docs.runflow.io/guides/verify-callback-signatures.
    """
    keys = read_secrets(secrets)
    raw = _raw(body)
    if len(raw) > largest_body:
        raise BodyTooLarge(f"the body has {len(raw)} bytes; at most {largest_body} are read")
    headers = header_items(headers)
    check_signature(raw, read_signature(headers), keys)
    request_ids = header_values(headers, REQUEST_ID)
    return read_event(raw, request_ids[0].decode("utf-8", "replace") if request_ids else None)


def _raw(body: Body) -> bytes:
    try:
        if isinstance(body, bytes | bytearray | memoryview):  # pyright: ignore[reportUnnecessaryIsInstance] # callers err
            return bytes(body)
    except ValueError:  # a memoryview that was released
        pass
    raise BodyNotRaw(
        f"the body is {type(body).__name__}, but the signature is over the raw bytes: use await "
        "request.body() in "
        "Starlette and FastAPI, request.get_data() in Flask, request.body in Django"
    )
