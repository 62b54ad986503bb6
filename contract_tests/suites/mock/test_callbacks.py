"""Callbacks: signed and retried as documented, kept in a history, redelivered on demand."""

import hashlib
import hmac
import json
import socket
from typing import Any

import httpx
import pytest
from runflow_mock import AcceleratedClock, MockRunflow, Settings, SteppedClock, Timings, sign

from .calling import RUN_SECONDS, create_run, error_of, get_run
from .receiver import Receiver


def make_secret(api: httpx.Client) -> tuple[str, str]:
    response = api.post("/v1/callback-secrets", json={"label": "test"})
    assert response.status_code == 201
    secret: str = response.json()["plain_secret"]
    return secret, response.json()["id"]


def history(api: httpx.Client, run_id: str) -> Any:
    return api.get(f"/v1/runs/{run_id}/callback").json()


def nowhere() -> str:
    """Return a URL on loopback where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/callbacks"


def test_a_callback_is_signed_over_its_raw_body(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    secret, secret_id = make_secret(api)
    run_id = create_run(api, callback_url=receiver.url, metadata={"name": "Zoë"})["id"]
    mock.advance(RUN_SECONDS)
    mock.settle()
    [callback] = receiver.received
    expected = hmac.new(secret.encode(), callback.body, hashlib.sha256).hexdigest()
    assert callback.headers["runflow-signature"] == expected
    assert callback.headers["runflow-request-id"]
    assert callback.headers["content-type"] == "application/json"
    run = get_run(api, run_id)
    assert callback.json == {
        "event": "run.completed",
        "run_id": run_id,
        "status": "succeeded",
        "output": run["output"],
        "duration_ms": 6000,
        "created_at": "2026-01-01T00:00:00+00:00",
        "completed_at": "2026-01-01T00:00:06+00:00",
        "metadata": {"name": "Zoë"},
    }
    [delivery] = history(api, run_id)
    assert delivery["signing_secret_id"] == secret_id
    assert delivery["payload_bytes"] == callback.body.decode()
    assert (delivery["status_code"], delivery["attempt_count"], delivery["is_automatic"]) == (
        "succeeded",
        1,
        True,
    )


def test_runs_and_deliveries_are_copies(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    run_id = create_run(api, callback_url=receiver.url, metadata={"one": 1})["id"]
    mock.advance(RUN_SECONDS)
    mock.settle()
    before = history(api, run_id), get_run(api, run_id)
    mock.deliveries[0]["attempts"].clear()
    mock.runs[0]["metadata"].clear()
    mock.runs[0]["output"]["outputs"][0].clear()
    assert (history(api, run_id), get_run(api, run_id)) == before
    assert (mock.deliveries[0]["attempts"], mock.runs[0]["metadata"]) == (
        before[0][0]["attempts"],
        {"one": 1},
    )


def test_without_a_secret_there_is_no_signature(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    create_run(api, callback_url=receiver.url)
    mock.advance(RUN_SECONDS)
    mock.settle()
    assert "runflow-signature" not in receiver.received[0].headers
    assert "runflow-request-id" in receiver.received[0].headers


def test_a_5xx_is_retried_after_one_and_two_seconds(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    receiver.answers = [503, 500]
    run_id = create_run(api, callback_url=receiver.url)["id"]
    counts: list[int] = []
    for step in (RUN_SECONDS, 0.9, 0.1, 1.9, 0.1, 100):
        mock.advance(step)
        mock.settle()
        counts.append(len(receiver.received))
    assert counts == [1, 1, 2, 2, 3, 3]
    assert len({callback.body for callback in receiver.received}) == 1
    [delivery] = history(api, run_id)
    assert delivery["status_code"] == "succeeded"
    assert [attempt["status_code"] for attempt in delivery["attempts"]] == [503, 500, 200]
    assert [attempt["created_at"][-4:] for attempt in delivery["attempts"]] == [
        ":06Z",
        ":07Z",
        ":09Z",
    ]


def test_retries_end_after_three_attempts(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    receiver.answers = [500] * 10
    run_id = create_run(api, callback_url=receiver.url)["id"]
    mock.advance(1000)
    mock.settle()
    assert len(receiver.received) == 3
    [delivery] = history(api, run_id)
    assert (delivery["status_code"], delivery["attempt_count"], delivery["max_attempts"]) == (
        "failed",
        3,
        3,
    )
    assert delivery["next_attempt_at"] is None


@pytest.mark.parametrize("status", [302, 400, 404, 429])
def test_other_statuses_are_not_retried(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver, status: int
) -> None:
    receiver.answers = [status]
    run_id = create_run(api, callback_url=receiver.url)["id"]
    mock.advance(1000)
    mock.settle()
    assert [callback.path for callback in receiver.received] == ["/callbacks"]
    assert history(api, run_id)[0]["failure_reason_code"] == "http_status"


def test_a_network_error_is_retried(mock: MockRunflow, api: httpx.Client) -> None:
    run_id = create_run(api, callback_url=nowhere())["id"]
    mock.advance(1000)
    mock.settle()
    [delivery] = history(api, run_id)
    assert (delivery["attempt_count"], delivery["failure_reason_code"]) == (3, "network_error")


def test_callbacks_leave_loopback_only_by_name(api: httpx.Client, mock: MockRunflow) -> None:
    run_id = create_run(api, callback_url="https://example.com/callbacks")["id"]
    mock.advance(1000)
    mock.settle()
    [delivery] = history(api, run_id)
    assert (delivery["status_code"], delivery["attempt_count"]) == ("failed", 0)
    assert "example.com" in str(delivery["failure_detail"])


def test_a_redelivery_is_made_anew(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    run_id = create_run(api, callback_url=receiver.url)["id"]
    error_of(api.post(f"/v1/runs/{run_id}/callback-redeliveries"), 404)
    mock.advance(RUN_SECONDS)
    mock.settle()
    secret, _ = make_secret(api)
    assert api.post(f"/v1/runs/{run_id}/callback-redeliveries").json()["is_automatic"] is False
    mock.settle()
    first, second = receiver.received
    assert first.body == second.body
    assert "runflow-signature" not in first.headers
    assert (
        second.headers["runflow-signature"]
        == hmac.new(secret.encode(), second.body, hashlib.sha256).hexdigest()
    )
    assert len(history(api, run_id)) == 2
    other = create_run(api)["id"]
    mock.advance(RUN_SECONDS)
    error_of(api.post(f"/v1/runs/{other}/callback-redeliveries"), 404)


def test_secrets_rotate(mock: MockRunflow, api: httpx.Client, receiver: Receiver) -> None:
    (old, old_id), (new, new_id) = make_secret(api), make_secret(api)
    assert old.startswith("whsec_")
    assert old != new
    shown = api.get("/v1/callback-secrets").json()["items"]
    assert {row["id"]: row["is_current"] for row in shown} == {old_id: True, new_id: False}
    assert old not in json.dumps(shown)
    renamed = api.patch(
        f"/v1/callback-secrets/{new_id}", json={"is_current": True, "label": "newer"}
    )
    assert renamed.json()["label"] == "newer"
    assert api.get(f"/v1/callback-secrets/{old_id}").json()["is_current"] is False
    create_run(api, callback_url=receiver.url)
    mock.advance(RUN_SECONDS)
    mock.settle()
    [callback] = receiver.received
    assert (
        callback.headers["runflow-signature"]
        == hmac.new(new.encode(), callback.body, hashlib.sha256).hexdigest()
    )
    assert api.delete(f"/v1/callback-secrets/{old_id}").status_code == 204
    error_of(api.get(f"/v1/callback-secrets/{old_id}"), 404)


@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("failed", "run.failed"),
        ("canceled", "run.cancelled"),
        ("cancelled", "run.cancelled"),
        ("partial_succeeded", "run.partial_succeeded"),
    ],
)
def test_every_end_has_its_event(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver, status: str, event: str
) -> None:
    mock.next_outcome(status)
    create_run(api, callback_url=receiver.url)
    mock.advance(RUN_SECONDS)
    mock.settle()
    payload = receiver.received[0].json
    assert (payload["event"], payload["status"]) == (event, status)
    if status == "failed":
        assert payload["output"]["code"] == "PROVIDER_ERROR"


def test_the_output_of_a_failed_callback_can_be_null(receiver: Receiver) -> None:
    with MockRunflow(SteppedClock(), settings=Settings(error_in_failed_callback=False)) as mock:
        mock.next_outcome("failed")
        headers = {"Authorization": f"Bearer {mock.api_key}"}
        with httpx.Client(base_url=mock.base_url, headers=headers, trust_env=False) as api:
            create_run(api, callback_url=receiver.url)
        mock.advance(RUN_SECONDS)
        mock.settle()
    assert receiver.received[0].json["output"] is None


def test_retries_are_signed_with_the_secret_that_their_delivery_names(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    old, new = (api.post("/v1/callback-secrets", json={}).json() for _ in range(2))
    receiver.answers = [500, 500]
    run_id = create_run(api, callback_url=receiver.url)["id"]
    mock.advance(RUN_SECONDS)
    receiver.wait_for(1)
    mock.settle()
    api.patch(f"/v1/callback-secrets/{new['id']}", json={"is_current": True})
    mock.advance(1)
    receiver.wait_for(2)
    mock.settle()
    api.delete(f"/v1/callback-secrets/{old['id']}")
    mock.advance(2)
    received = receiver.wait_for(3)
    mock.settle()
    for attempt in received:
        assert attempt.headers["runflow-signature"] == sign(old["plain_secret"], attempt.body)
    [delivery] = api.get(f"/v1/runs/{run_id}/callback").json()
    assert delivery["signing_secret_id"] == old["id"]
    redelivered = api.post(f"/v1/runs/{run_id}/callback-redeliveries").json()
    assert redelivered["signing_secret_id"] == new["id"]
    last = receiver.wait_for(4)[-1]
    assert last.headers["runflow-signature"] == sign(new["plain_secret"], last.body)


def test_a_callback_is_as_early_as_the_clock_is_fast(receiver: Receiver) -> None:
    """No request comes meanwhile: the server itself waits for the end of the run, a day later."""
    settings = Settings(timings=Timings(running=86_400))
    with (
        MockRunflow(AcceleratedClock(1e6), settings=settings) as mock,
        httpx.Client(
            base_url=mock.base_url,
            headers={"Authorization": f"Bearer {mock.api_key}"},
            trust_env=False,
        ) as api,
    ):
        create_run(api, callback_url=receiver.url)
        [came] = receiver.wait_for(1)
    assert came.json["status"] == "succeeded"
