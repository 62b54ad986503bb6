"""get_run_log: GET /v1/runs/{run_id}/logs/{id}"""

from typing import Final, cast
from uuid import UUID

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.error_response import ErrorResponse
from ...models.run_log import RunLog
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(name="get_run_log", method="GET", path="/v1/runs/{run_id}/logs/{id}")


def build_request(
    run_id: str,
    id: UUID,
    *,
    x_organization_id: str | None | Unset = UNSET,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        run_id: Id of the run, or the word any for all of them.
        id: Id of the resource.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        What `Client.send` takes.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
    """
    return _encoding.request(
        OPERATION,
        "/v1/runs/" + _encoding.path_value("run_id", run_id) + "/logs/" + _encoding.path_value("id", id),
        headers={
            "X-Organization-Id": x_organization_id,
        },
    )


def parse_response(response: httpx.Response) -> ErrorResponse | RunLog:
    """Read a response of this operation.

    Returns:
        ErrorResponse | RunLog

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 200:
        return _responses.json_body(OPERATION, response, RunLog.from_dict)
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    run_id: str,
    id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | RunLog]:
    """Get a log line of a run

    Args:
        run_id: Id of the run, or the word any for all of them.
        id: Id of the resource.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | RunLog, as the status says.

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
                id=id,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


def sync(
    run_id: str,
    id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> RunLog:
    """Get a log line of a run

    Args:
        run_id: Id of the run, or the word any for all of them.
        id: Id of the resource.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: RunLog.

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
                id=id,
                x_organization_id=x_organization_id,
            )
        )
    )


async def asyncio_detailed(
    run_id: str,
    id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | RunLog]:
    """Get a log line of a run

    Args:
        run_id: Id of the run, or the word any for all of them.
        id: Id of the resource.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | RunLog, as the status says.

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
                id=id,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


async def asyncio(
    run_id: str,
    id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> RunLog:
    """Get a log line of a run

    Args:
        run_id: Id of the run, or the word any for all of them.
        id: Id of the resource.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: RunLog.

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
                id=id,
                x_organization_id=x_organization_id,
            )
        )
    )


def _success(response: httpx.Response) -> RunLog:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("RunLog", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
