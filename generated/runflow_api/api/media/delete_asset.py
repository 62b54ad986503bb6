"""delete_asset: DELETE /v1/assets/{id}"""

from typing import Final, cast
from uuid import UUID

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.error_response import ErrorResponse
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(name="delete_asset", method="DELETE", path="/v1/assets/{id}")


def build_request(
    id: UUID,
    *,
    x_organization_id: str | None | Unset = UNSET,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        id: Id of the resource.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        What `Client.send` takes.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
    """
    return _encoding.request(
        OPERATION,
        "/v1/assets/" + _encoding.path_value("id", id),
        headers={
            "X-Organization-Id": x_organization_id,
        },
    )


def parse_response(response: httpx.Response) -> ErrorResponse | None:
    """Read a response of this operation.

    Returns:
        ErrorResponse | None

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 204:
        return None
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | None]:
    """Delete an asset

    Inferred: no published page shows this operation.

    Args:
        id: Id of the resource.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | None, as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        client.send(
            build_request(
                id=id,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


def sync(
    id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> None:
    """Delete an asset

    Inferred: no published page shows this operation.

    Args:
        id: Id of the resource.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: None.

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
                id=id,
                x_organization_id=x_organization_id,
            )
        )
    )


async def asyncio_detailed(
    id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | None]:
    """Delete an asset

    Inferred: no published page shows this operation.

    Args:
        id: Id of the resource.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | None, as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        await client.send_async(
            build_request(
                id=id,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


async def asyncio(
    id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> None:
    """Delete an asset

    Inferred: no published page shows this operation.

    Args:
        id: Id of the resource.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: None.

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
                id=id,
                x_organization_id=x_organization_id,
            )
        )
    )


def _success(response: httpx.Response) -> None:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("None", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
