"""Why a callback is refused: one class a reason, all of them CallbackError."""

from .._errors import CallbackError


class SignatureMissing(CallbackError):
    """There is no signature header."""


class MalformedSignature(CallbackError):
    """The signature header cannot be a signature of Runflow's."""


class SignatureMismatch(CallbackError):
    """The signature is well formed and none of the secrets made it."""


class BodyTooLarge(CallbackError):
    """The body is larger than any callback."""


class BodyUnreadable(CallbackError):
    """The signature is right, and the body is not JSON."""


class NotAnEvent(CallbackError):
    """The signature is right, and the body is JSON, but not an event."""


class BodyNotRaw(CallbackError, TypeError):
    """The body was given as str, dict or another thing that is no longer the bytes that were
    signed.
    """


__all__ = [
    "BodyNotRaw",
    "BodyTooLarge",
    "BodyUnreadable",
    "CallbackError",
    "MalformedSignature",
    "NotAnEvent",
    "SignatureMismatch",
    "SignatureMissing",
]
