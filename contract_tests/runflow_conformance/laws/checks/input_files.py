"""Laws of files in inputs: an asset is named by its reference, a `data:` URI becomes one, both are shown as addresses."""

import base64
from uuid import UUID

from runflow_api.api.media import delete_asset, get_asset
from runflow_api.api.models import create_run
from runflow_api.http_library import httpx
from runflow_api.models.run_create import RunCreate
from runflow_client.statuses import FAILED, SUCCEEDED

from ..invariants import law
from ..target import Stage
from ._requests import Json, done, read_run, split, told, wait_for
from .assets import PICTURE, new_asset

REFERENCE = "runflow://assets/"


def a_file_is_taken_either_way(stage: Stage) -> None:
    """A run takes the reference to an asset and a `data:` URI; its input then shows an address with the same bytes."""
    asset = new_asset(stage)
    inline = f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"
    for given in (REFERENCE + asset["id"], inline):
        run = _ended(stage, given)
        law(run["status_code"] == SUCCEEDED, f"a run with {given[:20]}... has {run['status_code']}")
        shown = run["input"][_field(stage)]
        law(
            shown.startswith("http"), f"the input of run {run['id']} shows {shown[:30]}, no address"
        )
        with httpx.Client() as storage:
            law(
                storage.get(shown).content == PICTURE,
                f"the input of run {run['id']} shows a file of other bytes",
            )


def a_file_that_is_gone_fails_the_run(stage: Stage) -> None:
    """A run whose input names an asset that was deleted fails."""
    gone = new_asset(stage)
    done(stage.http, delete_asset.build_request(UUID(gone["id"])))
    run = _ended(stage, REFERENCE + gone["id"])
    law(
        run["status_code"] == FAILED,
        f"run {run['id']} names a deleted asset and has {run['status_code']}",
    )


def the_uploader_is_shown_to_who_asks(stage: Stage) -> None:
    """An asset embeds the user who made it, and only for who asks."""
    asset = new_asset(stage)
    plain = told(stage.http, get_asset.build_request(UUID(asset["id"])))
    law(not plain.get("created_by_user"), f"asset {asset['id']} shows a user that nobody asked for")
    shown = told(stage.http, get_asset.build_request(UUID(asset["id"]), embed="created_by_user"))
    user: Json = shown.get("created_by_user") or {}
    law(
        user.get("id") == asset["created_by"],
        f"asset {asset['id']} of {asset['created_by']} embeds {user.get('id')}",
    )


def _ended(stage: Stage, file: str) -> Json:
    """Let a run of a model that takes a file end, with this file."""
    body = RunCreate.from_dict({"input": {**stage.batch_input, _field(stage): file}})
    run_id = told(stage.http, create_run.build_request(*split(stage.batch_model), body=body))["id"]
    return wait_for(stage, lambda: read_run(stage, run_id))


def _field(stage: Stage) -> str:
    """Return the field of the input that is a file."""
    return next(name for name, value in stage.batch_input.items() if str(value).startswith("http"))


CHECKS = (
    a_file_is_taken_either_way,
    a_file_that_is_gone_fails_the_run,
    the_uploader_is_shown_to_who_asks,
)
