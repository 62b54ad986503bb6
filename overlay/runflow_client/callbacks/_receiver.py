"""Receive one callback without I/O: a request goes in piece by piece, the answer comes out, and the
event is stored in between.

The adapters beside this module (`asgi`, `starlette`, `wsgi`, `flask`, `django`) carry the bytes.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from http import HTTPStatus
from inspect import isasyncgen, isawaitable, iscoroutine, isgenerator, isroutine
from itertools import starmap
from typing import Final, TypeVar

from attrs import field, frozen

from .._errors import InvalidArgument
from .._validation import check_arguments, check_blocking, check_instance, wrong_kind
from ._errors import (
    BodyTooLarge,
    BodyUnreadable,
    CallbackError,
    NotAnEvent,
    SignatureMismatch,
    SignatureMissing,
)
from ._events import CallbackEvent
from ._signature import (
    Headers,
    Secrets,
    header_items,
    header_values,
    read_signature,
    request_id,
    secrets_problem,
)
from ._verify import MAX_BODY_BYTES, verify

CHUNK: Final = 64 * 1024
"""Bytes that an adapter reads at once, where it chooses."""

MAX_DISCARDED: Final = 8 * 1024 * 1024
"""Bytes past the limit that are read and dropped, so that the sender sees the 413 and not a broken
connection.
"""

_MAX_REASON: Final = 300
"""Characters of a reason in the log: an event's name may be long."""

_STATUS: Final[dict[type[CallbackError], HTTPStatus]] = {
    SignatureMissing: HTTPStatus.UNAUTHORIZED,
    SignatureMismatch: HTTPStatus.UNAUTHORIZED,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}
"""Every other reason to refuse is a 400."""

_logger = logging.getLogger("runflow_client.callbacks")

Store = Callable[[CallbackEvent, bytes], object]
"""Stores the event and its raw body durably before it returns; returns False for one that is stored
already.

It is no coroutine function: an event is acknowledged only when it is stored.
"""

Done = Callable[["bool | Exception"], object]
"""Takes what the store returned or raised."""

Submit = Callable[[CallbackEvent, bytes, Done], None]
"""Takes an event without waiting until it is stored, and calls Done then, in any thread."""

_SUBMIT: Final = "runflow_submit"

StoreMethod = TypeVar("StoreMethod", bound=Callable[..., object])


def submitted_by(name: str) -> Callable[[StoreMethod], StoreMethod]:
    """Mark a method that stores events: that of this name beside it, if it is not None, is its
    Submit.
    """

    def mark(method: StoreMethod) -> StoreMethod:
        setattr(method, _SUBMIT, name)
        return method

    return mark


def submit_of(store: Store | None) -> Submit | None:
    """Return the store's Submit; None for a store that only blocks."""
    # A method that overrides a marked one, or a function around it, has no mark.
    name: str | None = getattr(store, _SUBMIT, None)
    if name is None:
        return None
    submit: Submit | None = getattr(getattr(store, "__self__", None), name, None)
    return submit


@frozen
class Answer:
    """What to answer: `status`, `text` (which shows in Runflow's delivery history), and the event
    if it is stored.
    """

    status: HTTPStatus
    text: str
    event: CallbackEvent | None = field(default=None, repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """The answer's headers."""
        found = {"Content-Type": "text/plain; charset=utf-8"}
        if self.status == HTTPStatus.METHOD_NOT_ALLOWED:
            found["Allow"] = "POST"
        return found

    @property
    def body(self) -> bytes:
        """The text's bytes."""
        return self.text.encode()


@frozen(init=False)
class Receiver:
    """Verifies callbacks and stores them: `Receiver(secrets, inbox.put)`.

    `secrets` is what `verify` takes, or a function without arguments that returns it for every
    delivery (for secrets that change while the process lives). `store` stores an event before it is
    acknowledged. Raises InvalidArgument at once for secrets that cannot be right; no frame of its
    traceback holds a secret.
    """

    secrets: Secrets | Callable[[], Secrets] = field(repr=False)
    store: Store = field(repr=False)
    max_body_bytes: int

    def __init__(
        self,
        secrets: Secrets | Callable[[], Secrets],
        store: Store,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        object.__setattr__(self, "secrets", secrets)
        object.__setattr__(self, "store", store)
        object.__setattr__(self, "max_body_bytes", max_body_bytes)
        del secrets  # error reporters show the variables of every frame
        check_arguments(store=self.store, max_body_bytes=self.max_body_bytes)
        check_blocking("an event is acknowledged only when it is stored", store=self.store)
        check_blocking("expected a function that returns the secrets", secrets=self.secrets)
        problem = secrets_problem(self.current_secrets())
        if problem is not None:
            raise problem

    def open(self, method: str, headers: Headers) -> "IncomingDelivery":
        """Begin with a request whose body has not been read yet."""
        return IncomingDelivery(self, method, headers)

    def current_secrets(self) -> Secrets:
        """Return the secrets of this moment."""
        return self.secrets() if callable(self.secrets) else self.secrets


class IncomingDelivery:
    """One request on its way in: `add` what was read while it `wants_more`, then send the
    `answer`.
    """

    def __init__(self, receiver: Receiver, method: str, headers: Headers) -> None:
        self._receiver = receiver
        self._headers = header_items(headers)
        self._body = bytearray()
        self._length = 0
        self._read_error: Exception | None = None
        self._refusal = self._judge_head(method)

    @property
    def wants_more(self) -> bool:
        """Whether the rest of the body should be read, if there is one. Past the limit it is read
        but not kept.
        """
        largest = self._receiver.max_body_bytes + MAX_DISCARDED
        return max(self._length, self._declared_length() or 0) <= largest

    @property
    def may_lack_bytes(self) -> bool:
        """Whether this may be other bytes than those that were signed.

        It has another length than Content-Length says, or there is none, as with chunks and often
        with HTTP/2; or it was encoded on the way, for Runflow encodes nothing.
        """
        encodings = b",".join(header_values(self._headers, "Content-Encoding")).split(b",")
        is_encoded = any(one.strip().lower() not in (b"", b"identity") for one in encodings)
        return is_encoded or self._length != self._declared_length()

    def add(self, chunk: bytes) -> None:
        """Take the next piece of the body. Raises InvalidArgument for text, which is not the bytes
        that were signed.
        """
        if not isinstance(chunk, bytes | bytearray | memoryview):  # pyright: ignore[reportUnnecessaryIsInstance] # callers err
            raise InvalidArgument(
                f"the body is {type(chunk).__name__}, but the signature is over the raw bytes: "
                "pass those, such as base64.b64decode(event['body']) where an event of AWS Lambda "
                "says isBase64Encoded, and event['body'].encode() where it does not"
            )
        chunk = bytes(chunk)  # a view may count other things than bytes
        self._length += len(chunk)
        if self._refusal is None and self._length > self._receiver.max_body_bytes:
            self._refusal = self._too_large(self._length)
            self._body.clear()
        if self._refusal is None:
            self._body += chunk

    def fill(self, read: Callable[[int], bytes]) -> None:
        """Take the body from a function that reads at most so many bytes, and returns no bytes at
        the end. What it raises ends the body, and makes the answer a 503.
        """
        try:
            while self.wants_more and (chunk := read(CHUNK)):
                self.add(chunk)
        except Exception as error:  # of whatever server or framework
            self.give_up(error)

    def give_up(self, error: Exception) -> None:
        """Note that the body could not be read to its end: the answer is a 503."""
        self._read_error = error

    def replace(self, body: bytes) -> None:
        """Take this body instead of what was added: the framework kept it, and its stream is at
        the end.
        """
        self._body.clear()
        self._length = 0
        self._read_error = None
        self.add(body)

    def answer(self) -> Answer:
        """Verify and store; this blocks as long as the store does. Nothing is raised, whatever
        arrived.

        200 the event is stored, 400 the signature is malformed, 401 no signature or none of ours,
        405 not a POST, 413 too large. 503 means that Runflow should send it again: the event is
        signed and could not be read or stored, or the bytes that were signed may be gone, for
        instance because the application read them before. Without a Content-Length that cannot be
        ruled out. Runflow repeats no delivery that was answered with 4xx, so nothing but the
        signature decides: no Content-Type is refused.
        """
        event = self._judge()
        if isinstance(event, Answer):
            return event
        try:
            result: object = self._receiver.store(event, bytes(self._body))
        except Exception as error:  # whatever the store is made of
            result = error
        return self._conclude(event, result)

    def submit(self, done: Callable[[Answer], object]) -> bool:
        """Verify and store without blocking: `done` gets the answer, at once or later and then in
        another thread.

        False if that cannot be, for then nothing was done: the store only blocks, the body is
        large, or the secrets are read for every delivery. Call `answer` in a thread instead.
        """
        submit = submit_of(self._receiver.store)
        if submit is None or len(self._body) > CHUNK or callable(self._receiver.secrets):
            return False
        event = self._judge()
        if isinstance(event, Answer):
            done(event)
            return True

        def stored(result: bool | Exception) -> None:
            done(self._conclude(event, result))

        try:
            submit(event, bytes(self._body), stored)
        except Exception as error:
            stored(error)
        return True

    def _judge(self) -> CallbackEvent | Answer:
        """Verify, and return the event that is to be stored, or the answer that refuses it."""
        if self._refusal is not None:
            return self._refusal
        if self._read_error is not None:
            return self._unable("the body could not be read", self._read_error)
        body, secrets = bytes(self._body), self._receiver.current_secrets
        try:
            return verify(
                body, self._headers, secrets(), max_body_bytes=self._receiver.max_body_bytes
            )
        except SignatureMismatch as error:
            if self.may_lack_bytes:
                return self._unable(self._what_is_missing())
            return self._refuse(error)
        except (BodyUnreadable, NotAnEvent) as error:
            return self._unable(f"a callback that Runflow signed cannot be read: {error}")
        except CallbackError as error:
            return self._refuse(error)
        except Exception as error:  # whatever the secrets come from
            return self._unable("the callback secrets could not be read", error)

    def _conclude(self, event: CallbackEvent, result: object) -> Answer:
        """Return the answer for an event after what the store returned or raised."""
        try:
            if isinstance(result, Exception):
                raise result
            check_result(result, "the store", "it is called in a thread of its own and may block")
        except Exception as error:
            return self._unable(f"{event.event} of {event.subject_id} could not be stored", error)
        return Answer(HTTPStatus.OK, "stored before" if result is False else "stored", event)

    def _judge_head(self, method: str) -> Answer | None:
        """Return the refusal that is clear before the body is read."""
        if method.upper() != "POST":
            return self._log(Answer(HTTPStatus.METHOD_NOT_ALLOWED, "callbacks are sent by POST"))
        declared = self._declared_length()
        if declared is not None and declared > self._receiver.max_body_bytes:
            return self._too_large(declared)
        try:
            read_signature(self._headers)
        except CallbackError as error:
            return self._refuse(error)
        return None

    def _declared_length(self) -> int | None:
        declared = header_values(self._headers, "Content-Length")
        # int() takes some thousand digits at most; more than 18 are too large whatever they say.
        return int(declared[0][:18]) if declared and declared[0].isdigit() else None

    def _what_is_missing(self) -> str:
        declared = self._declared_length()
        sent = "an unknown number" if declared is None else str(declared)
        return (
            f"no secret signs the {self._length} bytes that the receiver got of {sent}: the "
            "connection broke, a proxy encoded the body, or the application read it before and did "
            "not keep its bytes"
        )

    def _too_large(self, length: int) -> Answer:
        return self._refuse(
            BodyTooLarge(f"{length} bytes; at most {self._receiver.max_body_bytes} are read")
        )

    def _refuse(self, error: CallbackError) -> Answer:
        status = _STATUS.get(type(error), HTTPStatus.BAD_REQUEST)
        return self._log(Answer(status, f"{type(error).__name__}: {error}"))

    def _log(self, answer: Answer) -> Answer:
        request = request_id(self._headers)
        _logger.warning("callback refused (request %r): %d %s", request, answer.status, answer.text)
        return answer

    def _unable(self, reason: str, error: Exception | None = None) -> Answer:
        _logger.error(
            "%s (request %r)", reason[:_MAX_REASON], request_id(self._headers), exc_info=error
        )
        return Answer(HTTPStatus.SERVICE_UNAVAILABLE, "not stored; please send it again")


def check_receiver(receiver: object) -> None:
    """Raise InvalidArgument unless this is a Receiver."""
    check_instance("receiver", receiver, Receiver, is_required=True)


def check_place(path: object, name: object) -> None:
    """Raise InvalidArgument unless this is a path of an application and a name for its route."""
    if not isinstance(path, str) or not path.startswith("/"):
        raise wrong_kind("path", path, "the path of a route, such as '/runflow'")
    check_arguments(name=name)
    if not name:
        raise wrong_kind("name", name, "a name for the route, such as 'runflow_callbacks'")


def check_result(result: object, name: str, remedy: str) -> None:
    """Raise TypeError, saying what to do, where it is not done yet: the result is to be awaited or
    waited for, or is a generator, or another iterator that computes when it is looped over, or is
    to be called. Raise it for an exception that was returned, too.
    """
    kind = type(result)
    if isinstance(result, BaseException):
        raise TypeError(f"{name} returned a {kind.__name__}: raise it") from result
    if isroutine(result) or kind is partial:
        raise TypeError(f"{name} returned a {kind.__name__}, which nothing calls: call it")
    if isgenerator(result) or isasyncgen(result):
        raise TypeError(f"{name} returned a generator, of which nothing has run: leave out yield")
    if kind in (map, filter, zip, starmap):
        raise TypeError(
            f"{name} returned a {kind.__name__}, of which nothing has run: loop over it"
        )
    if isawaitable(result):
        if iscoroutine(result):
            result.close()
        raise TypeError(f"{name} returned an awaitable, which is not awaited here: {remedy}")
    if isinstance(result, Future) or kind.__module__ == "multiprocessing.pool":
        raise TypeError(
            f"{name} returned a {kind.__name__}, whose work may not be done: wait for it, and "
            "return what it brings"
        )
