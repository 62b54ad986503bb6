"""get_model: GET /v1/models/{owner}/{id}"""

from typing import Final, cast

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.error_response import ErrorResponse
from ...models.model import Model
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(name="get_model", method="GET", path="/v1/models/{owner}/{id}")


def build_request(
    owner: str,
    id: str,
    *,
    x_organization_id: str | None | Unset = UNSET,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        owner: First segment of the model id.
        id: The rest of the model id. Model ids have 2 to 5 segments, so it may hold slashes and dots: keep
            them.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        What `Client.send` takes.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
    """
    return _encoding.request(
        OPERATION,
        "/v1/models/" + _encoding.path_value("owner", owner) + "/" + _encoding.path_value("id", id, many_segments=True),
        headers={
            "X-Organization-Id": x_organization_id,
        },
    )


def parse_response(response: httpx.Response) -> ErrorResponse | Model:
    """Read a response of this operation.

    Returns:
        ErrorResponse | Model

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 200:
        return _responses.json_body(OPERATION, response, Model.from_dict)
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    owner: str,
    id: str,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | Model]:
    """Get a model

    Args:
        owner: First segment of the model id.
        id: The rest of the model id. Model ids have 2 to 5 segments, so it may hold slashes and dots: keep
            them.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | Model, as the status says.

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
                id=id,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


def sync(
    owner: str,
    id: str,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Model:
    """Get a model

    Args:
        owner: First segment of the model id.
        id: The rest of the model id. Model ids have 2 to 5 segments, so it may hold slashes and dots: keep
            them.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: Model.

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
                id=id,
                x_organization_id=x_organization_id,
            )
        )
    )


async def asyncio_detailed(
    owner: str,
    id: str,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | Model]:
    """Get a model

    Args:
        owner: First segment of the model id.
        id: The rest of the model id. Model ids have 2 to 5 segments, so it may hold slashes and dots: keep
            them.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | Model, as the status says.

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
                id=id,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


async def asyncio(
    owner: str,
    id: str,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Model:
    """Get a model

    Args:
        owner: First segment of the model id.
        id: The rest of the model id. Model ids have 2 to 5 segments, so it may hold slashes and dots: keep
            them.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: Model.

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
                id=id,
                x_organization_id=x_organization_id,
            )
        )
    )


def _success(response: httpx.Response) -> Model:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("Model", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
