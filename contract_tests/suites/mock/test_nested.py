"""Nested collections, of one parent or any.

They are the logs and node runs of runs, and the inputs, outputs and examples of models.
"""

import httpx
from runflow_mock import MockRunflow

from .calling import RUN_SECONDS, create_run, error_of


def test_logs_tell_the_life(mock: MockRunflow, api: httpx.Client) -> None:
    run_id = create_run(api)["id"]
    path = f"/v1/runs/{run_id}/logs"
    assert [log["message"] for log in api.get(path).json()["items"]] == ["run is queued"]
    mock.advance(RUN_SECONDS)
    logs = api.get(path).json()["items"]
    assert [log["message"] for log in logs] == [
        "run is queued",
        "run is dispatching",
        "run is running",
        "node prepare completed",
        "node generate completed",
        "run is succeeded",
    ]
    assert api.get(f"{path}/{logs[2]['id']}").json() == logs[2]
    create_run(api)
    assert len(api.get("/v1/runs/any/logs").json()["items"]) == 7
    error_of(api.get(f"{path}/{run_id}"), 404)
    error_of(api.get("/v1/runs/0190aaaa-0000-7000-8000-000000000001/logs"), 404)


def test_node_runs_follow_the_progress(mock: MockRunflow, api: httpx.Client) -> None:
    run_id = create_run(api)["id"]
    path = f"/v1/runs/{run_id}/node-runs"
    assert api.get(path).json()["items"] == []
    mock.advance(4)
    assert [node["state_code"] for node in api.get(path).json()["items"]] == [
        "completed",
        "running",
    ]
    mock.advance(2)
    nodes = api.get(path).json()["items"]
    assert [node["state_code"] for node in nodes] == ["completed"] * 3
    assert api.get(f"{path}/{nodes[0]['id']}").json() == nodes[0]


def test_the_nodes_of_a_failed_run_stop(mock: MockRunflow, api: httpx.Client) -> None:
    mock.next_outcome("failed", failure_message="out of paint")
    run_id = create_run(api)["id"]
    mock.advance(RUN_SECONDS)
    nodes = api.get(f"/v1/runs/{run_id}/node-runs").json()["items"]
    assert [(node["state_code"], node["error_message"]) for node in nodes][-1] == (
        "stopped",
        "out of paint",
    )


def test_a_run_embeds_its_logs_and_nodes(mock: MockRunflow, api: httpx.Client) -> None:
    run_id = create_run(api)["id"]
    mock.advance(RUN_SECONDS)
    run = api.get(f"/v1/runs/{run_id}?embed=logs,node_runs").json()
    assert (len(run["logs"]), len(run["node_runs"])) == (6, 3)
    assert "logs" not in api.get(f"/v1/runs/{run_id}").json()


def test_models_have_inputs_outputs_and_examples(api: httpx.Client) -> None:
    model_id = api.get("/v1/models/google/nano-banana-pro").json()["id"]
    for kind, count in (("inputs", 10), ("outputs", 5), ("examples", 1)):
        rows = api.get(f"/v1/models/{model_id}/{kind}").json()["items"]
        assert len(rows) == count
        assert api.get(f"/v1/models/{model_id}/{kind}/{rows[0]['id']}").json() == rows[0]
        assert api.get(f"/v1/models/any/{kind}/{rows[0]['id']}").json() == rows[0]
        error_of(api.get(f"/v1/models/{model_id}/{kind}/{model_id}"), 404)
        error_of(api.get(f"/v1/models/{rows[0]['id']}/{kind}"), 404)
    assert len(api.get("/v1/models/any/inputs?limit=500").json()["items"]) > 200
