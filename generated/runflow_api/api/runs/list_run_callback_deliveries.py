"""list_run_callback_deliveries: GET /v1/runs/{run_id}/callback"""

from typing import Final, cast
from uuid import UUID

from ... import decoding as _decoding
from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.error_response import ErrorResponse
from ...models.run_callback_delivery import RunCallbackDelivery
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(name="list_run_callback_deliveries", method="GET", path="/v1/runs/{run_id}/callback")


def build_request(
    run_id: UUID,
    *,
    x_organization_id: str | None | Unset = UNSET,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        run_id: Id of the run.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        What `Client.send` takes.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
    """
    return _encoding.request(
        OPERATION,
        "/v1/runs/" + _encoding.path_value("run_id", run_id) + "/callback",
        headers={
            "X-Organization-Id": x_organization_id,
        },
    )


def parse_response(response: httpx.Response) -> ErrorResponse | list[RunCallbackDelivery]:
    """Read a response of this operation.

    Returns:
        ErrorResponse | list[RunCallbackDelivery]

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 200:
        return _responses.json_body(OPERATION, response, _decoding.list_of(RunCallbackDelivery.from_dict))
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    run_id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | list[RunCallbackDelivery]]:
    """List the callback deliveries of a run

    All of them, not a page.

    Args:
        run_id: Id of the run.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | list[RunCallbackDelivery], as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        client.send(
            build_request(
                run_id=run_id,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


def sync(
    run_id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> list[RunCallbackDelivery]:
    """List the callback deliveries of a run

    All of them, not a page.

    Args:
        run_id: Id of the run.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: list[RunCallbackDelivery].

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        ErrorStatus: The status is a documented one outside 200 to 299.
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _success(
        client.send(
            build_request(
                run_id=run_id,
                x_organization_id=x_organization_id,
            )
        )
    )


async def asyncio_detailed(
    run_id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | list[RunCallbackDelivery]]:
    """List the callback deliveries of a run

    All of them, not a page.

    Args:
        run_id: Id of the run.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | list[RunCallbackDelivery], as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        await client.send_async(
            build_request(
                run_id=run_id,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


async def asyncio(
    run_id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> list[RunCallbackDelivery]:
    """List the callback deliveries of a run

    All of them, not a page.

    Args:
        run_id: Id of the run.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: list[RunCallbackDelivery].

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        ErrorStatus: The status is a documented one outside 200 to 299.
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _success(
        await client.send_async(
            build_request(
                run_id=run_id,
                x_organization_id=x_organization_id,
            )
        )
    )


def _success(response: httpx.Response) -> list[RunCallbackDelivery]:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("list[RunCallbackDelivery]", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
