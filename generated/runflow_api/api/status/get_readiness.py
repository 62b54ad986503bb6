"""get_readiness: GET /v1/readiness"""

from typing import Final, cast

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.error_response import ErrorResponse
from ...models.readiness import Readiness
from ...types import Operation, RequestArguments, Response

OPERATION: Final = Operation(name="get_readiness", method="GET", path="/v1/readiness")


def build_request() -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Returns:
        What `Client.send` takes.
    """
    return _encoding.request(
        OPERATION,
        "/v1/readiness",
    )


def parse_response(response: httpx.Response) -> ErrorResponse | Readiness:
    """Read a response of this operation.

    Returns:
        ErrorResponse | Readiness

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code in (200, 503):
        return _responses.json_body(OPERATION, response, Readiness.from_dict)
    if response.status_code in (400, 401, 403, 404, 422):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    *,
    client: Client,
) -> Response[ErrorResponse | Readiness]:
    """Get the readiness

    Says whether the database and the cache are there.

    Returns:
        The response. Its `parsed` is ErrorResponse | Readiness, as the status says.

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(client.send(build_request()), parse_response)


def sync(
    *,
    client: Client,
) -> Readiness:
    """Get the readiness

    Says whether the database and the cache are there.

    Returns:
        The body: Readiness.

    Raises:
        ErrorStatus: The status is a documented one outside 200 to 299.
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _success(client.send(build_request()))


async def asyncio_detailed(
    *,
    client: Client,
) -> Response[ErrorResponse | Readiness]:
    """Get the readiness

    Says whether the database and the cache are there.

    Returns:
        The response. Its `parsed` is ErrorResponse | Readiness, as the status says.

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(await client.send_async(build_request()), parse_response)


async def asyncio(
    *,
    client: Client,
) -> Readiness:
    """Get the readiness

    Says whether the database and the cache are there.

    Returns:
        The body: Readiness.

    Raises:
        ErrorStatus: The status is a documented one outside 200 to 299.
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _success(await client.send_async(build_request()))


def _success(response: httpx.Response) -> Readiness:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("Readiness", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
