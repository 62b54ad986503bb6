"""Laws of what a batch takes and tells: all of it or nothing, by its own runs; its callback is kept and comes again."""

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

from ..callback_receiver import Received
from ..invariants import law
from ..target import Stage
from ._requests import (
    Json,
    event_of,
    ids_of,
    items_of,
    read_run,
    refused,
    split,
    told,
    told_rows,
    wait_for,
)
from .batches import new_batch

LARGEST = 100  # items
RETRIES = 30.0  # seconds


def is_taken_whole_or_not_at_all(stage: Stage) -> None:
    """One wrong item, none, 101, or a model without batches: nothing is made of what is refused with 422; 100 are taken."""
    right = dict(stage.batch_input)
    wrong: dict[str, list[Json]] = {
        "an item without its input": [right, {}, right],
        "an input of another type": [right, dict.fromkeys(right, 7)],
        "no item": [],
        "101 items": [right] * (LARGEST + 1),
    }
    before = _everything(stage)
    for why, items in wrong.items():
        arguments = _raw(stage.batch_model, stage, {"input": items})
        refused(stage.http, arguments, f"for a batch with {why}", 400, 422)
    other = _raw(stage.model, stage, {"input": [dict(stage.input)]})
    refused(stage.http, other, "for a batch of a model that takes none", 422)
    law(_everything(stage) == before, "a batch that was refused left runs or a batch behind")
    largest = told(stage.http, _raw(stage.batch_model, stage, {"input": [right] * LARGEST}))
    law(
        largest["items_total"] == LARGEST,
        f"a batch of {LARGEST} items has items_total {largest['items_total']}",
    )


def its_runs_are_its_own(stage: Stage) -> None:
    """The runs of a batch say its id and what each item gave them; what stands around a client_ref is cut off."""
    batch_id = new_batch(stage, "first", "  second ")["id"]
    items = items_of(told(stage.http, list_batch_items.build_request(UUID(batch_id))))
    law(
        [item["client_ref"] for item in items] == ["first", "second"],
        f"the client_refs of batch {batch_id} differ",
    )
    for item in items:
        run = read_run(stage, item["run_id"])
        law(
            run["batch_id"] == batch_id,
            f"run {run['id']} of batch {batch_id} says batch {run['batch_id']}",
        )
        law(
            item["batch_id"] == batch_id,
            f"item {item['id']} of batch {batch_id} says batch {item['batch_id']}",
        )
        for where, given in (("run", run["input"]), ("item", item["input"])):
            law(
                given == dict(stage.batch_input),
                f"the input of {where} {item['id']} of batch {batch_id} is {given}",
            )
    other = new_batch(stage, "third")
    listed = {
        item["run_id"]
        for item in items_of(told(stage.http, list_batch_items.build_request(UUID(other["id"]))))
    }
    law(
        listed == {item["run_id"] for item in other["items"]},
        f"below batch {other['id']} stand other runs than its own",
    )
    everywhere = ids_of(told(stage.http, list_runs.build_request(q=f"batch_id.EQ:'{batch_id}'")))
    law(
        set(everywhere) == {item["run_id"] for item in items},
        f"a filter finds {everywhere} of batch {batch_id}",
    )


def its_callback_is_kept_and_comes_again(stage: Stage) -> None:
    """The history of a batch holds the callback that came; a redelivery of an ended batch is another delivery of the same."""
    metadata = {"order": 7, "é": None}
    batch_id = UUID(new_batch(stage, "x", callback_url=stage.callback_url, metadata=metadata)["id"])
    again = redeliver_batch_callback.build_request(batch_id)
    history = list_batch_callback_deliveries.build_request(batch_id)
    law(not told_rows(stage.http, history), f"batch {batch_id} has not ended and a delivery")
    refused(stage.http, again, "for a batch that has not ended", 404, 409, 422)
    stage.received()
    batch = wait_for(stage, lambda: told(stage.http, get_batch.build_request(batch_id)))
    stage.pass_time(RETRIES)
    first, before = stage.received(), told_rows(stage.http, history)
    law(
        len(first) == len(before) == 1,
        f"batch {batch_id} called back {len(first)} times in {len(before)} deliveries",
    )
    law(
        before[0]["payload_bytes"].encode() == first[0].body,
        f"the history of batch {batch_id} has another body",
    )
    _says_what_the_batch_says(first[0], batch)
    made = told(stage.http, again)
    stage.pass_time(RETRIES)
    second, after = stage.received(), told_rows(stage.http, history)
    law(len(second) == 1, f"a redelivery of batch {batch_id} came {len(second)} times")
    law(
        event_of(second[0]).payload == event_of(first[0]).payload,
        f"the redelivery of {batch_id} says something else",
    )
    law(after[0] == before[0], f"a redelivery changed the earlier delivery of batch {batch_id}")
    law(
        [one["id"] for one in after[1:]] == [made["id"]],
        f"the redelivery of batch {batch_id} is not in the history",
    )
    automatic = [one["is_automatic"] for one in after]
    law(
        automatic == [True, False],
        f"is_automatic of an automatic and a requested delivery is {automatic}",
    )
    silent = UUID(new_batch(stage, "x")["id"])
    wait_for(stage, lambda: told(stage.http, get_batch.build_request(silent)))
    arguments = redeliver_batch_callback.build_request(silent)
    refused(stage.http, arguments, "for a batch without callback_url", 404, 409, 422)
    if stage.stranger is not None:
        for arguments in (again, history):
            refused(stage.stranger, arguments, "for the batch of another organization", 404)


def _says_what_the_batch_says(received: Received, batch: Json) -> None:
    event = event_of(received)
    said = (event.subject_id, event.metadata, event.duration_ms, event.output)
    shown = (batch["id"], batch["metadata"], batch["duration_ms"], batch["output"])
    law(said == shown, f"the callback of batch {batch['id']} says {said}, the batch {shown}")
    for name in ("created_at", "completed_at"):
        called = str(event.payload.get(name))
        law(
            batch[name].replace("Z", "+00:00") == called,
            f"{name} of batch {batch['id']} is {batch[name]}, or {called}",
        )
    created, completed = (
        datetime.fromisoformat(batch[name]) for name in ("created_at", "completed_at")
    )
    taken = (completed - created).total_seconds() * 1000
    law(
        abs(batch["duration_ms"] - taken) <= 1,
        f"batch {batch['id']} took {taken:g} ms, not {batch['duration_ms']}",
    )


def _raw(model: str, stage: Stage, body: Json) -> RequestArguments:
    """Return the request that creates a batch of this model, with a body that need not be right."""
    typed: Any = BatchCreate.from_dict({"input": [dict(stage.batch_input)]})
    return {**create_batch.build_request(*split(model), body=typed), "json": body}


def _everything(stage: Stage) -> tuple[list[str], list[str]]:
    """Return the ids of all runs and all batches, newest first, as far as one page goes."""
    runs = ids_of(told(stage.http, list_runs.build_request(limit=500)))
    return runs, ids_of(told(stage.http, list_batches.build_request(limit=500)))


OF_A_RECEIVER = (its_callback_is_kept_and_comes_again,)
CHECKS = (is_taken_whole_or_not_at_all, its_runs_are_its_own, *OF_A_RECEIVER)
