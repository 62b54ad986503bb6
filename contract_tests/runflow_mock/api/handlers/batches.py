"""Create and read batches, their items, and their callbacks."""

from collections.abc import Iterable
from decimal import Decimal

from ...contract.answers import Refusal
from ...contract.json_types import JsonObject, public
from ...simulation.pricing import output_count, price_of
from ...simulation.runs import TERMINAL
from ..calls import Call, handles
from ..lists import page, project
from .models import model_of
from .nested import below, pick
from .runs import input_problems

CREATED_FIELDS = (
    "id",
    "target_type",
    "target_id",
    "status_code",
    "items_total",
    "items_succeeded",
    "items_failed",
    "items_cancelled",
    "items",
    "created_at",
    "output",
    "cost",
    "metadata",
    "callback_url",
    "started_at",
    "completed_at",
)


@handles("create_batch", "POST", "/v1/models/{owner}/{slug}/batches", scope="runs:create")
def create_batch(call: Call) -> JsonObject:
    """Create a batch of runs: all of them, or none if one is refused."""
    model = model_of(call, *call.path_values)
    if not model.batches:
        raise Refusal(422, f"{model.model_id} cannot be run in batches: it has no template")
    items: list[JsonObject] = []
    errors: list[JsonObject] = []
    for index, item in enumerate(call.fields["input"]):
        values = {name: value for name, value in item.items() if name != "client_ref"}
        reference = item.get("client_ref")
        items.append(
            {"values": values, "client_ref": None if reference is None else str(reference).strip()}
        )
        errors += input_problems(call, model, values, ["body", "input", index])
    if errors:
        raise Refusal(422, f"items are not what {model.model_id} takes: see errors", errors=errors)
    prices = [price_of(model, item["values"], output_count(item["values"])) for item in items]
    call.state.ledger.admit(call.organization_id, sum(prices, Decimal(0)))
    metadata = call.fields.get("metadata")
    if metadata is not None:
        metadata = call.simulation.assets.keep_inline(metadata, call.organization_id, call.now)
    fields = {**call.fields, "metadata": metadata}
    row = call.simulation.batches.create(model, items, call.organization_id, fields, call.now)
    current = call.simulation.batches.current(row)
    return {name: current[name] for name in CREATED_FIELDS}


@handles("list_batches", "GET", "/v1/batches", scope="runs:read")
def list_batches(call: Call) -> JsonObject:
    """Return a page of the organization's batches."""
    return page(
        [call.simulation.batches.current(row) for row in call.owned(call.state.batches)], call.query
    )


@handles("get_batch", "GET", "/v1/batches/{id}", scope="runs:read")
def get_batch(call: Call) -> JsonObject:
    """Return one batch with the short form of its items."""
    return project(
        call.simulation.batches.current(_own_batch(call, call.path_values[0])), call.query
    )


@handles("list_batch_items", "GET", "/v1/batches/{batch_id}/items", scope="runs:read")
def list_batch_items(call: Call) -> JsonObject:
    """Return a page of the batch's items as their runs are now."""
    return page(_items(call), call.query, "sequence_index:asc")


@handles("get_batch_item", "GET", "/v1/batches/{batch_id}/items/{id}", scope="runs:read")
def get_batch_item(call: Call) -> JsonObject:
    """Return one item with its run."""
    item = pick(_items(call), call.path_values[1], "batch item")
    run = call.state.runs.get(item["run_id"])
    return {**item, "run": None if run is None else public(run)}


@handles(
    "list_batch_callback_deliveries", "GET", "/v1/batches/{batch_id}/callback", scope="runs:read"
)
def list_batch_callback_deliveries(call: Call) -> list[JsonObject]:
    """Return the delivery history of the batch's callback, oldest first."""
    row = _own_batch(call, call.path_values[0])
    return [
        public(delivery) for delivery in call.simulation.callbacks.history("batch_id", row["id"])
    ]


@handles(
    "redeliver_batch_callback",
    "POST",
    "/v1/batches/{batch_id}/callback-redeliveries",
    scope="runs:execute",
)
def redeliver_batch_callback(call: Call) -> JsonObject:
    """Deliver the batch's callback again.

    The batch must be terminal, have a callback_url, and have no unfinished delivery.
    """
    row = _own_batch(call, call.path_values[0])
    if row["status_code"] not in TERMINAL:
        raise Refusal(404, f"batch {row['id']} is not terminal: there is nothing to deliver yet")
    if row["callback_url"] is None:
        raise Refusal(404, f"batch {row['id']} has no callback_url: there is nothing to deliver")
    if any(
        delivery["completed_at"] is None
        for delivery in call.simulation.callbacks.history("batch_id", row["id"])
    ):
        errors: list[JsonObject] = [
            {"loc": ["path", "batch_id"], "msg": "conflict", "type": "conflict"}
        ]
        raise Refusal(422, f"a callback of batch {row['id']} is on its way already", errors=errors)
    return public(call.simulation.batches.deliver(row, call.now, automatic=False))


def _own_batch(call: Call, identifier: str) -> JsonObject:
    return call.own(call.state.batches, identifier, "batch")


def _items(call: Call) -> Iterable[JsonObject]:
    batches = call.simulation.batches
    return below(
        call.path_values[0],
        lambda: call.owned(call.state.batches),
        lambda identifier: _own_batch(call, identifier),
        lambda row: (
            batches.item(row, index, run) for index, run in enumerate(batches.runs_of(row))
        ),
    )
