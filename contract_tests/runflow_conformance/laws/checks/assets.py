"""Laws of assets: an upload becomes an asset once its file is complete, and not before."""

from typing import Any
from uuid import UUID

from runflow_api.api.media import confirm_asset_upload, create_asset_upload, get_asset, list_assets
from runflow_api.http_library import httpx
from runflow_api.models.asset_upload_confirm import AssetUploadConfirm
from runflow_api.models.asset_upload_create import AssetUploadCreate
from runflow_api.types import RequestArguments

from ..invariants import require
from ..target import Target
from ._requests import Json, expect_refusal, get_json, ids_of

PICTURE = b"\x89PNG\r\n\x1a\n of the laws"
MAX_SIZE = 52_428_800  # bytes


def new_asset(target: Target, **confirmation: Any) -> Json:
    """Upload a small image, confirm the upload, and return the asset."""
    session = _begin(target)
    require(
        _put(target, session, PICTURE).is_success,
        "an upload as announced is refused by the storage",
    )
    return get_json(target.http, _confirm(session, **confirmation))


def a_confirmed_upload_is_an_asset(target: Target) -> None:
    """A confirmed upload is an asset: listed, with its name, type, size and bytes."""
    asset = new_asset(target)
    shown = get_json(target.http, get_asset.build_request(UUID(asset["id"])))
    for name, value in {
        "name": "laws.png",
        "mime_type": "image/png",
        "size_bytes": len(PICTURE),
    }.items():
        require(
            shown[name] == value,
            f"{name} of asset {asset['id']} is {shown[name]!r}, uploaded was {value!r}",
        )
    listed = ids_of(get_json(target.http, list_assets.build_request(limit=500)))
    require(
        listed.count(asset["id"]) == 1,
        f"asset {asset['id']} is {listed.count(asset['id'])} times in the list",
    )
    with target.open_storage() as storage:
        require(
            storage.get(shown["url"]).content == PICTURE,
            f"asset {asset['id']} has other bytes than were uploaded",
        )


def urls_need_their_signature(target: Target) -> None:
    """The URLs of assets and uploads work only with their own signature."""
    first, second = new_asset(target), new_asset(target)
    session, other = _begin(target), _begin(target)
    moved: Json = {
        "upload_url": session["upload_url"].replace(session["asset_id"], other["asset_id"])
    }
    bare: Json = {"upload_url": session["upload_url"].partition("?")[0]}
    for wrong in (moved, bare):
        require(
            not _put(target, wrong, PICTURE).is_success,
            "the storage accepts a file at a URL that is not signed for it",
        )
    with target.open_storage() as storage:
        for address in (
            first["url"].partition("?")[0],
            first["url"].replace(first["id"], second["id"]),
        ):
            require(
                not storage.get(address).is_success,
                "the storage returns a file at a URL that is not signed for it",
            )


def an_unfinished_upload_is_no_asset(target: Target) -> None:
    """An upload without its file, or with a file of another size, does not become an asset."""
    session = _begin(target)
    asset_id = session["asset_id"]
    expect_refusal(target.http, _confirm(session), "before the file was uploaded")
    expect_refusal(
        target.http, get_asset.build_request(UUID(asset_id)), "before the upload was confirmed", 404
    )
    answers = [_put(target, session, PICTURE + b"more"), target.http.request(**_confirm(session))]
    require(
        not all(answer.is_success for answer in answers),
        f"a file larger than announced became asset {asset_id}",
    )
    listed = ids_of(get_json(target.http, list_assets.build_request(limit=500)))
    require(
        asset_id not in listed, f"upload {asset_id} was not finished and is in the list of assets"
    )


def size_limit_is_50_mib(target: Target) -> None:
    """An upload of 50 MiB is accepted, one of a byte more is refused."""
    _begin(target, size_bytes=MAX_SIZE)
    one_more: RequestArguments = {**_upload(), "json": {**_FIELDS, "size_bytes": MAX_SIZE + 1}}
    expect_refusal(target.http, one_more, "for more than 50 MiB", 413, 422)


_FIELDS: Json = {"filename": "laws.png", "mime_type": "image/png", "size_bytes": len(PICTURE)}


def _upload(**fields: Any) -> RequestArguments:
    return create_asset_upload.build_request(
        body=AssetUploadCreate.from_dict({**_FIELDS, **fields})
    )


def _begin(target: Target, **fields: Any) -> Json:
    return get_json(target.http, _upload(**fields))


def _put(target: Target, session: Json, content: bytes) -> httpx.Response:
    with target.open_storage() as storage:
        return storage.put(
            session["upload_url"], content=content, headers={"Content-Type": "image/png"}
        )


def _confirm(session: Json, **confirmation: Any) -> RequestArguments:
    body = AssetUploadConfirm.from_dict(confirmation)
    return confirm_asset_upload.build_request(UUID(session["asset_id"]), body=body)


CHECKS = (
    a_confirmed_upload_is_an_asset,
    urls_need_their_signature,
    an_unfinished_upload_is_no_asset,
    size_limit_is_50_mib,
)
