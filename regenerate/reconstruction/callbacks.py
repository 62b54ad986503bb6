"""The callbacks: what Runflow posts to the callback_url of a run or a batch when it is terminal."""

from typing import Final

from .json_types import JsonObject, inferred_mark, reference

_TWO_PAGES: Final = inferred_mark(
    {
        "inferred": True,
        "because": "The pages of models say so; the page on callbacks says that anything but 2XX "
        "is sent again.",
    }
)
_URL: Final = "{$request.body#/callback_url}"

_ANSWERS: Final[JsonObject] = {
    "2XX": {"description": "Taken."},
    "4XX": {
        "description": "Not taken, and not sent again. Answer 5XX to get it again.",
        **_TWO_PAGES,
    },
    "5XX": {
        "description": "Not taken. It is sent again after 1 second, and after 2 seconds more: 3 "
        "attempts in all. No answer in time counts the same.",
        **_TWO_PAGES,
    },
}


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
                "responses": _ANSWERS,
            }
        }
    }


CALLBACKS: Final[dict[str, JsonObject]] = {
    "create_run": {"runFinished": _callback("The run is terminal", "CallbackPayload")},
    "create_batch": {"batchFinished": _callback("The batch is terminal", "BatchCallbackPayload")},
}
