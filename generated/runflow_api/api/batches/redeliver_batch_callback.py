"""redeliver_batch_callback: POST /v1/batches/{batch_id}/callback-redeliveries"""

from typing import Final, cast
from uuid import UUID

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.batch_callback_delivery import BatchCallbackDelivery
from ...models.error_response import ErrorResponse
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(
    name="redeliver_batch_callback", method="POST", path="/v1/batches/{batch_id}/callback-redeliveries"
)


def build_request(
    batch_id: UUID,
    *,
    x_organization_id: str | None | Unset = UNSET,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        batch_id: Id of the batch.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        What `Client.send` takes.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
    """
    return _encoding.request(
        OPERATION,
        "/v1/batches/" + _encoding.path_value("batch_id", batch_id) + "/callback-redeliveries",
        headers={
            "X-Organization-Id": x_organization_id,
        },
    )


def parse_response(response: httpx.Response) -> BatchCallbackDelivery | ErrorResponse:
    """Read a response of this operation.

    Returns:
        BatchCallbackDelivery | ErrorResponse

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code in (200, 201):
        return _responses.json_body(OPERATION, response, BatchCallbackDelivery.from_dict)
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    batch_id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[BatchCallbackDelivery | ErrorResponse]:
    """Deliver the callback of a batch again

    The batch must be terminal and have a callback_url. A second redelivery at the same time is a 422.

    Args:
        batch_id: Id of the batch.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is BatchCallbackDelivery | ErrorResponse, as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        client.send(
            build_request(
                batch_id=batch_id,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


def sync(
    batch_id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> BatchCallbackDelivery:
    """Deliver the callback of a batch again

    The batch must be terminal and have a callback_url. A second redelivery at the same time is a 422.

    Args:
        batch_id: Id of the batch.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: BatchCallbackDelivery.

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
                batch_id=batch_id,
                x_organization_id=x_organization_id,
            )
        )
    )


async def asyncio_detailed(
    batch_id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[BatchCallbackDelivery | ErrorResponse]:
    """Deliver the callback of a batch again

    The batch must be terminal and have a callback_url. A second redelivery at the same time is a 422.

    Args:
        batch_id: Id of the batch.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is BatchCallbackDelivery | ErrorResponse, as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        await client.send_async(
            build_request(
                batch_id=batch_id,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


async def asyncio(
    batch_id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> BatchCallbackDelivery:
    """Deliver the callback of a batch again

    The batch must be terminal and have a callback_url. A second redelivery at the same time is a 422.

    Args:
        batch_id: Id of the batch.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: BatchCallbackDelivery.

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
                batch_id=batch_id,
                x_organization_id=x_organization_id,
            )
        )
    )


def _success(response: httpx.Response) -> BatchCallbackDelivery:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("BatchCallbackDelivery", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
