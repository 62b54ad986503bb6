"""get_health: GET /v1/health"""

from typing import Final, cast

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.error_response import ErrorResponse
from ...models.health import Health
from ...types import Operation, RequestArguments, Response

OPERATION: Final = Operation(name="get_health", method="GET", path="/v1/health")


def build_request() -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Returns:
        What `Client.send` takes.
    """
    return _encoding.request(
        OPERATION,
        "/v1/health",
    )


def parse_response(response: httpx.Response) -> ErrorResponse | Health:
    """Read a response of this operation.

    Returns:
        ErrorResponse | Health

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 200:
        return _responses.json_body(OPERATION, response, Health.from_dict)
    if response.status_code in (400, 401, 403, 404, 422):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    *,
    client: Client,
) -> Response[ErrorResponse | Health]:
    """Get the health

    Answers without a key as soon as the process is up.

    Inferred: no published page shows this operation.

    Returns:
        The response. Its `parsed` is ErrorResponse | Health, as the status says.

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(client.send(build_request()), parse_response)


def sync(
    *,
    client: Client,
) -> Health:
    """Get the health

    Answers without a key as soon as the process is up.

    Inferred: no published page shows this operation.

    Returns:
        The body: Health.

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
) -> Response[ErrorResponse | Health]:
    """Get the health

    Answers without a key as soon as the process is up.

    Inferred: no published page shows this operation.

    Returns:
        The response. Its `parsed` is ErrorResponse | Health, as the status says.

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(await client.send_async(build_request()), parse_response)


async def asyncio(
    *,
    client: Client,
) -> Health:
    """Get the health

    Answers without a key as soon as the process is up.

    Inferred: no published page shows this operation.

    Returns:
        The body: Health.

    Raises:
        ErrorStatus: The status is a documented one outside 200 to 299.
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _success(await client.send_async(build_request()))


def _success(response: httpx.Response) -> Health:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("Health", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
