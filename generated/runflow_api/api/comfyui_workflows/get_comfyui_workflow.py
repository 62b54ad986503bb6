"""get_comfyui_workflow: GET /v1/comfyui-workflows/{owner}/{slug}"""

from typing import Final, cast

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.comfyui_workflow import ComfyuiWorkflow
from ...models.error_response import ErrorResponse
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(name="get_comfyui_workflow", method="GET", path="/v1/comfyui-workflows/{owner}/{slug}")


def build_request(
    owner: str,
    slug: str,
    *,
    x_organization_id: str | None | Unset = UNSET,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        What `Client.send` takes.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
    """
    return _encoding.request(
        OPERATION,
        "/v1/comfyui-workflows/" + _encoding.path_value("owner", owner) + "/" + _encoding.path_value("slug", slug),
        headers={
            "X-Organization-Id": x_organization_id,
        },
    )


def parse_response(response: httpx.Response) -> ComfyuiWorkflow | ErrorResponse:
    """Read a response of this operation.

    Returns:
        ComfyuiWorkflow | ErrorResponse

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 200:
        return _responses.json_body(OPERATION, response, ComfyuiWorkflow.from_dict)
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    owner: str,
    slug: str,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ComfyuiWorkflow | ErrorResponse]:
    """Get a ComfyUI workflow

    Outside the published document.

    Inferred: no published page shows this operation.

    Args:
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ComfyuiWorkflow | ErrorResponse, as the status says.

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
    x_organization_id: str | None | Unset = UNSET,
) -> ComfyuiWorkflow:
    """Get a ComfyUI workflow

    Outside the published document.

    Inferred: no published page shows this operation.

    Args:
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: ComfyuiWorkflow.

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
                x_organization_id=x_organization_id,
            )
        )
    )


async def asyncio_detailed(
    owner: str,
    slug: str,
    *,
    client: Client,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ComfyuiWorkflow | ErrorResponse]:
    """Get a ComfyUI workflow

    Outside the published document.

    Inferred: no published page shows this operation.

    Args:
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ComfyuiWorkflow | ErrorResponse, as the status says.

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
    x_organization_id: str | None | Unset = UNSET,
) -> ComfyuiWorkflow:
    """Get a ComfyUI workflow

    Outside the published document.

    Inferred: no published page shows this operation.

    Args:
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: ComfyuiWorkflow.

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
                x_organization_id=x_organization_id,
            )
        )
    )


def _success(response: httpx.Response) -> ComfyuiWorkflow:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("ComfyuiWorkflow", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
