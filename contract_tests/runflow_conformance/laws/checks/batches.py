"""Laws of batches: order of items, counts, and the end."""

from collections import Counter
from decimal import Decimal
from typing import Any
from uuid import UUID

from runflow_api.api.batches import get_batch, get_batch_item, list_batch_items
from runflow_api.api.models import create_batch
from runflow_api.models.batch_create import BatchCreate
from runflow_api.types import UNSET, RequestArguments
from runflow_client._models.statuses import CANCELED, ENDED_WITH_OUTPUT, FAILED, is_terminal
from runflow_client.callbacks import BatchEvent

from ..invariants import require
from ..target import Target
from ._requests import (
    MAX_POLLS,
    UNKNOWN,
    Json,
    expect_refusal,
    get_json,
    items_of,
    parse_event,
    read_run,
    split_model_id,
)

REFS = ("c", "a", "b", "d")
ENDINGS = ("failed", "succeeded", "failed", "canceled")  # no two counts are equal


def batch_arguments(
    target: Target, *refs: str, key: str | None = None, **fields: Any
) -> RequestArguments:
    """Return the request that creates a batch of items with these client_refs."""
    items = [{**target.batch_input, "client_ref": ref} for ref in refs]
    body = BatchCreate.from_dict({"input": items, **fields})
    return create_batch.build_request(
        *split_model_id(target.batch_model), body=body, idempotency_key=key or UNSET
    )


def new_batch(target: Target, *refs: str, **fields: Any) -> Json:
    """Create a batch of items with these client_refs and return the response."""
    return get_json(target.http, batch_arguments(target, *refs, **fields))


def items_keep_their_order(target: Target) -> None:
    """The response, the batch and its list of items have the items in the order sent."""
    created = new_batch(target, *REFS, metadata={"order": 7})
    batch_id = UUID(created["id"])
    require(
        created["items_total"] == len(REFS),
        f"a batch of {len(REFS)} items has items_total {created['items_total']}",
    )
    read = get_json(target.http, get_batch.build_request(batch_id))
    require(
        read["metadata"] == {"order": 7}, f"metadata of batch {batch_id} is {read['metadata']!r}"
    )
    listed = items_of(get_json(target.http, list_batch_items.build_request(batch_id, limit=500)))
    for where, items in (
        ("answer", created["items"]),
        ("batch", read["items"]),
        ("list of items", listed),
    ):
        order = [(item["sequence_index"], item["client_ref"]) for item in items]
        require(
            order == list(enumerate(REFS)), f"the {where} of batch {batch_id} has the items {order}"
        )
        require(
            [item["run_id"] for item in items] == [item["run_id"] for item in listed],
            f"the {where} of batch {batch_id} has other runs than its list of items",
        )
    for item in listed:
        single = get_json(target.http, get_batch_item.build_request(batch_id, UUID(item["id"])))
        require(
            single["run_id"] == item["run_id"],
            f"item {item['id']} of batch {batch_id} is different when read alone",
        )
        run = read_run(target, item["run_id"])
        require(
            run["client_ref"] == item["client_ref"],
            f"run {run['id']} has another client_ref than its item",
        )


def a_batch_ends_with_its_last_item(target: Target) -> None:
    """The counts always fit the items. The batch ends with its last item and costs their sum."""
    for ending in ENDINGS if target.end_next is not None else ():
        assert target.end_next is not None
        target.end_next(ending)
    created = new_batch(
        target, *REFS, **({"callback_url": target.callback_url} if target.callback_url else {})
    )
    batch_id = UUID(created["id"])
    batch: Json = created
    for _ in range(MAX_POLLS * 15):
        batch = get_json(target.http, get_batch.build_request(batch_id))
        _agrees_with_its_items(batch)
        if is_terminal(batch["status_code"]):
            break
        require(
            not _of_the_batch(target, batch_id),
            f"batch {batch_id} is {batch['status_code']} and called back",
        )
        target.pass_time(1.0)
    require(
        batch["completed_at"] is not None,
        f"batch {batch_id} is {batch['status_code']} without completed_at",
    )
    items = items_of(get_json(target.http, list_batch_items.build_request(batch_id, limit=500)))
    total = sum((Decimal(item["cost"] or 0) for item in items), Decimal(0))
    require(
        Decimal(batch["cost"]) == total,
        f"batch {batch_id} costs {batch['cost']}, its items {total}",
    )
    if target.callback_url is not None:
        target.pass_time(1.0)
        events = _of_the_batch(target, batch_id)
        require(len(events) == 1, f"batch {batch_id} has ended and called back {len(events)} times")
        require(
            events[0].status == batch["status_code"],
            f"batch {batch_id} is {batch['status_code']}, its callback not",
        )
        counts = {
            name: (events[0].output or {}).get(name)
            for name in ("total", "succeeded", "failed", "cancelled")
        }
        shown = {name: batch[f"items_{name}"] for name in counts}
        require(counts == shown, f"batch {batch_id} has the counts {shown}, its callback {counts}")


def an_unknown_batch_is_not_found(target: Target) -> None:
    """A batch that does not exist gives 404, and so do its items."""
    new_batch(target, "x")
    for arguments in (get_batch.build_request(UNKNOWN), list_batch_items.build_request(UNKNOWN)):
        expect_refusal(target.http, arguments, "for a batch that does not exist", 404)


def _agrees_with_its_items(batch: Json) -> None:
    statuses = Counter(item["status_code"] for item in batch["items"])
    counted = {
        "items_total": statuses.total(),
        "items_succeeded": sum(statuses[status] for status in ENDED_WITH_OUTPUT),
        "items_failed": statuses[FAILED],
        "items_cancelled": sum(statuses[status] for status in CANCELED),
    }
    shown = {name: batch[name] for name in counted}
    require(
        shown == counted,
        f"batch {batch['id']} has the counts {shown}, of its items there are {dict(statuses)}",
    )
    ended = all(is_terminal(status) for status in statuses)
    require(
        is_terminal(batch["status_code"]) == ended,
        f"batch {batch['id']} is {batch['status_code']}, its items are {dict(statuses)}",
    )
    require(
        (batch["completed_at"] is not None) == ended,
        f"batch {batch['id']} is {batch['status_code']} and completed_at {batch['completed_at']}",
    )


def _of_the_batch(target: Target, batch_id: UUID) -> list[BatchEvent]:
    events = [parse_event(one) for one in target.received()]
    return [
        event
        for event in events
        if isinstance(event, BatchEvent) and event.batch_id == str(batch_id)
    ]


CHECKS = (items_keep_their_order, a_batch_ends_with_its_last_item, an_unknown_batch_is_not_found)
