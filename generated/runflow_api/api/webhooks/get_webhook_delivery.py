"""get_webhook_delivery: GET /v1/webhooks/{webhook_id}/deliveries/{id}"""

from typing import Final, cast
from uuid import UUID

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.error_response import ErrorResponse
from ...models.webhook_delivery import WebhookDelivery
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(
    name="get_webhook_delivery", method="GET", path="/v1/webhooks/{webhook_id}/deliveries/{id}"
)


def build_request(
    webhook_id: str,
    id: UUID,
    *,
    embed: str | None | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        webhook_id: Id of the webhook, or the word any for all of them.
        id: Id of the resource.
        embed: Relations to include, separated by commas: attempts, webhook.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        What `Client.send` takes.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
    """
    return _encoding.request(
        OPERATION,
        "/v1/webhooks/"
        + _encoding.path_value("webhook_id", webhook_id)
        + "/deliveries/"
        + _encoding.path_value("id", id),
        query={
            "embed": embed,
        },
        headers={
            "X-Organization-Id": x_organization_id,
        },
    )


def parse_response(response: httpx.Response) -> ErrorResponse | WebhookDelivery:
    """Read a response of this operation.

    Returns:
        ErrorResponse | WebhookDelivery

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 200:
        return _responses.json_body(OPERATION, response, WebhookDelivery.from_dict)
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    webhook_id: str,
    id: UUID,
    *,
    client: Client,
    embed: str | None | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | WebhookDelivery]:
    """Get a delivery of a webhook

    Args:
        webhook_id: Id of the webhook, or the word any for all of them.
        id: Id of the resource.
        embed: Relations to include, separated by commas: attempts, webhook.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | WebhookDelivery, as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        client.send(
            build_request(
                webhook_id=webhook_id,
                id=id,
                embed=embed,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


def sync(
    webhook_id: str,
    id: UUID,
    *,
    client: Client,
    embed: str | None | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> WebhookDelivery:
    """Get a delivery of a webhook

    Args:
        webhook_id: Id of the webhook, or the word any for all of them.
        id: Id of the resource.
        embed: Relations to include, separated by commas: attempts, webhook.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: WebhookDelivery.

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
                webhook_id=webhook_id,
                id=id,
                embed=embed,
                x_organization_id=x_organization_id,
            )
        )
    )


async def asyncio_detailed(
    webhook_id: str,
    id: UUID,
    *,
    client: Client,
    embed: str | None | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | WebhookDelivery]:
    """Get a delivery of a webhook

    Args:
        webhook_id: Id of the webhook, or the word any for all of them.
        id: Id of the resource.
        embed: Relations to include, separated by commas: attempts, webhook.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | WebhookDelivery, as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        await client.send_async(
            build_request(
                webhook_id=webhook_id,
                id=id,
                embed=embed,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


async def asyncio(
    webhook_id: str,
    id: UUID,
    *,
    client: Client,
    embed: str | None | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> WebhookDelivery:
    """Get a delivery of a webhook

    Args:
        webhook_id: Id of the webhook, or the word any for all of them.
        id: Id of the resource.
        embed: Relations to include, separated by commas: attempts, webhook.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: WebhookDelivery.

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
                webhook_id=webhook_id,
                id=id,
                embed=embed,
                x_organization_id=x_organization_id,
            )
        )
    )


def _success(response: httpx.Response) -> WebhookDelivery:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("WebhookDelivery", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
