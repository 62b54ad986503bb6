"""Laws of assets: an upload becomes an asset when its file is there as announced, and not before; then it keeps it."""

from typing import Any
from uuid import UUID

from runflow_api.api.media import confirm_asset_upload, create_asset_upload, get_asset, list_assets
from runflow_api.http_library import httpx
from runflow_api.models.asset_upload_confirm import AssetUploadConfirm
from runflow_api.models.asset_upload_create import AssetUploadCreate
from runflow_api.types import RequestArguments

from ..invariants import law
from ..target import Stage
from ._requests import Json, ids_of, refused, told

PICTURE = b"\x89PNG\r\n\x1a\n of the laws"
LARGEST = 52_428_800  # bytes


def new_asset(stage: Stage, **confirmation: Any) -> Json:
    """Upload a small picture, confirm it, and return the asset."""
    session = _begin(stage)
    law(_put(session, PICTURE).is_success, "an upload as announced is refused by the storage")
    return told(stage.http, _confirm(session, **confirmation))


def an_upload_becomes_an_asset(stage: Stage) -> None:
    """The asset is there once the upload is confirmed: with its name, type and size, in the list, and with its bytes."""
    asset = new_asset(stage)
    shown = told(stage.http, get_asset.build_request(UUID(asset["id"])))
    for name, value in {
        "name": "laws.png",
        "mime_type": "image/png",
        "size_bytes": len(PICTURE),
    }.items():
        law(
            shown[name] == value,
            f"{name} of asset {asset['id']} is {shown[name]!r}, uploaded was {value!r}",
        )
    listed = ids_of(told(stage.http, list_assets.build_request(limit=500)))
    law(
        listed.count(asset["id"]) == 1,
        f"asset {asset['id']} is {listed.count(asset['id'])} times in the list",
    )
    with httpx.Client() as storage:
        law(
            storage.get(shown["url"]).content == PICTURE,
            f"asset {asset['id']} has other bytes than were uploaded",
        )


def an_address_opens_nothing_without_its_signature(stage: Stage) -> None:
    """Neither the address of an asset nor that of an upload works without its query, or for another file."""
    first, second = new_asset(stage), new_asset(stage)
    session, other = _begin(stage), _begin(stage)
    moved: Json = {
        "upload_url": session["upload_url"].replace(session["asset_id"], other["asset_id"])
    }
    bare: Json = {"upload_url": session["upload_url"].partition("?")[0]}
    for wrong in (moved, bare):
        law(
            not _put(wrong, PICTURE).is_success,
            "the storage takes a file at an address that is not signed for it",
        )
    with httpx.Client() as storage:
        for address in (
            first["url"].partition("?")[0],
            first["url"].replace(first["id"], second["id"]),
        ):
            law(
                not storage.get(address).is_success,
                "the storage gives a file at an address that is not signed for it",
            )


def nothing_is_an_asset_before(stage: Stage) -> None:
    """Without its file an upload cannot be confirmed; before that there is no asset; a file of another size is refused."""
    session = _begin(stage)
    asset_id = session["asset_id"]
    refused(stage.http, _confirm(session), "before the file was uploaded")
    refused(
        stage.http, get_asset.build_request(UUID(asset_id)), "before the upload was confirmed", 404
    )
    answers = [_put(session, PICTURE + b"more"), stage.http.request(**_confirm(session))]
    law(
        not all(answer.is_success for answer in answers),
        f"a file larger than announced became asset {asset_id}",
    )
    listed = ids_of(told(stage.http, list_assets.build_request(limit=500)))
    law(asset_id not in listed, f"upload {asset_id} was not finished and is in the list of assets")


def the_largest_file_is_the_largest(stage: Stage) -> None:
    """An upload of 50 MiB can be begun, one byte more cannot."""
    _begin(stage, size_bytes=LARGEST)
    one_more: RequestArguments = {**_upload(), "json": {**_FIELDS, "size_bytes": LARGEST + 1}}
    refused(stage.http, one_more, "for more than 50 MiB", 413, 422)


_FIELDS: Json = {"filename": "laws.png", "mime_type": "image/png", "size_bytes": len(PICTURE)}


def _upload(**fields: Any) -> RequestArguments:
    return create_asset_upload.build_request(
        body=AssetUploadCreate.from_dict({**_FIELDS, **fields})
    )


def _begin(stage: Stage, **fields: Any) -> Json:
    return told(stage.http, _upload(**fields))


def _put(session: Json, content: bytes) -> httpx.Response:
    with httpx.Client() as storage:
        return storage.put(
            session["upload_url"], content=content, headers={"Content-Type": "image/png"}
        )


def _confirm(session: Json, **confirmation: Any) -> RequestArguments:
    body = AssetUploadConfirm.from_dict(confirmation)
    return confirm_asset_upload.build_request(UUID(session["asset_id"]), body=body)


CHECKS = (
    an_upload_becomes_an_asset,
    an_address_opens_nothing_without_its_signature,
    nothing_is_an_asset_before,
    the_largest_file_is_the_largest,
)
