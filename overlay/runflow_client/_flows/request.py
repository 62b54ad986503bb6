"""Send one request, with retries, and read its answer."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from runflow_api.http_library import httpx
from runflow_api.types import RequestArguments

from .._errors import (
    ApiError,
    ConnectFailed,
    NotFound,
    OutcomeUnknown,
    RunflowError,
    TransportError,
)
from .._http import IDEMPOTENCY_KEY
from .._redaction import log
from .._responses import check, check_deleted, read, send_failed, transport_error, unreadable
from .._time import Deadline
from .commands import Context, Flow, send, sleep
from .retry import RATE_LIMITED, REPEATABLE_METHODS, is_retryable_status, may_have_acted

T = TypeVar("T")


class Created(Protocol):
    """What an answer to a create shows."""

    @property
    def id(self) -> object:
        """Its id."""
        ...


C = TypeVar("C", bound=Created)


def request(
    context: Context,
    arguments: RequestArguments,
    parse: Callable[[httpx.Response], T],
    *,
    deadline: Deadline | None = None,
) -> Flow[T]:
    """Send the request, repeat it where that is safe, and read the answer with the operation's own
    `parse_response`.

    Raises ApiError for an error status, TransportError where no readable answer came.
    """
    response = yield from send_with_retries(context, arguments, deadline=deadline)
    return read(response, parse)


def with_idempotency_key(arguments: RequestArguments, key: str) -> RequestArguments:
    """Return the request with this Idempotency-Key."""
    return {**arguments, "headers": {**arguments.get("headers", {}), IDEMPOTENCY_KEY: key}}


def post_idempotent(
    context: Context,
    arguments: RequestArguments,
    parse: Callable[[httpx.Response], C],
    kind: str,
    is_own: Callable[[C], bool],
    client_ref: str | None = None,
    deadline: Deadline | None = None,
) -> Flow[C]:
    """Send a create whose idempotency key makes every retry safe, and read what was created, by the
    deadline.

    `is_own` says whether it carries what was sent. Whatever ends the create names the key and the
    `client_ref`, and says where something may have been created.
    """
    key = arguments.get("headers", {})[IDEMPOTENCY_KEY]
    hint = (
        f"The {kind} may have been created: make the same call again with "
        f"idempotency_key={key!r}, which creates nothing twice."
    )
    with naming_create(hint, idempotency_key=key, client_ref=client_ref) as lost:
        check_time_left(deadline, arguments, kind)
        response = yield from send_with_retries(context, arguments, deadline=deadline, lost=lost)
        created = parse(response)
        check_own(context, response, kind, created.id, key, is_own=is_own(created))
        return created


def check_time_left(deadline: Deadline | None, arguments: RequestArguments, kind: str) -> None:
    """Raise ConnectFailed for a create that would be sent after the deadline."""
    if deadline is not None and deadline.has_passed():
        raise ConnectFailed(
            f"time was up before the create was sent, so no {kind} was created",
            method=arguments["method"],
            path=arguments["url"],
        )


def check_own(
    context: Context,
    response: httpx.Response,
    kind: str,
    subject_id: object,
    key: str,
    *,
    is_own: bool = True,
    shows_body: bool = True,
) -> None:
    """Raise UnreadableAnswer for an answer that shows what the create with another key got, or that
    is not this create's own by what it shows. `shows_body` is False where it may hold a secret.
    """
    if not is_own or not context.created.take(str(subject_id), key):
        reason = f"the answer shows the {kind} of another create"
        raise unreadable(response, reason, shows_body=shows_body)


@contextmanager
def naming_create(
    hint: str, *, idempotency_key: str | None, client_ref: str | None = None
) -> Generator[list[RunflowError], None, None]:
    """Name the create in the block on the error that ends it: as attributes, and with the hint as a
    note where the create may have made something.

    Provides the list of its lost attempts, for `send_with_retries`.
    """
    lost: list[RunflowError] = []
    try:
        yield lost
    except OutcomeUnknown:  # which names it already
        raise
    except BaseException as error:
        if isinstance(error, RunflowError):
            error.idempotency_key = idempotency_key
            error.client_ref = client_ref
        if (lost or may_have_acted(error)) and not isinstance(error, GeneratorExit):
            error.add_note(hint)
        raise


def send_delete(context: Context, arguments: RequestArguments) -> Flow[None]:
    """Send a delete. A 404 after an attempt whose answer was lost says that it was carried out.

    Raises NotFound where nothing was there to delete, and UnreadableAnswer for a body that is not
    JSON.
    """
    lost: list[RunflowError] = []
    try:
        response = yield from send_with_retries(context, arguments, lost=lost)
    except NotFound:
        if not lost:
            raise
    else:
        check_deleted(response)


def send_with_retries(
    context: Context,
    arguments: RequestArguments,
    *,
    deadline: Deadline | None = None,
    repeatable: bool | None = None,
    lost: list[RunflowError] | None = None,
) -> Flow[httpx.Response]:
    """Send the request until it succeeds, must not be repeated, or the attempts or the deadline are
    used up.

    `repeatable` says whether an attempt that may have been acted upon can be repeated; by default
    the method decides, and a POST can be when it carries an idempotency key. Attempts that cannot
    have been acted upon (no connection, 429) are repeated always. What a hook or a transport raises
    on its own account is not repeated, and raised as SendFailed. Nothing is sent so shortly before
    the deadline that its answer could not be awaited. `lost` gets the error of every attempt that
    the server may have acted upon and that was repeated.
    """
    if repeatable is None:
        repeatable = arguments["method"] in REPEATABLE_METHODS or IDEMPOTENCY_KEY in arguments.get(
            "headers", {}
        )
    policy = context.retries
    for attempt in range(1, policy.attempts + 1):
        began, expected, asked = context.now(), 0.0, None
        failure: ApiError | TransportError
        try:
            response = yield from send(
                arguments, None if deadline is None else deadline.remaining()
            )
            log.debug(
                "%s %s was answered %d", arguments["method"], arguments["url"], response.status_code
            )
            return check(response, attempt)
        except httpx.TransportError as error:
            failure, reason = transport_error(arguments, error, attempt), type(error).__name__
            failure.__cause__ = error
            again = repeatable or not may_have_acted(failure)
        except ApiError as error:
            failure, reason, asked = error, f"answered {error.status}", error.retry_after
            refused = error.status == RATE_LIMITED
            again = refused or (repeatable and is_retryable_status(error.status))
            expected = context.now() - began
        except RunflowError as error:
            if isinstance(error, TransportError):
                error.attempts = attempt
            raise
        except Exception as error:
            raise send_failed(arguments, error, attempt) from error
        if not again or attempt == policy.attempts:
            raise failure
        if asked is not None and asked > policy.longest_retry_after:
            raise failure
        pause = policy.backoff(attempt, context.random()) if asked is None else asked
        # What is sent so late that its answer cannot be awaited leaves its outcome open.
        if deadline is not None and not deadline.allows(pause + expected):
            failure.add_note(
                f"It was not sent again: after a pause of {pause:.1f} s there was no time left "
                "for an answer."
            )
            raise failure
        log.info(
            "%s %s is sent again in %.2f s: %s",
            arguments["method"],
            arguments["url"],
            pause,
            reason,
        )
        if lost is not None and may_have_acted(failure):
            lost.append(failure)
        yield from sleep(pause)
    raise AssertionError("the last attempt returns or raises")
