"""Receive callbacks: prove that Runflow sent them, read them, store them.

    from runflow_client import callbacks

    event = callbacks.verify(request.body, request.headers, os.environ["RUNFLOW_CALLBACK_SECRET"])

Neither httpx nor the generated client is loaded by this package.
"""

from ._errors import (
    BodyNotRaw,
    BodyTooLarge,
    BodyUnreadable,
    CallbackError,
    MalformedSignature,
    NotAnEvent,
    SignatureMismatch,
    SignatureMissing,
)
from ._events import (
    BatchCanceledEvent,
    BatchEvent,
    BatchFailedEvent,
    BatchPartiallySucceededEvent,
    BatchSucceededEvent,
    CallbackEvent,
    RunCanceledEvent,
    RunCompletedEvent,
    RunEvent,
    RunFailedEvent,
    RunPartiallySucceededEvent,
    UnknownEvent,
)
from ._receiver import Answer, IncomingDelivery, Receiver, Store
from ._verify import MAX_BODY_BYTES, verify
from ._wakeup import Wakeup

__all__ = [
    "Answer",
    "BatchCanceledEvent",
    "BatchEvent",
    "BatchFailedEvent",
    "BatchPartiallySucceededEvent",
    "BatchSucceededEvent",
    "BodyNotRaw",
    "BodyTooLarge",
    "BodyUnreadable",
    "CallbackError",
    "CallbackEvent",
    "IncomingDelivery",
    "MAX_BODY_BYTES",
    "MalformedSignature",
    "NotAnEvent",
    "Receiver",
    "RunCanceledEvent",
    "RunCompletedEvent",
    "RunEvent",
    "RunFailedEvent",
    "RunPartiallySucceededEvent",
    "SignatureMismatch",
    "SignatureMissing",
    "Store",
    "UnknownEvent",
    "Wakeup",
    "verify",
]


def __dir__() -> list[str]:
    return __all__
