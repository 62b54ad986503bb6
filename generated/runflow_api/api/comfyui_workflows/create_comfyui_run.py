"""create_comfyui_run: POST /v1/comfyui-workflows/{owner}/{slug}/runs"""

from typing import Final, cast

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.error_response import ErrorResponse
from ...models.run import Run
from ...models.run_create import RunCreate
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(name="create_comfyui_run", method="POST", path="/v1/comfyui-workflows/{owner}/{slug}/runs")


def build_request(
    owner: str,
    slug: str,
    *,
    body: RunCreate,
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
    _request = _encoding.request(
        OPERATION,
        "/v1/comfyui-workflows/"
        + _encoding.path_value("owner", owner)
        + "/"
        + _encoding.path_value("slug", slug)
        + "/runs",
        headers={
            "X-Organization-Id": x_organization_id,
        },
    )
    _encoding.add_json(_request, body, "application/json")
    return _request


def parse_response(response: httpx.Response) -> ErrorResponse | Run:
    """Read a response of this operation.

    Returns:
        ErrorResponse | Run

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 201:
        return _responses.json_body(OPERATION, response, Run.from_dict)
    if response.status_code in (400, 401, 402, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    owner: str,
    slug: str,
    *,
    client: Client,
    body: RunCreate,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | Run]:
    """Run a ComfyUI workflow

    Outside the published document. Public programs read the run's id from run_id first, and from id where
    there is no run_id. Until the organization is enrolled in the beta, the answer is 403 with the code
    COMFYUI_DEPLOY_BETA_NOT_ENABLED.

    Inferred: no published page shows this operation.

    Args:
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | Run, as the status says.

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
    body: RunCreate,
    x_organization_id: str | None | Unset = UNSET,
) -> Run:
    """Run a ComfyUI workflow

    Outside the published document. Public programs read the run's id from run_id first, and from id where
    there is no run_id. Until the organization is enrolled in the beta, the answer is 403 with the code
    COMFYUI_DEPLOY_BETA_NOT_ENABLED.

    Inferred: no published page shows this operation.

    Args:
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: Run.

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
                x_organization_id=x_organization_id,
            )
        )
    )


async def asyncio_detailed(
    owner: str,
    slug: str,
    *,
    client: Client,
    body: RunCreate,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[ErrorResponse | Run]:
    """Run a ComfyUI workflow

    Outside the published document. Public programs read the run's id from run_id first, and from id where
    there is no run_id. Until the organization is enrolled in the beta, the answer is 403 with the code
    COMFYUI_DEPLOY_BETA_NOT_ENABLED.

    Inferred: no published page shows this operation.

    Args:
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is ErrorResponse | Run, as the status says.

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
    body: RunCreate,
    x_organization_id: str | None | Unset = UNSET,
) -> Run:
    """Run a ComfyUI workflow

    Outside the published document. Public programs read the run's id from run_id first, and from id where
    there is no run_id. Until the organization is enrolled in the beta, the answer is 403 with the code
    COMFYUI_DEPLOY_BETA_NOT_ENABLED.

    Inferred: no published page shows this operation.

    Args:
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: Run.

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
                x_organization_id=x_organization_id,
            )
        )
    )


def _success(response: httpx.Response) -> Run:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("Run", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
