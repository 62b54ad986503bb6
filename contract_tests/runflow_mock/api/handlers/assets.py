"""Upload files in three steps, and read the assets that they become."""

from ...contract.answers import Refusal, Reply, invalid
from ...contract.identifiers import is_uuid, named_id
from ...contract.json_types import JsonObject
from ...simulation.assets import asset_type
from ...state.clock import api_instant
from ...state.settings import MEDIA_TYPES
from ..calls import Call, handles
from ..lists import embeds_of, page, project


@handles("create_asset_upload", "POST", "/v1/asset-uploads", scope="assets:create")
def create_asset_upload(call: Call) -> JsonObject:
    """Begin an upload: the file is then PUT to `upload_url`.

    Raise the 422 for a media type that assets cannot have.
    """
    accepted = call.state.settings.asset_media_types
    wanted = call.fields["mime_type"].lower()
    if accepted is not None and wanted not in {one.lower() for one in accepted}:
        raise invalid(
            ["body", "mime_type"],
            f"Input should be one of {', '.join(repr(item) for item in accepted)}",
            "enum",
        )
    return call.simulation.assets.begin_upload(call.organization_id, call.fields, call.now)


@handles(
    "confirm_asset_upload",
    "POST",
    "/v1/asset-uploads/{asset_upload_id}/confirmations",
    scope="assets:create",
)
def confirm_asset_upload(call: Call) -> JsonObject:
    """Make the asset of an upload.

    The file must have been uploaded, with the announced size.
    """
    upload = call.own(call.state.uploads, call.path_values[0], "asset upload")
    content = call.state.files.get(upload["id"])
    if content is None:
        raise Refusal(
            404, f"nothing was uploaded to {upload['id']} yet: PUT the file to upload_url first"
        )
    if len(content) != upload["size_bytes"]:
        raise invalid(
            ["body", "size_bytes"],
            f"{upload['size_bytes']} bytes were announced, {len(content)} were uploaded",
            "size_mismatch",
        )
    row = call.simulation.assets.confirm(upload, call.fields.get("folder_id"), call.now)
    return call.simulation.assets.view(row, call.now)


@handles("list_assets", "GET", "/v1/assets", scope="assets:read")
def list_assets(call: Call) -> JsonObject:
    """Return a page of the organization's assets, each URL freshly signed."""
    rows = call.owned(call.state.assets)
    return page(
        rows,
        call.query,
        render=lambda row: project(call.simulation.assets.view(row, call.now), call.query),
    )


@handles("list_asset_types", "GET", "/v1/assets/types", scope="assets:read")
def list_asset_types(call: Call) -> list[JsonObject]:
    """Return the media types that assets can have."""
    accepted = call.state.settings.asset_media_types
    return [
        {"mime_type": media_type, "asset_type": asset_type(media_type)}
        for media_type in (MEDIA_TYPES if accepted is None else accepted)
    ]


@handles("get_asset", "GET", "/v1/assets/{id}", scope="assets:read")
def get_asset(call: Call) -> JsonObject:
    """Return one asset, its URL freshly signed."""
    view = call.simulation.assets.view(_own_asset(call), call.now)
    if "created_by_user" in embeds_of(call.query):
        view["created_by_user"] = {
            "id": named_id("user", call.organization_id),
            "email": "developer@example.com",
            "first_name": "Mock",
            "last_name": "Developer",
            "avatar_url": None,
        }
    return project(view, call.query)


@handles("update_asset", "PATCH", "/v1/assets/{id}", scope="assets:edit")
def update_asset(call: Call) -> JsonObject:
    """Rename an asset or move it to a folder."""
    changes = {name: value for name, value in call.fields.items() if name in ("name", "folder_id")}
    for name, value in changes.items():
        if value is not None and not isinstance(value, str):
            raise invalid(["body", name], "Input should be a valid string", "string_type")
    if changes.get("folder_id") is not None and not is_uuid(changes["folder_id"]):
        raise invalid(["body", "folder_id"], "Input should be a valid UUID", "uuid_parsing")
    row = {**_own_asset(call), **changes, "updated_at": api_instant(call.now)}
    return call.simulation.assets.view(call.state.assets.put(row), call.now)


@handles("delete_asset", "DELETE", "/v1/assets/{id}", scope="assets:delete")
def delete_asset(call: Call) -> Reply:
    """Delete an asset and its file."""
    row = _own_asset(call)
    call.state.assets.delete(row["id"])
    call.state.uploads.delete(row["id"])
    call.state.files.delete(row["id"])
    return Reply()


def _own_asset(call: Call) -> JsonObject:
    return call.own(call.state.assets, call.path_values[0], "asset")
