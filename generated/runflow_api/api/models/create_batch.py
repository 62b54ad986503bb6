"""create_batch: POST /v1/models/{owner}/{slug}/batches"""

from typing import Final, cast

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.batch_create import BatchCreate
from ...models.batch_created import BatchCreated
from ...models.error_response import ErrorResponse
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(name="create_batch", method="POST", path="/v1/models/{owner}/{slug}/batches")


def build_request(
    owner: str,
    slug: str,
    *,
    body: BatchCreate,
    idempotency_key: str | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        owner: First segment of the model id.
        slug: The rest of the model id. Model ids have 2 to 5 segments, so it may hold slashes and dots:
            keep them.
        idempotency_key: Same key and same body: the first answer again. Same key and another body: 409.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        What `Client.send` takes.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
    """
    _request = _encoding.request(
        OPERATION,
        "/v1/models/"
        + _encoding.path_value("owner", owner)
        + "/"
        + _encoding.path_value("slug", slug, many_segments=True)
        + "/batches",
        headers={
            "Idempotency-Key": idempotency_key,
            "X-Organization-Id": x_organization_id,
        },
    )
    _encoding.add_json(_request, body, "application/json")
    return _request


def parse_response(response: httpx.Response) -> BatchCreated | ErrorResponse:
    """Read a response of this operation.

    Returns:
        BatchCreated | ErrorResponse

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 201:
        return _responses.json_body(OPERATION, response, BatchCreated.from_dict)
    if response.status_code in (400, 401, 402, 403, 404, 409, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    owner: str,
    slug: str,
    *,
    client: Client,
    body: BatchCreate,
    idempotency_key: str | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[BatchCreated | ErrorResponse]:
    """Create a batch

    Starts one run for each item. Refused whole when the credit does not cover all of them.

    Args:
        owner: First segment of the model id.
        slug: The rest of the model id. Model ids have 2 to 5 segments, so it may hold slashes and dots:
            keep them.
        idempotency_key: Same key and same body: the first answer again. Same key and another body: 409.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is BatchCreated | ErrorResponse, as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        client.send(
            build_request(
                owner=owner,
                slug=slug,
                body=body,
                idempotency_key=idempotency_key,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


def sync(
    owner: str,
    slug: str,
    *,
    client: Client,
    body: BatchCreate,
    idempotency_key: str | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> BatchCreated:
    """Create a batch

    Starts one run for each item. Refused whole when the credit does not cover all of them.

    Args:
        owner: First segment of the model id.
        slug: The rest of the model id. Model ids have 2 to 5 segments, so it may hold slashes and dots:
            keep them.
        idempotency_key: Same key and same body: the first answer again. Same key and another body: 409.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: BatchCreated.

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
                owner=owner,
                slug=slug,
                body=body,
                idempotency_key=idempotency_key,
                x_organization_id=x_organization_id,
            )
        )
    )


async def asyncio_detailed(
    owner: str,
    slug: str,
    *,
    client: Client,
    body: BatchCreate,
    idempotency_key: str | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[BatchCreated | ErrorResponse]:
    """Create a batch

    Starts one run for each item. Refused whole when the credit does not cover all of them.

    Args:
        owner: First segment of the model id.
        slug: The rest of the model id. Model ids have 2 to 5 segments, so it may hold slashes and dots:
            keep them.
        idempotency_key: Same key and same body: the first answer again. Same key and another body: 409.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is BatchCreated | ErrorResponse, as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        await client.send_async(
            build_request(
                owner=owner,
                slug=slug,
                body=body,
                idempotency_key=idempotency_key,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


async def asyncio(
    owner: str,
    slug: str,
    *,
    client: Client,
    body: BatchCreate,
    idempotency_key: str | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> BatchCreated:
    """Create a batch

    Starts one run for each item. Refused whole when the credit does not cover all of them.

    Args:
        owner: First segment of the model id.
        slug: The rest of the model id. Model ids have 2 to 5 segments, so it may hold slashes and dots:
            keep them.
        idempotency_key: Same key and same body: the first answer again. Same key and another body: 409.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: BatchCreated.

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
                owner=owner,
                slug=slug,
                body=body,
                idempotency_key=idempotency_key,
                x_organization_id=x_organization_id,
            )
        )
    )


def _success(response: httpx.Response) -> BatchCreated:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("BatchCreated", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
