"""What belongs to one organization is not there for another, however it is referred to."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from runflow_mock import MockRunflow
from runflow_mock.api.calls import Handler
from runflow_mock.api.handlers import HANDLERS

from .calling import RUN_SECONDS, create_run, error_of, get_run
from .receiver import Receiver
from .test_assets import begin, upload

OWNED = re.compile(
    r"/v1/(runs|batches|assets|asset-uploads|webhooks|callback-secrets|evaluations)/\{"
)
BY_ID = [handler for handler in HANDLERS.values() if OWNED.match(handler.path)]
UNKNOWN = "0190aaaa-0000-7000-8000-000000000001"
BODIES: dict[str, object] = {
    "/v1/evaluations/{evaluation_id}/feedback": {"is_positive": True},
    "/v1/runs/{run_id}/evaluations/{evaluation_id}/feedback": {"is_positive": True},
}


@pytest.fixture
def other(mock: MockRunflow) -> Iterator[httpx.Client]:
    """A client of another organization."""
    key = mock.keys.add("rf_live_other", balance="5").key
    with httpx.Client(
        base_url=mock.base_url, headers={"Authorization": f"Bearer {key}"}, trust_env=False
    ) as client:
        yield client


def everything(mock: MockRunflow, api: httpx.Client, receiver: Receiver) -> dict[str, str]:
    """Make one of each, and return their ids by the parameters of paths."""
    run = create_run(api, callback_url=receiver.url)["id"]
    batch = api.post(
        "/v1/models/runflow/skin-fix/batches",
        json={"input": [{"image_url": "https://a.test/a.png"}], "callback_url": receiver.url},
    ).json()["id"]
    webhook = api.post("/v1/webhooks", json={"url": receiver.url}).json()["id"]
    secret = api.post("/v1/callback-secrets", json={}).json()["id"]
    evaluation = api.post(
        "/v1/evaluations",
        json={
            "generated_image_url": "https://a.test/a.png",
            "task_type": "product_photo",
            "run_id": run,
        },
    ).json()["id"]
    mock.advance(RUN_SECONDS * 10)
    mock.settle()
    inner = {
        "logs": f"/v1/runs/{run}/logs",
        "node-runs": f"/v1/runs/{run}/node-runs",
        "items": f"/v1/batches/{batch}/items",
        "deliveries": f"/v1/webhooks/{webhook}/deliveries",
    }
    return {
        **{name: api.get(path).json()["items"][0]["id"] for name, path in inner.items()},
        "attempts": UNKNOWN,
        "runs": run,
        "batches": batch,
        "assets": upload(api)["id"],
        "asset-uploads": begin(api)["asset_id"],
        "webhooks": webhook,
        "callback-secrets": secret,
        "evaluations": evaluation,
    }


def address(path: str, made: dict[str, str]) -> str:
    """Put the ids into the path: each parameter names what stands before it."""
    return re.sub(r"/([a-z-]+)/\{\w+\}", lambda found: f"/{found[1]}/{made[found[1]]}", path)


def ask(client: httpx.Client, handler: Handler, made: dict[str, str]) -> httpx.Response:
    body: Any = BODIES.get(handler.path, {} if handler.method in ("POST", "PATCH") else None)
    return client.request(handler.method, address(handler.path, made), json=body)


def test_no_operation_reaches_what_another_organization_has(
    mock: MockRunflow, api: httpx.Client, other: httpx.Client, receiver: Receiver
) -> None:
    made = everything(mock, api, receiver)
    sent = len(receiver.received)
    assert len(BY_ID) > 25
    answers = {handler.name: ask(other, handler, made).status_code for handler in BY_ID}
    assert answers == dict.fromkeys(answers, 404)
    mock.advance(60)
    mock.settle()
    assert len(receiver.received) == sent
    # And it was there all the time.
    reads = [handler for handler in BY_ID if handler.method == "GET" and "}/" not in handler.path]
    assert [ask(api, handler, made).status_code for handler in reads] == [200] * len(reads)


def test_an_input_cannot_refer_to_an_asset_of_another_organization(
    mock: MockRunflow, api: httpx.Client, other: httpx.Client
) -> None:
    reference = f"runflow://assets/{upload(api)['id']}"
    run = create_run(other, "runflow/skin-fix", input={"image_url": reference})["id"]
    mock.advance(RUN_SECONDS)
    found = get_run(other, run)
    assert (found["status_code"], found["failure_code"]) == ("failed", "ASSET_NOT_FOUND")
    assert found["input"] == {"image_url": reference}


def test_an_evaluation_cannot_be_of_a_run_of_another_organization(
    api: httpx.Client, other: httpx.Client
) -> None:
    body = {
        "generated_image_url": "https://a.test/a.png",
        "task_type": "product_photo",
        "run_id": create_run(api)["id"],
    }
    assert api.post("/v1/evaluations", json=body).status_code in (201, 202)
    error_of(other.post("/v1/evaluations", json=body), 404)


def test_webhooks_hear_of_their_own_organization_alone(
    mock: MockRunflow, api: httpx.Client, other: httpx.Client, receiver: Receiver
) -> None:
    other.post("/v1/webhooks", json={"url": receiver.url}).raise_for_status()
    create_run(api)
    mock.advance(RUN_SECONDS)
    mock.settle()
    assert receiver.received == []
