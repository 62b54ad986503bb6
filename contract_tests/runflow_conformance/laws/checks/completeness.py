"""Laws of complete objects: without `fields`, every documented property is there, null or not.

A schema cannot say so, because `fields` may leave properties out.
"""

from collections.abc import Iterator
from functools import cache
from uuid import UUID

from runflow_api.api.account import get_balance
from runflow_api.api.batches import get_batch, get_batch_item, list_batch_items
from runflow_api.api.media import get_asset, list_assets
from runflow_api.api.models import (
    get_model,
    list_model_creators,
    list_model_examples,
    list_model_inputs,
    list_model_outputs,
    list_public_models,
)
from runflow_api.api.runs import (
    list_node_runs,
    list_run_callback_deliveries,
    list_run_logs,
    list_runs,
)
from runflow_api.api.webhooks import list_callback_secrets, list_webhooks
from runflow_mock.contract.document import Document

from ..invariants import require
from ..target import Target
from ._requests import (
    Json,
    ended_run,
    get_json,
    get_json_list,
    items_of,
    read_run,
    split_model_id,
    wait_until_ended,
)
from .assets import new_asset
from .batches import new_batch
from .evaluations import ended_evaluation
from .removal import KINDS
from .webhooks import attempts_of, delete_webhooks, deliveries_of, new_webhook

Named = Iterator[tuple[str, Json]]
"""Objects from responses with the names of their schemas."""

EMBEDDED = {
    "Run": {"node_runs", "logs", "flow"},
    "RunLog": {"run"},
    "Evaluation": {"judges"},
    "Webhook": {"deliveries"},
    "WebhookDelivery": {"attempts", "webhook"},
    "WebhookDeliveryAttempt": {"delivery"},
    "Asset": {"created_by_user"},
    "BatchItem": {"run"},
    "ModelCreator": {"models"},
}
"""Properties that are present only if `embed` asks for them."""
KEPT = {"callback secret": "CallbackSecret", "webhook": "Webhook"}
RETRY_WINDOW = 30.0  # seconds


def a_run_is_complete(target: Target) -> None:
    """A run, its log lines, node runs and evaluation have every property, alone and in lists."""
    _require_complete(_of_a_run(target))


def a_batch_is_complete(target: Target) -> None:
    """A batch, the response that created it, and its items have every property."""
    _require_complete(_of_a_batch(target))


def resources_are_complete(target: Target) -> None:
    """Assets, secrets, webhooks, the balance and the parts of a model have every property."""
    _require_complete(_kept(target))


def a_delivery_is_complete(target: Target) -> None:
    """The deliveries of a callback and of a webhook, and their attempts, have every property."""
    webhook = new_webhook(target)
    run_id = ended_run(target, callback_url=target.callback_url)["id"]
    target.pass_time(RETRY_WINDOW)
    [delivered] = deliveries_of(target, webhook["id"])
    _require_complete(iter([("WebhookDelivery", delivered)]))
    _require_complete(
        ("WebhookDeliveryAttempt", one)
        for one in attempts_of(target, webhook["id"], delivered["id"])
    )
    delete_webhooks(target, webhook)
    target.received()
    [delivery] = get_json_list(
        target.http, list_run_callback_deliveries.build_request(UUID(run_id))
    )
    attempts: list[Json] = delivery["attempts"]
    require(bool(attempts), f"delivery {delivery['id']} arrived without an attempt")
    _require_complete(
        iter([("RunCallbackDelivery", delivery), *(("CallbackAttempt", one) for one in attempts)])
    )


def _of_a_run(target: Target) -> Named:
    run_id = ended_run(target)["id"]
    yield "Run", read_run(target, run_id)
    yield "Run", items_of(get_json(target.http, list_runs.build_request(limit=1)))[0]
    yield from (
        ("RunLog", one)
        for one in items_of(get_json(target.http, list_run_logs.build_request(run_id)))
    )
    yield from (
        ("FlowNodeRun", one)
        for one in items_of(get_json(target.http, list_node_runs.build_request(run_id)))
    )
    yield "Evaluation", ended_evaluation(target, run_id=run_id)


def _of_a_batch(target: Target) -> Named:
    created = new_batch(target, "x")
    batch_id = UUID(created["id"])
    yield "BatchCreated", created
    batch = wait_until_ended(
        target, lambda: get_json(target.http, get_batch.build_request(batch_id))
    )
    yield "Batch", batch
    yield from (("BatchItemHandle", one) for one in (*created["items"], *batch["items"]))
    for item in items_of(get_json(target.http, list_batch_items.build_request(batch_id))):
        yield "BatchItem", item
        yield (
            "BatchItem",
            get_json(target.http, get_batch_item.build_request(batch_id, UUID(item["id"]))),
        )


def _kept(target: Target) -> Named:
    asset = new_asset(target)
    yield "Asset", asset
    yield "Asset", get_json(target.http, get_asset.build_request(UUID(asset["id"])))
    yield "Asset", items_of(get_json(target.http, list_assets.build_request(limit=1)))[0]
    yield "CreditBalance", get_json(target.http, get_balance.build_request())
    for kind in KINDS:
        if kind.name in KEPT:
            yield KEPT[kind.name], get_json(target.http, kind.read(UUID(kind.make(target)["id"])))
    yield (
        "CallbackSecret",
        items_of(get_json(target.http, list_callback_secrets.build_request(limit=1)))[0],
    )
    yield "Webhook", items_of(get_json(target.http, list_webhooks.build_request(limit=1)))[0]
    model = get_json(target.http, get_model.build_request(*split_model_id(target.model)))
    yield "Model", model
    for name, listed in (
        ("PublicModel", list_public_models),
        ("ModelCreator", list_model_creators),
    ):
        yield name, items_of(get_json(target.http, listed.build_request(limit=1)))[0]
    yield from (
        ("ModelInput", one)
        for one in items_of(get_json(target.http, list_model_inputs.build_request(model["id"])))
    )
    yield from (
        ("ModelOutput", one)
        for one in items_of(get_json(target.http, list_model_outputs.build_request(model["id"])))
    )
    yield from (
        ("ModelExample", one)
        for one in items_of(get_json(target.http, list_model_examples.build_request(model["id"])))
    )


@cache
def _document() -> Document:
    return Document.read()


def _require_complete(objects: Named) -> None:
    for name, row in objects:
        declared = set(_document().resolve({"$ref": f"#/components/schemas/{name}"})["properties"])
        missing = declared - EMBEDDED.get(name, set()) - set(row)
        require(not missing, f"{name} {row.get('id')} lacks {', '.join(sorted(missing))}")


CALLBACK_CHECKS = (a_delivery_is_complete,)
CHECKS = (
    a_run_is_complete,
    a_batch_is_complete,
    resources_are_complete,
    *CALLBACK_CHECKS,
)
