"""list_batch_items: GET /v1/batches/{batch_id}/items"""

from typing import Final, cast
from uuid import UUID

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.batch_item_page import BatchItemPage
from ...models.error_response import ErrorResponse
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(name="list_batch_items", method="GET", path="/v1/batches/{batch_id}/items")


def build_request(
    batch_id: UUID,
    *,
    fields: str | None | Unset = UNSET,
    from_prev: bool | Unset = UNSET,
    limit: int | None | Unset = UNSET,
    pq: str | None | Unset = UNSET,
    q: str | None | Unset = UNSET,
    sort_by: str | None | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        batch_id: Id of the batch.
        fields: Properties to return, separated by commas. Without it: all.
        from_prev: Read backward from the cursor.
        limit: Items on a page.
        pq: Cursor of the page, taken from the page before.
        q: Filter expression, such as client_ref.EQ:'my-reference'.
        sort_by: Order, such as created_at:desc. Several are separated by commas.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        What `Client.send` takes.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
    """
    return _encoding.request(
        OPERATION,
        "/v1/batches/" + _encoding.path_value("batch_id", batch_id) + "/items",
        query={
            "fields": fields,
            "from_prev": from_prev,
            "limit": limit,
            "pq": pq,
            "q": q,
            "sort_by": sort_by,
        },
        headers={
            "X-Organization-Id": x_organization_id,
        },
    )


def parse_response(response: httpx.Response) -> BatchItemPage | ErrorResponse:
    """Read a response of this operation.

    Returns:
        BatchItemPage | ErrorResponse

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 200:
        return _responses.json_body(OPERATION, response, BatchItemPage.from_dict)
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    batch_id: UUID,
    *,
    client: Client,
    fields: str | None | Unset = UNSET,
    from_prev: bool | Unset = UNSET,
    limit: int | None | Unset = UNSET,
    pq: str | None | Unset = UNSET,
    q: str | None | Unset = UNSET,
    sort_by: str | None | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[BatchItemPage | ErrorResponse]:
    """List the items of a batch

    With the live state of each.

    Args:
        batch_id: Id of the batch.
        fields: Properties to return, separated by commas. Without it: all.
        from_prev: Read backward from the cursor.
        limit: Items on a page.
        pq: Cursor of the page, taken from the page before.
        q: Filter expression, such as client_ref.EQ:'my-reference'.
        sort_by: Order, such as created_at:desc. Several are separated by commas.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is BatchItemPage | ErrorResponse, as the status says.

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
                fields=fields,
                from_prev=from_prev,
                limit=limit,
                pq=pq,
                q=q,
                sort_by=sort_by,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


def sync(
    batch_id: UUID,
    *,
    client: Client,
    fields: str | None | Unset = UNSET,
    from_prev: bool | Unset = UNSET,
    limit: int | None | Unset = UNSET,
    pq: str | None | Unset = UNSET,
    q: str | None | Unset = UNSET,
    sort_by: str | None | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> BatchItemPage:
    """List the items of a batch

    With the live state of each.

    Args:
        batch_id: Id of the batch.
        fields: Properties to return, separated by commas. Without it: all.
        from_prev: Read backward from the cursor.
        limit: Items on a page.
        pq: Cursor of the page, taken from the page before.
        q: Filter expression, such as client_ref.EQ:'my-reference'.
        sort_by: Order, such as created_at:desc. Several are separated by commas.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: BatchItemPage.

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
                fields=fields,
                from_prev=from_prev,
                limit=limit,
                pq=pq,
                q=q,
                sort_by=sort_by,
                x_organization_id=x_organization_id,
            )
        )
    )


async def asyncio_detailed(
    batch_id: UUID,
    *,
    client: Client,
    fields: str | None | Unset = UNSET,
    from_prev: bool | Unset = UNSET,
    limit: int | None | Unset = UNSET,
    pq: str | None | Unset = UNSET,
    q: str | None | Unset = UNSET,
    sort_by: str | None | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[BatchItemPage | ErrorResponse]:
    """List the items of a batch

    With the live state of each.

    Args:
        batch_id: Id of the batch.
        fields: Properties to return, separated by commas. Without it: all.
        from_prev: Read backward from the cursor.
        limit: Items on a page.
        pq: Cursor of the page, taken from the page before.
        q: Filter expression, such as client_ref.EQ:'my-reference'.
        sort_by: Order, such as created_at:desc. Several are separated by commas.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is BatchItemPage | ErrorResponse, as the status says.

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
                fields=fields,
                from_prev=from_prev,
                limit=limit,
                pq=pq,
                q=q,
                sort_by=sort_by,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


async def asyncio(
    batch_id: UUID,
    *,
    client: Client,
    fields: str | None | Unset = UNSET,
    from_prev: bool | Unset = UNSET,
    limit: int | None | Unset = UNSET,
    pq: str | None | Unset = UNSET,
    q: str | None | Unset = UNSET,
    sort_by: str | None | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> BatchItemPage:
    """List the items of a batch

    With the live state of each.

    Args:
        batch_id: Id of the batch.
        fields: Properties to return, separated by commas. Without it: all.
        from_prev: Read backward from the cursor.
        limit: Items on a page.
        pq: Cursor of the page, taken from the page before.
        q: Filter expression, such as client_ref.EQ:'my-reference'.
        sort_by: Order, such as created_at:desc. Several are separated by commas.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: BatchItemPage.

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
                fields=fields,
                from_prev=from_prev,
                limit=limit,
                pq=pq,
                q=q,
                sort_by=sort_by,
                x_organization_id=x_organization_id,
            )
        )
    )


def _success(response: httpx.Response) -> BatchItemPage:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("BatchItemPage", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
