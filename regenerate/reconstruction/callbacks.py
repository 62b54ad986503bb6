"""The callbacks: what Runflow posts to the callback_url of a run or a batch when it is terminal."""

from typing import Final

from .json_types import JsonObject, reference

_URL: Final = "{$request.body#/callback_url}"


def _header(name: str, text: str, *, required: bool) -> JsonObject:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": text,
        "schema": {"type": "string"},
    }


def _callback(summary: str, payload: str) -> JsonObject:
    return {
        _URL: {
            "post": {
                "summary": summary,
                "description": "Delivered at least once: keep the id to recognise a repetition.",
                "security": [],
                "parameters": [
                    _header("Runflow-Request-Id", "Id of the delivery in the logs.", required=True),
                    _header(
                        "Runflow-Signature",
                        "Lowercase hex of the HMAC-SHA256 of the raw body. Missing when there "
                        "is no callback secret.",
                        required=False,
                    ),
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": reference(payload)}},
                },
                "responses": {
                    "2XX": {
                        "description": "Taken. Anything else, or no answer in time, is retried."
                    }
                },
            }
        }
    }


CALLBACKS: Final[dict[str, JsonObject]] = {
    "create_run": {"runFinished": _callback("The run is terminal", "CallbackPayload")},
    "create_batch": {"batchFinished": _callback("The batch is terminal", "BatchCallbackPayload")},
}
