"""get_current_user: GET /v1/auth/me"""

from typing import Final, cast

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.error_response import ErrorResponse
from ...models.user_profile import UserProfile
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(name="get_current_user", method="GET", path="/v1/auth/me")


def build_request(
    *,
    embed: str | None | Unset = UNSET,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        embed: Relations to include, separated by commas: memberships, organizations, pending_invitations.

    Returns:
        What `Client.send` takes.
    """
    return _encoding.request(
        OPERATION,
        "/v1/auth/me",
        query={
            "embed": embed,
        },
    )


def parse_response(response: httpx.Response) -> ErrorResponse | UserProfile:
    """Read a response of this operation.

    Returns:
        ErrorResponse | UserProfile

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 200:
        return _responses.json_body(OPERATION, response, UserProfile.from_dict)
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    *,
    client: Client,
    embed: str | None | Unset = UNSET,
) -> Response[ErrorResponse | UserProfile]:
    """Get the current user

    Whose key this is, and the organizations it may act for.

    Args:
        embed: Relations to include, separated by commas: memberships, organizations, pending_invitations.

    Returns:
        The response. Its `parsed` is ErrorResponse | UserProfile, as the status says.

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        client.send(
            build_request(
                embed=embed,
            )
        ),
        parse_response,
    )


def sync(
    *,
    client: Client,
    embed: str | None | Unset = UNSET,
) -> UserProfile:
    """Get the current user

    Whose key this is, and the organizations it may act for.

    Args:
        embed: Relations to include, separated by commas: memberships, organizations, pending_invitations.

    Returns:
        The body: UserProfile.

    Raises:
        ErrorStatus: The status is a documented one outside 200 to 299.
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _success(
        client.send(
            build_request(
                embed=embed,
            )
        )
    )


async def asyncio_detailed(
    *,
    client: Client,
    embed: str | None | Unset = UNSET,
) -> Response[ErrorResponse | UserProfile]:
    """Get the current user

    Whose key this is, and the organizations it may act for.

    Args:
        embed: Relations to include, separated by commas: memberships, organizations, pending_invitations.

    Returns:
        The response. Its `parsed` is ErrorResponse | UserProfile, as the status says.

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        await client.send_async(
            build_request(
                embed=embed,
            )
        ),
        parse_response,
    )


async def asyncio(
    *,
    client: Client,
    embed: str | None | Unset = UNSET,
) -> UserProfile:
    """Get the current user

    Whose key this is, and the organizations it may act for.

    Args:
        embed: Relations to include, separated by commas: memberships, organizations, pending_invitations.

    Returns:
        The body: UserProfile.

    Raises:
        ErrorStatus: The status is a documented one outside 200 to 299.
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _success(
        await client.send_async(
            build_request(
                embed=embed,
            )
        )
    )


def _success(response: httpx.Response) -> UserProfile:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("UserProfile", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
