"""What tags and operations say of themselves.

A summary and, where there is more to know, a description.
"""

from typing import Final

TAG_TEXTS: Final = {
    "Models": "The catalog, and the way to run a model.",
    "Runs": "Runs: their state, logs, node runs and callbacks.",
    "Media": "Files: upload them, find them, delete them.",
    "Batches": "Many runs of one model under one id.",
    "Evaluations": "Quality checks of pictures.",
    "Webhooks": "Callback secrets, webhooks of the organization and their deliveries.",
    "Account": "The current user and the credit balance.",
    "Status": "Is the service up.",
}

OPERATION_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "list_models": ("List models", ""),
    "list_public_models": (
        "List the public, active models",
        "Takes no key. Whatever q says, only models are listed that are public and active. Fields, "
        "order and filter can name only what this list shows.",
    ),
    "list_model_creators": ("List the creators of models", ""),
    "get_model_creator": ("Get a creator of models", "A model names it by model_creator_id."),
    "get_model": ("Get a model", ""),
    "create_run": (
        "Create a run",
        "Starts the model and answers at once with the queued run. Poll it, or give a "
        "callback_url. A model id without an owner is answered 405.",
    ),
    "create_batch": (
        "Create a batch",
        "Starts one run for each item. Refused whole when the credit does not cover all of them.",
    ),
    "list_model_inputs": ("List the inputs of a model", ""),
    "get_model_input": ("Get an input of a model", ""),
    "list_model_outputs": ("List the outputs of a model", ""),
    "get_model_output": ("Get an output of a model", ""),
    "list_model_examples": ("List the examples of a model", ""),
    "get_model_example": ("Get an example of a model", ""),
    "list_runs": (
        "List runs",
        "client_ref is filtered by equality. metadata cannot be filtered: it comes back on the "
        "single run.",
    ),
    "get_run": ("Get a run", "Poll it until its status is terminal."),
    "list_run_statuses": ("List the statuses of a run", ""),
    "list_run_logs": ("List the log lines of a run", ""),
    "get_run_log": ("Get a log line of a run", ""),
    "list_node_runs": ("List the node runs of a run", ""),
    "get_node_run": ("Get a node run", ""),
    "list_run_callback_deliveries": (
        "List the callback deliveries of a run",
        "All of them, not a page.",
    ),
    "redeliver_run_callback": (
        "Deliver the callback of a run again",
        "Makes a new delivery; its payload is built from the present state of the run.",
    ),
    "list_batches": ("List batches", ""),
    "get_batch": ("Get a batch", "With a short handle for each of its items."),
    "list_batch_items": ("List the items of a batch", "With the live state of each."),
    "get_batch_item": ("Get an item of a batch", ""),
    "list_batch_callback_deliveries": (
        "List the callback deliveries of a batch",
        "All of them, not a page.",
    ),
    "redeliver_batch_callback": (
        "Deliver the callback of a batch again",
        "The batch must be terminal and have a callback_url. A second redelivery at the same "
        "time is a 422.",
    ),
    "list_run_evaluations": (
        "List the evaluations of a run",
        "The run of a ComfyUI workflow that makes pictures gets one by itself, up to 2 minutes "
        "after its end. It takes 2 to 4 minutes. Of several the one created last counts.",
    ),
    "set_run_evaluation_feedback": ("Set the feedback on an evaluation of a run", ""),
    "create_evaluation": (
        "Create an evaluation",
        "Takes the picture and answers at once; poll the evaluation.",
    ),
    "get_evaluation": ("Get an evaluation", ""),
    "set_evaluation_feedback": ("Set the feedback on an evaluation", "A null clears it."),
    "list_evaluations": ("List evaluations", ""),
    "list_evaluation_job_classes": ("List the job classes of evaluations", "With their prices."),
    "list_evaluation_statuses": ("List the statuses of an evaluation", ""),
    "create_asset_upload": (
        "Start an upload",
        "Gives a signed URL. Put the bytes there, then confirm the upload.",
    ),
    "confirm_asset_upload": (
        "Confirm an upload",
        "Checks that the bytes have arrived and makes the asset.",
    ),
    "get_asset": ("Get an asset", "Its url is signed afresh and does not last."),
    "list_assets": ("List assets", ""),
    "update_asset": ("Update an asset", ""),
    "delete_asset": ("Delete an asset", ""),
    "list_asset_types": ("List the types of assets", ""),
    "list_callback_secrets": ("List callback secrets", ""),
    "create_callback_secret": (
        "Create a callback secret",
        "The only answer that holds the secret itself: keep it.",
    ),
    "get_callback_secret": ("Get a callback secret", ""),
    "update_callback_secret": (
        "Update a callback secret",
        "Renames it, or makes it the one that signs.",
    ),
    "delete_callback_secret": ("Delete a callback secret", ""),
    "list_webhooks": ("List webhooks", ""),
    "create_webhook": ("Create a webhook", ""),
    "get_webhook": ("Get a webhook", ""),
    "update_webhook": (
        "Update a webhook",
        "Changes its URL, its secret or the events that it receives.",
    ),
    "delete_webhook": ("Delete a webhook", ""),
    "list_webhook_event_types": ("List the event types of webhooks", ""),
    "get_webhook_event_type": ("Get an event type of webhooks", ""),
    "list_webhook_deliveries": ("List the deliveries of a webhook", ""),
    "get_webhook_delivery": ("Get a delivery of a webhook", ""),
    "list_webhook_delivery_attempts": ("List the attempts of a delivery", ""),
    "get_webhook_delivery_attempt": ("Get an attempt of a delivery", ""),
    "get_current_user": (
        "Get the current user",
        "Whose key this is, and the organizations it may act for.",
    ),
    "get_balance": ("Get the credit balance", ""),
    "update_balance": ("Set the low-balance threshold", ""),
    "get_health": ("Get the health", "Answers without a key as soon as the process is up."),
    "get_readiness": ("Get the readiness", "Says whether the database and the cache are there."),
}
