"""Evaluations: pending, running, completed; judges, feedback, and the summary on the run."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from runflow_mock import MockRunflow

from .calling import create_run, error_of, get_run
from .receiver import Receiver
from .stories.world import World


def create_evaluation(api: httpx.Client, **changes: Any) -> Any:
    body = {
        "generated_image_url": "https://example.com/a.png",
        "task_type": "text-to-image",
        **changes,
    }
    response = api.post("/v1/evaluations", json=body)
    assert response.status_code == 202, response.text
    return response.json()


def test_an_evaluation_is_pending_running_completed(mock: MockRunflow, api: httpx.Client) -> None:
    created = create_evaluation(api, client_ref="ours")
    path = f"/v1/evaluations/{created['id']}"
    seen = [created["status_code"]]
    for seconds in (1, 2):
        mock.advance(seconds)
        seen.append(api.get(path).json()["status_code"])
    assert seen == ["pending", "running", "completed"]
    done = api.get(path).json()
    assert 0 <= done["weighted_pass_rate"] <= 1
    assert done["overall_passed"] is (done["weighted_pass_rate"] >= 0.5)
    assert "judges" not in done
    judges = api.get(path, params={"embed": "judges,action"}).json()["judges"]
    assert {judge["name"]: judge["passed"] for judge in judges} == done["check_summary"]
    found = api.get("/v1/evaluations", params={"q": "client_ref.EQ:'ours'"}).json()["items"]
    assert [row["id"] for row in found] == [created["id"]]


def test_a_run_shows_the_summary_of_its_evaluation(mock: MockRunflow, api: httpx.Client) -> None:
    run_id = create_run(api)["id"]
    evaluation = create_evaluation(api, run_id=run_id)
    mock.advance(10)
    summary = get_run(api, run_id)["current_evaluation_summary"]
    assert summary["status_code"] == "completed"
    [listed] = api.get(f"/v1/runs/{run_id}/evaluations").json()["items"]
    assert (listed["id"], listed["weighted_pass_rate"]) == (evaluation["id"], summary["score"])
    error_of(api.post("/v1/evaluations", json={**evaluation, "run_id": evaluation["id"]}), 422)
    body = {"generated_image_url": "x", "task_type": "y", "run_id": evaluation["id"]}
    error_of(api.post("/v1/evaluations", json=body), 404)


@pytest.mark.parametrize("below_the_run", [True, False])
def test_feedback_is_set_and_cleared(
    mock: MockRunflow, api: httpx.Client, below_the_run: bool
) -> None:
    run_id = create_run(api)["id"]
    evaluation = create_evaluation(api, run_id=run_id)["id"]
    path = (
        f"/v1/runs/{run_id}/evaluations/{evaluation}/feedback"
        if below_the_run
        else f"/v1/evaluations/{evaluation}/feedback"
    )
    given = api.patch(path, json={"is_positive": False, "reason": "the light"}).json()
    assert (given["feedback_is_positive"], given["feedback_reason"]) == (False, "the light")
    assert get_run(api, run_id)["feedback_is_positive"] is (False if below_the_run else None)
    cleared = api.patch(path, json={"is_positive": None, "reason": "gone"}).json()
    assert (cleared["feedback_is_positive"], cleared["feedback_reason"]) == (None, None)
    other = create_run(api)["id"]
    error_of(
        api.patch(
            f"/v1/runs/{other}/evaluations/{evaluation}/feedback", json={"is_positive": True}
        ),
        404,
    )


def test_the_verdict_and_the_feedback_of_a_run_are_kept(tmp_path: Path) -> None:
    world = World(tmp_path, seed=0)
    run_id = world.call("POST", "/v1/models/acme/free/runs", {"input": {}})[1]["id"]
    body = {"generated_image_url": "https://a.example/x.png", "task_type": "t", "run_id": run_id}
    evaluation = world.call("POST", "/v1/evaluations", body)[1]["id"]
    world.advance(10)
    feedback = f"/v1/runs/{run_id}/evaluations/{evaluation}/feedback"
    world.call("PATCH", feedback, {"is_positive": False, "reason": "dark"})
    paths = (f"/v1/runs/{run_id}", f"/v1/evaluations/{evaluation}")
    before = [world.get(path) for path in paths]
    assert [one["feedback_reason"] for one in before] == ["dark", "dark"]
    assert before[0]["current_evaluation_summary"]["status_code"] == "completed"
    world.end()
    world.begin()
    assert [world.get(path) for path in paths] == before
    world.end()


def test_reference_lists(api: httpx.Client) -> None:
    assert [entry["code"] for entry in api.get("/v1/evaluations/job-classes").json()] == [
        "standard"
    ]
    codes = [entry["code"] for entry in api.get("/v1/evaluations/statuses").json()]
    assert codes == ["pending", "running", "completed", "failed"]


def test_an_evaluation_calls_back(mock: MockRunflow, api: httpx.Client, receiver: Receiver) -> None:
    evaluation = create_evaluation(api, callback_url=receiver.url)
    mock.advance(10)
    mock.settle()
    [callback] = receiver.received
    assert (callback.json["evaluation_id"], callback.json["status"]) == (
        evaluation["id"],
        "completed",
    )


def test_too_many_reference_pictures(api: httpx.Client) -> None:
    body = {"generated_image_url": "x", "task_type": "y", "reference_images": [{"url": "z"}] * 5}
    error_of(api.post("/v1/evaluations", json=body), 422)
