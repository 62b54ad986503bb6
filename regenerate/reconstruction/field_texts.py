"""What properties say of themselves.

Most names mean the same wherever they stand; a name that says it all has none.
"""

from typing import Final

EVERYWHERE: Final = {
    "items": "What is on this page.",
    "first": "Cursor of the first page.",
    "next": "Cursor of the next page. Null on the last one.",
    "previous": "Cursor of the page before. Null on the first one.",
    "callback_url": "Receives one POST when the work is terminal.",
    "client_ref": "Your own reference.",
    "metadata": "Your own data. It comes back in the callback.",
    "input": "What goes in.",
    "cost": "Price, as a decimal string.",
    "duration_ms": "Milliseconds.",
    "response_time_ms": "Milliseconds.",
    "size_bytes": "Bytes.",
    "created_at": "When it was created.",
    "updated_at": "When it was changed last.",
    "started_at": "When the work began.",
    "completed_at": "When it became terminal.",
    "failure_code": "Why it failed, for programs.",
    "failure_message": "Why it failed, for people.",
    "failure_stage_code": "Where it failed. The full list is not published.",
    "source_code": "Where it was started from. The full list is not published.",
    "payload_bytes": "The body exactly as it is sent.",
    "is_automatic": "False for a redelivery.",
    "mime_type": "Media type, such as image/png.",
}
HERE: Final = {
    (
        "Run",
        "output",
    ): "The output of the model once there is one: usually outputs with url and type.",
    ("Run", "target_type"): "What is run. The full list is not published.",
    ("RunCreate", "input"): (
        "What goes in. A file is given by https URL, by data: URI or as runflow://assets/{id}. A "
        "data: URI is stored: the run then shows a reference in its place."
    ),
    ("RunLog", "run"): "The run. Null inside a run.",
    ("FlowNodeRun", "state_code"): "Where the step stands. The list is not published.",
    ("RunLog", "level_code"): "How serious it is. The list is not published.",
    ("CallbackPayload", "event"): "What happened. Events write cancelled with two l.",
    ("CallbackPayload", "status"): "Terminal status of the run, in either spelling of canceled.",
    ("CallbackPayload", "output"): "The output. Null, or an error, when there is none.",
    ("BatchCallbackPayload", "event"): "What happened. The full list is not published.",
    (
        "BatchCallbackPayload",
        "status",
    ): "Terminal status of the batch, in either spelling of canceled.",
    ("RunCallbackDelivery", "status_code"): "Where the delivery stands. The list is not published.",
    (
        "BatchCallbackDelivery",
        "status_code",
    ): "Where the delivery stands. The list is not published.",
    ("CallbackAttempt", "status_code"): "HTTP status that the receiver answered.",
    ("WebhookDeliveryAttempt", "status_code"): "HTTP status that the receiver answered.",
    ("BatchCreate", "input"): "One object for each run.",
    (
        "BatchItemInput",
        "client_ref",
    ): "Your own reference for this item. It is not passed to the model.",
    ("AssetUploadSession", "asset_id"): "Confirm the upload by this id; the asset has it, too.",
    (
        "AssetUploadSession",
        "upload_url",
    ): "Put the bytes here. It holds a signature: do not log it.",
    ("Asset", "url"): "Where to read the bytes. It is signed and does not last.",
    ("CallbackSecretCreated", "plain_secret"): "The secret. It is shown this once.",
    ("CallbackSecret", "key_prefix"): "The first characters of the secret.",
    ("CallbackSecret", "is_current"): "Whether it is the one that signs.",
    ("CallbackSecretUpdate", "is_current"): "True makes it the one that signs.",
    ("EvaluationCreate", "reference_images"): "At most four.",
    ("Feedback", "is_positive"): "Null clears the feedback.",
    ("CreditBalance", "balance"): "As a decimal string.",
    ("CreditBalance", "low_balance_threshold"): "As a decimal string.",
    ("CreditBalanceUpdate", "low_balance_threshold"): "Below this balance you are told.",
    ("Health", "status"): "The word ok when all is well.",
    ("ErrorResponse", "code"): "What went wrong, for programs.",
    ("ErrorResponse", "message"): "What went wrong, for people.",
    ("ErrorResponse", "errors"): "The values that are not valid.",
    ("ErrorDetail", "loc"): "The way to the value: names and indexes.",
    ("ErrorDetail", "msg"): "What is wrong with it.",
    ("ErrorDetail", "type"): "The rule that it breaks.",
}


def field_text(schema_name: str, field_name: str) -> str:
    """Return the description of a property, or an empty string where its name says enough."""
    here = HERE.get((schema_name, field_name))
    if here is not None:
        return here
    if field_name == "items" and not schema_name.endswith("Page"):
        return ""
    return EVERYWHERE.get(field_name, "")
