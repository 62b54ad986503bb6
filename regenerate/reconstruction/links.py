"""Links: where the id in an answer leads, so that a stateful test finds its way."""

from typing import Final

from .json_types import JsonObject


def _link(operation: str, parameter: str, source: str = "id") -> JsonObject:
    return {"operationId": operation, "parameters": {parameter: f"$response.body#/{source}"}}


def _links(*links: JsonObject) -> JsonObject:
    return {str(link["operationId"]): link for link in links}


LINKS: Final[dict[str, JsonObject]] = {
    "create_run": _links(
        _link("get_run", "id"),
        _link("list_run_logs", "run_id"),
        _link("list_node_runs", "run_id"),
        _link("list_run_callback_deliveries", "run_id"),
    ),
    "create_batch": _links(
        _link("get_batch", "id"),
        _link("list_batch_items", "batch_id"),
        _link("list_batch_callback_deliveries", "batch_id"),
    ),
    "create_asset_upload": _links(_link("confirm_asset_upload", "asset_upload_id", "asset_id")),
    "confirm_asset_upload": _links(_link("get_asset", "id")),
    "create_callback_secret": _links(
        _link("get_callback_secret", "id"),
        _link("update_callback_secret", "id"),
        _link("delete_callback_secret", "id"),
    ),
    "create_evaluation": _links(_link("get_evaluation", "id")),
    "create_webhook": _links(
        _link("get_webhook", "id"),
        _link("update_webhook", "id"),
        _link("delete_webhook", "id"),
    ),
}
