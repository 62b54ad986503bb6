"""list_webhooks: GET /v1/webhooks"""

from typing import Final, cast

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.error_response import ErrorResponse
from ...models.webhook_page import WebhookPage
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(name="list_webhooks", method="GET", path="/v1/webhooks")


def build_request(
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
        fields: Properties to return, separated by commas. Without it: all.
        from_prev: Read backward from the cursor.
        limit: Items on a page.
        pq: Cursor of the page, taken from the page before.
        q: Filter expression, such as client_ref.EQ:'my-reference'.
        sort_by: Order, such as created_at:desc. Several are separated by commas.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        What `Client.send` takes.
    """
    return _encoding.request(
        OPERATION,
        "/v1/webhooks",
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


def parse_response(response: httpx.Response) -> ErrorResponse | WebhookPage:
    """Read a response of this operation.

    Returns:
        ErrorResponse | WebhookPage

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 200:
        return _responses.json_body(OPERATION, response, WebhookPage.from_dict)
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    *,
    client: Client,
    fields: str | None | Unset = UNSET,
    from_prev: bool | Unset = UNSET,
    limit: int | None | Unset = UNSET,
    pq: str | None | Unset = UNSET,
    q: str | None | Unset = UNSET,
    sort_by: str | None | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | WebhookPage]:
    """List webhooks

    Args:
        fields: Properties to return, separated by commas. Without it: all.
        from_prev: Read backward from the cursor.
        limit: Items on a page.
        pq: Cursor of the page, taken from the page before.
        q: Filter expression, such as client_ref.EQ:'my-reference'.
        sort_by: Order, such as created_at:desc. Several are separated by commas.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | WebhookPage, as the status says.

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        client.send(
            build_request(
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
    *,
    client: Client,
    fields: str | None | Unset = UNSET,
    from_prev: bool | Unset = UNSET,
    limit: int | None | Unset = UNSET,
    pq: str | None | Unset = UNSET,
    q: str | None | Unset = UNSET,
    sort_by: str | None | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> WebhookPage:
    """List webhooks

    Args:
        fields: Properties to return, separated by commas. Without it: all.
        from_prev: Read backward from the cursor.
        limit: Items on a page.
        pq: Cursor of the page, taken from the page before.
        q: Filter expression, such as client_ref.EQ:'my-reference'.
        sort_by: Order, such as created_at:desc. Several are separated by commas.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: WebhookPage.

    Raises:
        ErrorStatus: The status is a documented one outside 200 to 299.
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _success(
        client.send(
            build_request(
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
    *,
    client: Client,
    fields: str | None | Unset = UNSET,
    from_prev: bool | Unset = UNSET,
    limit: int | None | Unset = UNSET,
    pq: str | None | Unset = UNSET,
    q: str | None | Unset = UNSET,
    sort_by: str | None | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | WebhookPage]:
    """List webhooks

    Args:
        fields: Properties to return, separated by commas. Without it: all.
        from_prev: Read backward from the cursor.
        limit: Items on a page.
        pq: Cursor of the page, taken from the page before.
        q: Filter expression, such as client_ref.EQ:'my-reference'.
        sort_by: Order, such as created_at:desc. Several are separated by commas.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | WebhookPage, as the status says.

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        await client.send_async(
            build_request(
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
    *,
    client: Client,
    fields: str | None | Unset = UNSET,
    from_prev: bool | Unset = UNSET,
    limit: int | None | Unset = UNSET,
    pq: str | None | Unset = UNSET,
    q: str | None | Unset = UNSET,
    sort_by: str | None | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> WebhookPage:
    """List webhooks

    Args:
        fields: Properties to return, separated by commas. Without it: all.
        from_prev: Read backward from the cursor.
        limit: Items on a page.
        pq: Cursor of the page, taken from the page before.
        q: Filter expression, such as client_ref.EQ:'my-reference'.
        sort_by: Order, such as created_at:desc. Several are separated by commas.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: WebhookPage.

    Raises:
        ErrorStatus: The status is a documented one outside 200 to 299.
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _success(
        await client.send_async(
            build_request(
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


def _success(response: httpx.Response) -> WebhookPage:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("WebhookPage", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
