"""A server that is started again at any moment goes on as if it had never stopped."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from runflow_mock import MockRunflow, Settings, SteppedClock

from .receiver import Receiver

STEP = 0.5  # seconds; runs, evaluations and retries have their instants at whole and half ones
STEPS = 26
MODEL = "/v1/models/google/nano-banana-pro/runs"
BATCHED = "/v1/models/runflow/tag-removal/batches"
PICTURE = "https://a.test/1.png"
LISTS = ("runs", "batches", "evaluations", "assets", "webhooks", "callback-secrets")
PUBLIC_URL = "http://mock"


def api_of(mock: MockRunflow) -> httpx.Client:
    headers = {"Authorization": f"Bearer {mock.api_key}"}
    return httpx.Client(base_url=mock.base_url, headers=headers, trust_env=False, timeout=30)


def begin(mock: MockRunflow, api: httpx.Client, place: str) -> None:
    """Create something of each kind, in states that all have their ends still before them."""
    api.post("/v1/callback-secrets", json={}).raise_for_status()
    webhook = {"url": "https://a.test/refused", "event_subscriptions": ["run.completed"]}
    api.post("/v1/webhooks", json=webhook).raise_for_status()
    for status in ("succeeded", "failed", "partial_succeeded", "canceled"):
        mock.next_outcome(status)
        body: dict[str, Any] = {"input": {"prompt": status, "num_images": 3}}
        api.post(MODEL, json=body).raise_for_status()
    api.post(BATCHED, json={"input": [{"image_url": PICTURE}] * 2}).raise_for_status()
    picture = {"generated_image_url": PICTURE, "task_type": "edit"}
    api.post("/v1/evaluations", json=picture).raise_for_status()
    mock.advance(STEP)
    body = {"input": {"prompt": "called back"}, "callback_url": place}
    api.post(MODEL, json=body).raise_for_status()
    upload = {"filename": "a", "mime_type": "image/png", "size_bytes": 1}
    api.post("/v1/asset-uploads", json=upload).raise_for_status()


def seen(mock: MockRunflow, api: httpx.Client) -> dict[str, Any]:
    """Return everything that the server shows."""
    shown: dict[str, Any] = {name: api.get(f"/v1/{name}").json() for name in LISTS}
    shown["balance"] = api.get("/v1/billing/balance").json()
    for what in ("logs", "node-runs"):
        shown[what] = api.get(f"/v1/runs/any/{what}", params={"limit": 200}).json()
    shown |= {"deliveries": mock.deliveries, "ledger": mock.ledger, "rows": mock.runs}
    return copy.deepcopy(shown)


def life(folder: Path, receiver: Receiver, restarts: set[int]) -> list[dict[str, Any]]:
    """Play one life with restarts after these steps; return what is seen after every step."""
    folder.mkdir()
    settings = Settings(seed=0, state_file=folder / "state.sqlite", public_url=PUBLIC_URL)
    receiver.answers = [500, 503]
    mock = MockRunflow(SteppedClock(), settings=settings).start()
    api = api_of(mock)
    views: list[dict[str, Any]] = []
    try:
        begin(mock, api, receiver.url)
        for step in range(STEPS):
            if step in restarts:
                api.close()
                mock.stop()
                mock = MockRunflow(SteppedClock(), settings=settings).start()
                api = api_of(mock)
            mock.advance(STEP)
            mock.settle()
            views.append(seen(mock, api))
    finally:
        api.close()
        mock.stop()
    return views


@pytest.fixture(scope="module")
def calls() -> Iterator[Receiver]:
    """A receiver that all lives call back, so that its address is the same in each."""
    listening = Receiver().start()
    yield listening
    listening.stop()


@pytest.fixture(scope="module")
def steady(calls: Receiver, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What is seen of a life without restarts."""
    return life(tmp_path_factory.mktemp("lives") / "steady", calls, set())


@pytest.mark.parametrize(
    "restarts",
    [set(range(STEPS)), set(range(0, STEPS, 2)), set(range(1, STEPS, 2)), {3}],
    ids=["always", "even", "odd", "once"],
)
def test_a_restart_changes_nothing_that_is_seen(
    restarts: set[int], tmp_path: Path, calls: Receiver, steady: list[dict[str, Any]]
) -> None:
    restarted = life(tmp_path / "restarted", calls, restarts)
    for step, (before, after) in enumerate(zip(steady, restarted, strict=True)):
        for name, value in before.items():
            assert after[name] == value, f"{name} after step {step}"
    ended = {row["status_code"] for row in steady[-1]["rows"]}
    assert ended == {"succeeded", "failed", "partial_succeeded", "canceled"}
    attempts = [one["status_code"] for one in steady[-1]["deliveries"][0]["attempts"]]
    assert attempts == [500, 503, 200]
