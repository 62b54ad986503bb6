"""get_balance: GET /v1/billing/balance"""

from typing import Final, cast

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.credit_balance import CreditBalance
from ...models.error_response import ErrorResponse
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(name="get_balance", method="GET", path="/v1/billing/balance")


def build_request(
    *,
    x_organization_id: str | None | Unset = UNSET,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        What `Client.send` takes.
    """
    return _encoding.request(
        OPERATION,
        "/v1/billing/balance",
        headers={
            "X-Organization-Id": x_organization_id,
        },
    )


def parse_response(response: httpx.Response) -> CreditBalance | ErrorResponse:
    """Read a response of this operation.

    Returns:
        CreditBalance | ErrorResponse

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 200:
        return _responses.json_body(OPERATION, response, CreditBalance.from_dict)
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[CreditBalance | ErrorResponse]:
    """Get the credit balance

    Args:
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is CreditBalance | ErrorResponse, as the status says.

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        client.send(
            build_request(
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


def sync(
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> CreditBalance:
    """Get the credit balance

    Args:
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: CreditBalance.

    Raises:
        ErrorStatus: The status is a documented one outside 200 to 299.
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _success(
        client.send(
            build_request(
                x_organization_id=x_organization_id,
            )
        )
    )


async def asyncio_detailed(
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[CreditBalance | ErrorResponse]:
    """Get the credit balance

    Args:
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is CreditBalance | ErrorResponse, as the status says.

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        await client.send_async(
            build_request(
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


async def asyncio(
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> CreditBalance:
    """Get the credit balance

    Args:
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: CreditBalance.

    Raises:
        ErrorStatus: The status is a documented one outside 200 to 299.
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _success(
        await client.send_async(
            build_request(
                x_organization_id=x_organization_id,
            )
        )
    )


def _success(response: httpx.Response) -> CreditBalance:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("CreditBalance", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
