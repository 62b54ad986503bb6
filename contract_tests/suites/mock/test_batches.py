"""Batches: admitted or refused as a whole, terminal with their last run, one callback for all."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from runflow_mock import MockRunflow
from runflow_mock.simulation.outcomes import Outcome

from .calling import RUN_SECONDS, error_of
from .receiver import Receiver
from .stories.world import World

BATCHES = "/v1/models/runflow/skin-fix/batches"
PICTURE = {"image_url": "https://example.com/a.png"}


def create_batch(api: httpx.Client, count: int = 3, **body: Any) -> Any:
    items = [{**PICTURE, "client_ref": f"item-{index}"} for index in range(count)]
    response = api.post(BATCHES, json={"input": items, **body})
    assert response.status_code == 201, response.text
    return response.json()


def test_a_batch_has_the_state_of_its_runs(mock: MockRunflow, api: httpx.Client) -> None:
    batch = create_batch(api, metadata={"season": "autumn"})
    assert (batch["status_code"], batch["items_total"]) == ("queued", 3)
    assert [item["client_ref"] for item in batch["items"]] == ["item-0", "item-1", "item-2"]
    mock.advance(3)
    assert api.get(f"/v1/batches/{batch['id']}").json()["status_code"] == "running"
    mock.advance(RUN_SECONDS)
    done = api.get(f"/v1/batches/{batch['id']}").json()
    assert (done["status_code"], done["items_succeeded"], done["cost"]) == ("succeeded", 3, "0.36")
    assert done["output"]["total"] == 3
    assert done["metadata"] == {"season": "autumn"}
    assert len(mock.ledger) == 3
    assert {run["batch_id"] for run in mock.runs} == {batch["id"]}
    assert [row["id"] for row in api.get("/v1/batches").json()["items"]] == [batch["id"]]


def test_a_batch_has_started_with_the_first_of_its_runs(tmp_path: Path) -> None:
    world = World(tmp_path, seed=0)
    batch = world.call("POST", "/v1/models/acme/free/batches", {"input": [{}, {}]})[1]["id"]
    world.settle()
    for run, second in zip(world.state.runs, ("02.500000", "02"), strict=True):
        run["started_at"] = f"2026-01-01T00:00:{second}Z"
    assert world.get(f"/v1/batches/{batch}")["started_at"] == "2026-01-01T00:00:02Z"
    world.end()


def test_who_is_told_of_a_run_is_told_before_who_is_told_of_its_batch(tmp_path: Path) -> None:
    world, place = World(tmp_path, seed=0), "http://localhost/200?"
    for name in ("first", "second"):
        world.call("POST", "/v1/webhooks", {"url": f"{place}{name}"})
    for kind, values in (("runs", {}), ("batches", [{}, {}])):
        world.simulation.outcomes.plan(Outcome("cancelled"))
        body: dict[str, Any] = {"input": values, "callback_url": f"{place}owner"}
        world.call("POST", f"/v1/models/acme/free/{kind}", body)
    world.advance(1)
    told: list[tuple[str, str, str]] = []
    for [post] in world.receiver.posts.values():
        payload = json.loads(post.body)
        told.append((post.url.removeprefix(place), payload["event"], payload["status"]))
    canceled, completed = ("run.cancelled", "cancelled"), ("run.completed", "succeeded")
    assert told == [
        ("owner", *canceled),
        *(("first", *canceled), ("second", *canceled)) * 2,
        *(("first", *completed), ("second", *completed)),
        ("owner", "batch.partial_succeeded", "partial_succeeded"),
    ]
    world.end()


@pytest.mark.parametrize(
    ("outcomes", "status", "event", "counts"),
    [
        (["failed", "failed"], "failed", "batch.failed", (0, 2, 0)),
        (["canceled", "canceled"], "canceled", "batch.cancelled", (0, 0, 2)),
        (["failed", "succeeded"], "partial_succeeded", "batch.partial_succeeded", (1, 1, 0)),
        (["succeeded", "succeeded"], "succeeded", "batch.succeeded", (2, 0, 0)),
    ],
)
def test_a_batch_ends_as_its_runs_did(
    mock: MockRunflow,
    api: httpx.Client,
    receiver: Receiver,
    outcomes: list[str],
    status: str,
    event: str,
    counts: tuple[int, int, int],
) -> None:
    for outcome in outcomes:
        mock.next_outcome(outcome)
    batch = create_batch(api, 2, callback_url=receiver.url)
    mock.advance(RUN_SECONDS)
    mock.settle()
    [callback] = receiver.received
    payload = callback.json
    assert (payload["event"], payload["status"], payload["batch_id"]) == (
        event,
        status,
        batch["id"],
    )
    output = payload["output"]
    assert (output["succeeded"], output["failed"], output["cancelled"], output["total"]) == (
        *counts,
        2,
    )
    [delivery] = api.get(f"/v1/batches/{batch['id']}/callback").json()
    assert delivery["payload_bytes"].encode() == callback.body


def test_items_show_their_runs(mock: MockRunflow, api: httpx.Client) -> None:
    mock.next_outcome("failed", failure_code="NO_SKIN", failure_message="no skin in the picture")
    batch = create_batch(api, 2)
    mock.advance(RUN_SECONDS)
    items = api.get(f"/v1/batches/{batch['id']}/items").json()["items"]
    assert [item["status_code"] for item in items] == ["failed", "succeeded"]
    assert items[0]["error"] == {"code": "NO_SKIN", "message": "no skin in the picture"}
    assert items[1]["input"] == PICTURE
    one = api.get(f"/v1/batches/{batch['id']}/items/{items[1]['id']}").json()
    assert one["run"]["id"] == items[1]["run_id"]
    error_of(api.get(f"/v1/batches/{batch['id']}/items/{batch['id']}"), 404)


def test_a_batch_is_refused_as_a_whole(mock: MockRunflow, api: httpx.Client) -> None:
    items = [PICTURE, {"image_url": 7}, {}]
    errors = error_of(api.post(BATCHES, json={"input": items}), 422)["errors"]
    assert [entry["loc"] for entry in errors] == [
        ["body", "input", 1, "image_url"],
        ["body", "input", 2, "image_url"],
    ]
    mock.balance = Decimal("0.20")
    error_of(api.post(BATCHES, json={"input": [PICTURE, PICTURE]}), 402)
    error_of(
        api.post("/v1/models/google/nano-banana-pro/batches", json={"input": [{"prompt": "x"}]}),
        422,
    )
    error_of(api.post(BATCHES, json={"input": [PICTURE] * 101}), 422)
    assert mock.runs == []


def test_a_batch_callback_is_redelivered_when_no_delivery_is_under_way(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    batch = create_batch(api, 1, callback_url=receiver.url)
    again = f"/v1/batches/{batch['id']}/callback-redeliveries"
    error_of(api.post(again), 404)
    receiver.answers = [500]
    mock.advance(RUN_SECONDS)
    mock.settle()
    assert error_of(api.post(again), 422)["errors"][0]["type"] == "conflict"
    mock.advance(1)
    mock.settle()
    assert api.post(again).json()["is_automatic"] is False
    mock.settle()
    assert len(receiver.received) == 3
    assert len(api.get(f"/v1/batches/{batch['id']}/callback").json()) == 2
    receiver.answers = [503]
    assert api.post(again).json()["is_automatic"] is False
    mock.settle()
    assert error_of(api.post(again), 422)["errors"][0]["type"] == "conflict"  # the third waits


def test_an_idempotency_key_creates_one_batch(mock: MockRunflow, api: httpx.Client) -> None:
    key = {"Idempotency-Key": "b"}
    first, second = (
        api.post(BATCHES, json={"input": [PICTURE]}, headers=key).json() for _ in range(2)
    )
    assert first == second
    assert len(mock.runs) == 1
    error_of(api.post(BATCHES, json={"input": [PICTURE, PICTURE]}, headers=key), 409)
