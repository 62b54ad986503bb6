"""Laws of batches: validation, runs and callbacks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from runflow_api.api.batches import (
    get_batch,
    list_batch_callback_deliveries,
    list_batch_items,
    list_batches,
    redeliver_batch_callback,
)
from runflow_api.api.models import create_batch
from runflow_api.api.runs import list_runs
from runflow_api.models.batch_create import BatchCreate
from runflow_api.types import RequestArguments

from ..callback_receiver import ReceivedCallback
from ..invariants import require
from ..target import Target
from ._requests import (
    Json,
    expect_refusal,
    get_json,
    get_json_list,
    ids_of,
    items_of,
    parse_event,
    read_run,
    split_model_id,
    wait_until_ended,
)
from .batches import new_batch

MAX_ITEMS = 100  # items
RETRY_WINDOW = 30.0  # seconds


def an_invalid_batch_creates_nothing(target: Target) -> None:
    """A batch with an invalid item, no item or 101 items is refused and creates nothing."""
    right = dict(target.batch_input)
    wrong: dict[str, list[Json]] = {
        "an item without its input": [right, {}, right],
        "an input of another type": [right, dict.fromkeys(right, 7)],
        "no item": [],
        "101 items": [right] * (MAX_ITEMS + 1),
    }
    before = _everything(target)
    for why, items in wrong.items():
        arguments = _raw(target.batch_model, target, {"input": items})
        expect_refusal(target.http, arguments, f"for a batch with {why}", 400, 422)
    other = _raw(target.model, target, {"input": [dict(target.input)]})
    expect_refusal(target.http, other, "for a batch of a model that takes none", 422)
    require(_everything(target) == before, "a batch that was refused left runs or a batch behind")
    largest = get_json(
        target.http, _raw(target.batch_model, target, {"input": [right] * MAX_ITEMS})
    )
    require(
        largest["items_total"] == MAX_ITEMS,
        f"a batch of {MAX_ITEMS} items has items_total {largest['items_total']}",
    )


def runs_name_their_batch(target: Target) -> None:
    """Each run has the batch's id and the item's input; spaces around a client_ref are removed."""
    batch_id = new_batch(target, "first", "  second ")["id"]
    items = items_of(get_json(target.http, list_batch_items.build_request(UUID(batch_id))))
    require(
        [item["client_ref"] for item in items] == ["first", "second"],
        f"the client_refs of batch {batch_id} differ",
    )
    for item in items:
        run = read_run(target, item["run_id"])
        require(
            run["batch_id"] == batch_id,
            f"run {run['id']} of batch {batch_id} says batch {run['batch_id']}",
        )
        require(
            item["batch_id"] == batch_id,
            f"item {item['id']} of batch {batch_id} says batch {item['batch_id']}",
        )
        for where, given in (("run", run["input"]), ("item", item["input"])):
            require(
                given == dict(target.batch_input),
                f"the input of {where} {item['id']} of batch {batch_id} is {given}",
            )
    other = new_batch(target, "third")
    listed = {
        item["run_id"]
        for item in items_of(
            get_json(target.http, list_batch_items.build_request(UUID(other["id"])))
        )
    }
    require(
        listed == {item["run_id"] for item in other["items"]},
        f"the items of batch {other['id']} name runs of another batch",
    )
    everywhere = ids_of(
        get_json(target.http, list_runs.build_request(q=f"batch_id.EQ:'{batch_id}'"))
    )
    require(
        set(everywhere) == {item["run_id"] for item in items},
        f"a filter finds {everywhere} of batch {batch_id}",
    )


def callbacks_are_recorded_and_redelivered(target: Target) -> None:
    """The callback of a batch is in its history, and a redelivery is a second delivery."""
    metadata = {"order": 7, "é": None}
    batch_id = UUID(
        new_batch(target, "x", callback_url=target.callback_url, metadata=metadata)["id"]
    )
    again = redeliver_batch_callback.build_request(batch_id)
    history = list_batch_callback_deliveries.build_request(batch_id)
    require(
        not get_json_list(target.http, history),
        f"batch {batch_id} has not ended and has a delivery",
    )
    expect_refusal(target.http, again, "for a batch that has not ended", 404, 409, 422)
    target.received()
    batch = wait_until_ended(
        target, lambda: get_json(target.http, get_batch.build_request(batch_id))
    )
    target.pass_time(RETRY_WINDOW)
    first, before = target.received(), get_json_list(target.http, history)
    require(
        len(first) == len(before) == 1,
        f"batch {batch_id} called back {len(first)} times in {len(before)} deliveries",
    )
    require(
        before[0]["payload_bytes"].encode() == first[0].body,
        f"the history of batch {batch_id} has another body",
    )
    _says_what_the_batch_says(first[0], batch)
    made = get_json(target.http, again)
    target.pass_time(RETRY_WINDOW)
    second, after = target.received(), get_json_list(target.http, history)
    require(len(second) == 1, f"a redelivery of batch {batch_id} arrived {len(second)} times")
    require(
        parse_event(second[0]).payload == parse_event(first[0]).payload,
        f"the redelivery of {batch_id} has another payload",
    )
    require(after[0] == before[0], f"a redelivery changed the earlier delivery of batch {batch_id}")
    require(
        [one["id"] for one in after[1:]] == [made["id"]],
        f"the redelivery of batch {batch_id} is not in the history",
    )
    automatic = [one["is_automatic"] for one in after]
    require(
        automatic == [True, False],
        f"is_automatic of an automatic and a requested delivery is {automatic}",
    )
    silent = UUID(new_batch(target, "x")["id"])
    wait_until_ended(target, lambda: get_json(target.http, get_batch.build_request(silent)))
    arguments = redeliver_batch_callback.build_request(silent)
    expect_refusal(target.http, arguments, "for a batch without callback_url", 404, 409, 422)
    if target.other_org is not None:
        for arguments in (again, history):
            expect_refusal(
                target.other_org, arguments, "for the batch of another organization", 404
            )


def _says_what_the_batch_says(received: ReceivedCallback, batch: Json) -> None:
    event = parse_event(received)
    said = (event.subject_id, event.metadata, event.duration_ms, event.output)
    shown = (batch["id"], batch["metadata"], batch["duration_ms"], batch["output"])
    require(said == shown, f"the callback of batch {batch['id']} says {said}, the batch {shown}")
    for name in ("created_at", "completed_at"):
        called = str(event.payload.get(name))
        require(
            batch[name].replace("Z", "+00:00") == called,
            f"{name} of batch {batch['id']} is {batch[name]}, in its callback {called}",
        )
    created, completed = (
        datetime.fromisoformat(batch[name]) for name in ("created_at", "completed_at")
    )
    taken = (completed - created).total_seconds() * 1000
    require(
        abs(batch["duration_ms"] - taken) <= 1,
        f"batch {batch['id']} took {taken:g} ms, not {batch['duration_ms']}",
    )


def _raw(model: str, target: Target, body: Json) -> RequestArguments:
    """Return the request that creates a batch of this model with this body, valid or not."""
    typed: Any = BatchCreate.from_dict({"input": [dict(target.batch_input)]})
    return {**create_batch.build_request(*split_model_id(model), body=typed), "json": body}


def _everything(target: Target) -> tuple[list[str], list[str]]:
    """Return the ids of the newest runs and batches, one page of each."""
    runs = ids_of(get_json(target.http, list_runs.build_request(limit=500)))
    return runs, ids_of(get_json(target.http, list_batches.build_request(limit=500)))


CALLBACK_CHECKS = (callbacks_are_recorded_and_redelivered,)
CHECKS = (an_invalid_batch_creates_nothing, runs_name_their_batch, *CALLBACK_CHECKS)
