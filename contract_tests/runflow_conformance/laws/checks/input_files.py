"""Laws of files in inputs: references to assets and `data:` URIs."""

import base64
from uuid import UUID

from runflow_api.api.media import delete_asset, get_asset
from runflow_api.api.models import create_run
from runflow_api.models.run_create import RunCreate
from runflow_client._models.statuses import FAILED, SUCCEEDED

from ..invariants import require
from ..target import Target
from ._requests import Json, get_json, read_run, split_model_id, succeed, wait_until_ended
from .assets import PICTURE, new_asset

REFERENCE = "runflow://assets/"


def references_and_data_uris_are_accepted(target: Target) -> None:
    """An input takes a reference to an asset or a `data:` URI, and then has a URL."""
    asset = new_asset(target)
    inline = f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"
    for given in (REFERENCE + asset["id"], inline):
        run = _ended(target, given)
        require(
            run["status_code"] == SUCCEEDED, f"a run with {given[:20]}... has {run['status_code']}"
        )
        shown = run["input"][_field(target)]
        require(
            shown.startswith("http"), f"the input of run {run['id']} has {shown[:30]}, not a URL"
        )
        with target.open_storage() as storage:
            require(
                storage.get(shown).content == PICTURE,
                f"the input of run {run['id']} has a URL of other bytes",
            )


def a_deleted_asset_fails_the_run(target: Target) -> None:
    """A run whose input names a deleted asset fails."""
    gone = new_asset(target)
    succeed(target.http, delete_asset.build_request(UUID(gone["id"])))
    run = _ended(target, REFERENCE + gone["id"])
    require(
        run["status_code"] == FAILED,
        f"run {run['id']} names a deleted asset and has {run['status_code']}",
    )


def the_uploader_is_embedded_on_request(target: Target) -> None:
    """An asset embeds the user who created it, only on request."""
    asset = new_asset(target)
    plain = get_json(target.http, get_asset.build_request(UUID(asset["id"])))
    require(
        not plain.get("created_by_user"), f"asset {asset['id']} shows a user without being asked"
    )
    shown = get_json(
        target.http, get_asset.build_request(UUID(asset["id"]), embed="created_by_user")
    )
    user: Json = shown.get("created_by_user") or {}
    require(
        user.get("id") == asset["created_by"],
        f"asset {asset['id']} of {asset['created_by']} embeds {user.get('id')}",
    )


def _ended(target: Target, file: str) -> Json:
    """Create a run with this file in its input, let it end and return it."""
    body = RunCreate.from_dict({"input": {**target.batch_input, _field(target): file}})
    run_id = get_json(
        target.http, create_run.build_request(*split_model_id(target.batch_model), body=body)
    )["id"]
    return wait_until_ended(target, lambda: read_run(target, run_id))


def _field(target: Target) -> str:
    """Return the name of the input field that takes a file."""
    return next(name for name, value in target.batch_input.items() if str(value).startswith("http"))


CHECKS = (
    references_and_data_uris_are_accepted,
    a_deleted_asset_fails_the_run,
    the_uploader_is_embedded_on_request,
)
