"""Faults in the body, in the clock and on callbacks; the same seed gives the same faults."""

from typing import Any

import httpx
import pytest
from runflow_mock import Fault, MockRunflow
from runflow_mock.contract.json_types import json_text

from .calling import RUN_SECONDS, create_run, error_of, get_run
from .receiver import Receiver


def test_an_unknown_status(mock: MockRunflow, api: httpx.Client) -> None:
    run_id = create_run(api)["id"]
    mock.fail_next("get_run", fault="unknown_status", value="archived")
    assert get_run(api, run_id)["status_code"] == "archived"
    assert get_run(api, run_id)["status_code"] == "queued"
    mock.fail_next("list_runs", fault="unknown_status")
    assert api.get("/v1/runs").json()["items"][0]["status_code"] == "mock_unknown"


def test_an_unknown_field_and_enum_value(mock: MockRunflow, api: httpx.Client) -> None:
    run_id = create_run(api)["id"]
    mock.fail_next("get_run", fault="unknown_field")
    assert get_run(api, run_id)["mock_unknown_field"]
    mock.fail_next("list_runs", fault="unknown_field")
    page = api.get("/v1/runs").json()
    assert page["mock_unknown_field"] == page["items"][0]["mock_unknown_field"]
    mock.fail_next("get_run", fault="unknown_enum")
    assert get_run(api, run_id)["target_type"] == "mock_unknown"


def test_null_and_wrong_types_where_the_test_says(mock: MockRunflow, api: httpx.Client) -> None:
    run_id = create_run(api)["id"]
    mock.advance(RUN_SECONDS)
    mock.fail_next("get_run", fault="null", field="output.outputs.0.url")
    assert get_run(api, run_id)["output"]["outputs"][0]["url"] is None
    mock.fail_next("get_run", fault="wrong_type", field="id")
    assert not isinstance(get_run(api, run_id)["id"], str)
    mock.fail_next("list_runs", fault="null", field="items")
    assert api.get("/v1/runs").json()["items"] is None


def test_a_seed_decides_what_is_hit(mock: MockRunflow, api: httpx.Client) -> None:
    run_id = create_run(api)["id"]

    def answers(seed: int) -> list[Any]:
        mock.faults.clear()
        mock.fail_next("get_run", fault="wrong_type", count=5, seed=seed)
        mock.fail_next("list_runs", status=503, count=None, probability=0.5, seed=seed)
        return [get_run(api, run_id) for _ in range(5)] + [
            api.get("/v1/runs").status_code for _ in range(20)
        ]

    first = answers(1)
    assert answers(1) == first
    assert answers(2) != first
    assert set(first[5:]) == {200, 503}
    mock.faults.clear()
    assert api.get("/v1/runs").status_code == 200


def test_a_clock_that_is_wrong(mock: MockRunflow, api: httpx.Client) -> None:
    run_id = create_run(api)["id"]
    mock.fail_next("get_run", fault="clock_skew", skew=-3600)
    response = api.get(f"/v1/runs/{run_id}")
    assert response.json()["created_at"] == "2025-12-31T23:00:00Z"
    assert response.headers["date"] == "Wed, 31 Dec 2025 23:00:00 GMT"


def finish(mock: MockRunflow, api: httpx.Client, receiver: Receiver, count: int = 1) -> list[str]:
    """Create that many runs, let each end, and return their ids."""
    ids = [create_run(api, callback_url=receiver.url)["id"] for _ in range(count)]
    mock.advance(RUN_SECONDS)
    mock.settle()
    return ids


def told(receiver: Receiver) -> list[str]:
    return [callback.json["run_id"] for callback in receiver.received]


def test_a_callback_comes_twice(mock: MockRunflow, api: httpx.Client, receiver: Receiver) -> None:
    mock.faults.add(Fault(kind="duplicate_callback"))
    ids = finish(mock, api, receiver, 2)
    assert sorted(told(receiver)) == sorted([ids[0], ids[0], ids[1]])
    assert {
        callback.body for callback in receiver.received if callback.json["run_id"] == ids[0]
    } == {receiver.received[told(receiver).index(ids[0])].body}


def test_a_callback_that_comes_twice_is_retried_after_both_have_failed(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    mock.faults.add(Fault(kind="duplicate_callback"))
    receiver.answers = [500, 503]
    [run_id] = finish(mock, api, receiver)
    mock.advance(1)
    mock.settle()
    assert told(receiver) == [run_id] * 3
    [delivery] = mock.deliveries
    assert [one["status_code"] for one in delivery["attempts"]] == [503, 200]


def test_a_fault_for_a_callback_is_chosen_by_any_part_of_its_payload(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    [run_id] = finish(mock, api, receiver)
    parts = [f'"{name}":{json_text(value)}' for name, value in receiver.received[0].json.items()]
    for part in parts:
        lost = mock.faults.add(Fault(kind="lost_callback", contains=part))
        api.post(f"/v1/runs/{run_id}/callback-redeliveries").raise_for_status()
        mock.settle()
        assert lost.applied, part
    assert len(parts) == 8
    assert told(receiver) == [run_id]


def test_a_callback_is_lost(mock: MockRunflow, api: httpx.Client, receiver: Receiver) -> None:
    mock.faults.add(Fault(kind="lost_callback"))
    ids = finish(mock, api, receiver, 2)
    assert told(receiver) == [ids[1]]
    assert mock.deliveries[0]["status_code"] == "succeeded"


def test_callbacks_of_batches_and_evaluations_have_the_same_faults(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    mock.faults.add(Fault(kind="lost_callback", count=None, contains="evaluation.completed"))
    mock.faults.add(Fault(kind="unknown_event", contains="batch.succeeded"))
    picture, place = "https://a.test/1.png", {"callback_url": receiver.url}
    batch = {"input": [{"image_url": picture}], **place}
    evaluation = {"generated_image_url": picture, "task_type": "edit", **place}
    api.post("/v1/models/runflow/tag-removal/batches", json=batch).raise_for_status()
    api.post("/v1/evaluations", json=evaluation).raise_for_status()
    mock.advance(RUN_SECONDS)
    mock.settle()
    assert [callback.json["event"] for callback in receiver.received] == ["mock_unknown"]
    assert {one["status_code"] for one in mock.deliveries} == {"succeeded"}
    assert mock.unused == []


def test_a_callback_is_late(mock: MockRunflow, api: httpx.Client, receiver: Receiver) -> None:
    mock.faults.add(Fault(kind="late_callback", delay=30))
    [run_id] = finish(mock, api, receiver)
    assert told(receiver) == []
    mock.advance(30)
    mock.settle()
    assert told(receiver) == [run_id]


def test_callbacks_come_in_another_order(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    mock.faults.add(Fault(kind="reordered_callback"))
    first, second = finish(mock, api, receiver, 2)
    assert told(receiver) == [second, first]


@pytest.mark.parametrize(
    ("kinds", "order"),
    [
        (["reordered_callback"], "bac"),
        (["reordered_callback", "reordered_callback"], "acb"),
        (["reordered_callback", "duplicate_callback"], "bbac"),
        (["reordered_callback", "lost_callback"], "ac"),
        (["reordered_callback", "late_callback"], "acb"),
        (["reordered_callback", "unknown_event"], "bac"),
        (["late_callback", "reordered_callback"], "cba"),
        (["duplicate_callback", "lost_callback", "reordered_callback"], "aa"),
    ],
)
def test_a_callback_that_is_held_comes_right_after_the_next(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver, kinds: list[str], order: str
) -> None:
    for name, kind in zip("abc", kinds, strict=False):
        mock.faults.add(Fault(kind=kind, contains=f'"{name}"', delay=RUN_SECONDS * 4))
    for name in "abc":
        create_run(api, callback_url=receiver.url, metadata={"name": name})
        mock.advance(RUN_SECONDS)
        mock.settle()
    mock.advance(RUN_SECONDS * 4)
    mock.settle()
    assert "".join(callback.json["metadata"]["name"] for callback in receiver.received) == order


def test_a_callback_of_an_unknown_event(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    mock.faults.add(Fault(kind="unknown_event", value="run.archived"))
    finish(mock, api, receiver)
    assert receiver.received[0].json["event"] == "run.archived"


def test_a_fault_must_make_sense(mock: MockRunflow) -> None:
    with pytest.raises(ValueError, match="status"):
        Fault(kind="status", status=20)
    with pytest.raises(TypeError):
        mock.fail_next("get_run", nonsense=1)


def test_a_fault_can_be_for_certain_requests_only(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    mock.fail_next("create_run", status=503, contains='"client_ref":"b"')
    mock.faults.add(Fault(kind="lost_callback", contains="kept quiet"))
    path = "/v1/models/google/nano-banana-pro/runs"
    assert [
        api.post(path, json={"client_ref": ref, "input": {"prompt": "x"}}).status_code
        for ref in "abb"
    ] == [
        201,
        503,
        201,
    ]
    loud = create_run(api, callback_url=receiver.url)["id"]
    create_run(api, callback_url=receiver.url, metadata={"note": "kept quiet"})
    mock.advance(RUN_SECONDS)
    mock.settle()
    assert told(receiver) == [loud]


def test_faults_can_hit_every_operation(mock: MockRunflow, api: httpx.Client) -> None:
    mock.fail_next("*", status=418, count=2)
    assert error_of(api.get("/v1/health"), 418)["code"] == "IM_A_TEAPOT"
    error_of(api.get("/v1/runs"), 418)
    assert api.get("/v1/runs").status_code == 200
