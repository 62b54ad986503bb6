"""Verify one callback: prove that Runflow sent it, then read it."""

from typing import Final

from .._errors import InvalidArgument
from .._validation import check_arguments
from ._errors import BodyNotRaw, BodyTooLarge, CallbackError
from ._events import CallbackEvent, read_event
from ._signature import (
    Body,
    Headers,
    Secrets,
    header_items,
    is_signed,
    mismatch,
    read_secrets,
    read_signature,
    request_id,
)

MAX_BODY_BYTES: Final = 8 * 1024 * 1024
"""Bytes. Callbacks carry URLs, not pictures; the limit is ours, for Runflow publishes none."""


def verify(
    body: Body, headers: Headers, secrets: Secrets, *, max_body_bytes: int = MAX_BODY_BYTES
) -> CallbackEvent:
    """Prove that Runflow sent this body, then read it: the typed event, RunCompletedEvent,
    RunFailedEvent, ... or UnknownEvent.

    `body` is the raw bytes as they arrived, `headers` any mapping or list of pairs in any case (a
    WSGI environ too), `secrets` the plain secret of POST /v1/callback-secrets, or several of them
    while one is replaced by another, the current one first.

    Raises a CallbackError whose class is the reason: SignatureMissing, MalformedSignature,
    SignatureMismatch, BodyTooLarge, BodyUnreadable, NotAnEvent, BodyNotRaw. Raises InvalidArgument
    for secrets that cannot be right. Neither the errors nor the frames of their tracebacks hold a
    secret. Rules: https://docs.runflow.io/guides/verify-callback-signatures.
    """
    outcome = _judge(body, headers, secrets, max_body_bytes)
    if isinstance(outcome, CallbackEvent):
        return outcome
    del secrets  # error reporters show the variables of every frame
    raise outcome


def _judge(
    body: Body, headers: Headers, secrets: Secrets, max_body_bytes: int
) -> CallbackEvent | CallbackError | InvalidArgument:
    """Return the event, or the error to raise, without the frames in which it arose."""
    try:
        keys = read_secrets(secrets)
        check_arguments(max_body_bytes=max_body_bytes)
        headers = header_items(headers)
        raw = _raw(body)
        if len(raw) > max_body_bytes:
            raise BodyTooLarge(f"the body has {len(raw)} bytes; at most {max_body_bytes} are read")
        signature = read_signature(headers)
        if not is_signed(raw, signature, keys):
            raise mismatch(signature)
        return read_event(raw, request_id(headers))
    except (CallbackError, InvalidArgument) as error:
        error.__context__ = None
        return error.with_traceback(None)


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
