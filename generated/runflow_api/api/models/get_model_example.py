"""get_model_example: GET /v1/models/{model_id}/examples/{id}"""

from typing import Final, cast
from uuid import UUID

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.error_response import ErrorResponse
from ...models.model_example import ModelExample
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(name="get_model_example", method="GET", path="/v1/models/{model_id}/examples/{id}")


def build_request(
    model_id: str,
    id: UUID,
    *,
    x_organization_id: str | None | Unset = UNSET,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        model_id: Id of the model, or the word any for all of them.
        id: Id of the resource.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        What `Client.send` takes.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
    """
    return _encoding.request(
        OPERATION,
        "/v1/models/" + _encoding.path_value("model_id", model_id) + "/examples/" + _encoding.path_value("id", id),
        headers={
            "X-Organization-Id": x_organization_id,
        },
    )


def parse_response(response: httpx.Response) -> ErrorResponse | ModelExample:
    """Read a response of this operation.

    Returns:
        ErrorResponse | ModelExample

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 200:
        return _responses.json_body(OPERATION, response, ModelExample.from_dict)
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    model_id: str,
    id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | ModelExample]:
    """Get an example of a model

    Args:
        model_id: Id of the model, or the word any for all of them.
        id: Id of the resource.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | ModelExample, as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        client.send(
            build_request(
                model_id=model_id,
                id=id,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


def sync(
    model_id: str,
    id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> ModelExample:
    """Get an example of a model

    Args:
        model_id: Id of the model, or the word any for all of them.
        id: Id of the resource.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: ModelExample.

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
                model_id=model_id,
                id=id,
                x_organization_id=x_organization_id,
            )
        )
    )


async def asyncio_detailed(
    model_id: str,
    id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | ModelExample]:
    """Get an example of a model

    Args:
        model_id: Id of the model, or the word any for all of them.
        id: Id of the resource.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | ModelExample, as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        await client.send_async(
            build_request(
                model_id=model_id,
                id=id,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


async def asyncio(
    model_id: str,
    id: UUID,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> ModelExample:
    """Get an example of a model

    Args:
        model_id: Id of the model, or the word any for all of them.
        id: Id of the resource.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: ModelExample.

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
                model_id=model_id,
                id=id,
                x_organization_id=x_organization_id,
            )
        )
    )


def _success(response: httpx.Response) -> ModelExample:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("ModelExample", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
