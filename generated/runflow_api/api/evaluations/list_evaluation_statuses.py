"""list_evaluation_statuses: GET /v1/evaluations/statuses"""

from typing import Any, Final, cast

from ... import decoding as _decoding
from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.error_response import ErrorResponse
from ...models.json_object import JsonObject
from ...types import Operation, RequestArguments, Response

OPERATION: Final = Operation(name="list_evaluation_statuses", method="GET", path="/v1/evaluations/statuses")


def build_request() -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Returns:
        What `Client.send` takes.
    """
    return _encoding.request(
        OPERATION,
        "/v1/evaluations/statuses",
    )


def parse_response(response: httpx.Response) -> ErrorResponse | JsonObject | list[JsonObject]:
    """Read a response of this operation.

    Returns:
        ErrorResponse | JsonObject | list[JsonObject]

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 200:
        return _responses.json_body(
            OPERATION, response, _decoding.either(_decoding.list_of(JsonObject.from_dict), JsonObject.from_dict)
        )
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    *,
    client: Client,
) -> Response[ErrorResponse | JsonObject | list[JsonObject]]:
    """List the statuses of an evaluation

    Inferred: no published page shows this operation.

    Returns:
        The response. Its `parsed` is ErrorResponse | JsonObject | list[JsonObject], as the status says.

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(client.send(build_request()), parse_response)


def sync(
    *,
    client: Client,
) -> JsonObject | list[JsonObject]:
    """List the statuses of an evaluation

    Inferred: no published page shows this operation.

    Returns:
        The body: JsonObject | list[JsonObject].

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
) -> Response[ErrorResponse | JsonObject | list[JsonObject]]:
    """List the statuses of an evaluation

    Inferred: no published page shows this operation.

    Returns:
        The response. Its `parsed` is ErrorResponse | JsonObject | list[JsonObject], as the status says.

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(await client.send_async(build_request()), parse_response)


async def asyncio(
    *,
    client: Client,
) -> JsonObject | list[JsonObject]:
    """List the statuses of an evaluation

    Inferred: no published page shows this operation.

    Returns:
        The body: JsonObject | list[JsonObject].

    Raises:
        ErrorStatus: The status is a documented one outside 200 to 299.
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _success(await client.send_async(build_request()))


def _success(response: httpx.Response) -> JsonObject | list[JsonObject]:
    _parsed = parse_response(response)
    if response.is_success:
        # By way of Any: two unions can be one type, and a cast to the same type is an error.
        _body: JsonObject | list[JsonObject] = cast(Any, _parsed)
        return _body
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
