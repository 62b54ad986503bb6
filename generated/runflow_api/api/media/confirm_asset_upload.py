"""confirm_asset_upload: POST /v1/asset-uploads/{asset_upload_id}/confirmations"""

from typing import Final, cast
from uuid import UUID

from ... import encoding as _encoding
from ... import errors as _errors
from ... import responses as _responses
from ...client import Client
from ...http_library import httpx
from ...models.asset import Asset
from ...models.asset_upload_confirm import AssetUploadConfirm
from ...models.error_response import ErrorResponse
from ...types import UNSET, Operation, RequestArguments, Response, Unset

OPERATION: Final = Operation(
    name="confirm_asset_upload", method="POST", path="/v1/asset-uploads/{asset_upload_id}/confirmations"
)


def build_request(
    asset_upload_id: UUID,
    *,
    body: AssetUploadConfirm | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> RequestArguments:
    """Build the request of this operation. Nothing is sent.

    Args:
        asset_upload_id: Id of the asset upload.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        What `Client.send` takes.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
    """
    _request = _encoding.request(
        OPERATION,
        "/v1/asset-uploads/" + _encoding.path_value("asset_upload_id", asset_upload_id) + "/confirmations",
        headers={
            "X-Organization-Id": x_organization_id,
        },
    )
    _encoding.add_json(_request, body, "application/json")
    return _request


def parse_response(response: httpx.Response) -> Asset | ErrorResponse:
    """Read a response of this operation.

    Returns:
        Asset | ErrorResponse

    Raises:
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
    """
    if response.status_code == 201:
        return _responses.json_body(OPERATION, response, Asset.from_dict)
    if response.status_code in (400, 401, 403, 404, 422, 429, 503):
        return _responses.json_body(OPERATION, response, ErrorResponse.from_dict)
    raise _errors.UnexpectedStatus(OPERATION, response)


def sync_detailed(
    asset_upload_id: UUID,
    *,
    client: Client,
    body: AssetUploadConfirm | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[Asset | ErrorResponse]:
    """Confirm an upload

    Checks that the bytes have arrived and makes the asset.

    Args:
        asset_upload_id: Id of the asset upload.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is Asset | ErrorResponse, as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        client.send(
            build_request(
                asset_upload_id=asset_upload_id,
                body=body,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


def sync(
    asset_upload_id: UUID,
    *,
    client: Client,
    body: AssetUploadConfirm | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> Asset:
    """Confirm an upload

    Checks that the bytes have arrived and makes the asset.

    Args:
        asset_upload_id: Id of the asset upload.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: Asset.

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
                asset_upload_id=asset_upload_id,
                body=body,
                x_organization_id=x_organization_id,
            )
        )
    )


async def asyncio_detailed(
    asset_upload_id: UUID,
    *,
    client: Client,
    body: AssetUploadConfirm | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> Response[Asset | ErrorResponse]:
    """Confirm an upload

    Checks that the bytes have arrived and makes the asset.

    Args:
        asset_upload_id: Id of the asset upload.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The response. Its `parsed` is Asset | ErrorResponse, as the status says.

    Raises:
        ValueError: A path parameter is not set, or a segment of it is empty, "." or "..".
        UnexpectedStatus: The document does not name the status of the response.
        InvalidResponse: The body cannot be read as documented.
        httpx.TransportError: No response came; httpx.TimeoutException, one of them, when the timeout was over.
    """
    return _responses.detailed(
        await client.send_async(
            build_request(
                asset_upload_id=asset_upload_id,
                body=body,
                x_organization_id=x_organization_id,
            )
        ),
        parse_response,
    )


async def asyncio(
    asset_upload_id: UUID,
    *,
    client: Client,
    body: AssetUploadConfirm | Unset = UNSET,
    x_organization_id: str | None | Unset = UNSET,
) -> Asset:
    """Confirm an upload

    Checks that the bytes have arrived and makes the asset.

    Args:
        asset_upload_id: Id of the asset upload.
        x_organization_id: The organization to act for. Without it: the organization of the key.

    Returns:
        The body: Asset.

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
                asset_upload_id=asset_upload_id,
                body=body,
                x_organization_id=x_organization_id,
            )
        )
    )


def _success(response: httpx.Response) -> Asset:
    _parsed = parse_response(response)
    if response.is_success:
        return cast("Asset", _parsed)
    raise _errors.ErrorStatus(OPERATION, response, _parsed)
