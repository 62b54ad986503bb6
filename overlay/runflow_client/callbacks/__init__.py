"""Callbacks: is this really Runflow, and what does it say?

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
    BatchCanceled,
    BatchEvent,
    BatchFailed,
    BatchPartiallySucceeded,
    BatchSucceeded,
    CallbackEvent,
    RunCanceled,
    RunCompleted,
    RunEvent,
    RunFailed,
    RunPartiallySucceeded,
    UnknownEvent,
)
from ._receiver import Answer, IncomingDelivery, Receiver, Store
from ._verify import LARGEST_BODY, verify
from ._wakeup import Wakeup

__all__ = [
    "Answer",
    "BatchCanceled",
    "BatchEvent",
    "BatchFailed",
    "BatchPartiallySucceeded",
    "BatchSucceeded",
    "BodyNotRaw",
    "BodyTooLarge",
    "BodyUnreadable",
    "CallbackError",
    "CallbackEvent",
    "IncomingDelivery",
    "LARGEST_BODY",
    "MalformedSignature",
    "NotAnEvent",
    "Receiver",
    "RunCanceled",
    "RunCompleted",
    "RunEvent",
    "RunFailed",
    "RunPartiallySucceeded",
    "SignatureMismatch",
    "SignatureMissing",
    "Store",
    "UnknownEvent",
    "Wakeup",
    "verify",
]


def __dir__() -> list[str]:
    return __all__
