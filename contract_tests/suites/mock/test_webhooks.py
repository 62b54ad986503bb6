"""Organization webhooks: every terminal run is sent to its subscribers, signed and retried."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import httpx
from runflow_mock import MockRunflow
from runflow_mock.simulation.outcomes import Outcome

from .calling import RUN_SECONDS, create_run, error_of, get_run
from .receiver import Receiver
from .stories.world import World

EVENTS = {
    "succeeded": "run.completed",
    "partial_succeeded": "run.partial_succeeded",
    "failed": "run.failed",
    "canceled": "run.cancelled",
}
"""The event of each end."""


def create_webhook(api: httpx.Client, url: str, **body: Any) -> Any:
    response = api.post("/v1/webhooks", json={"url": url, **body})
    assert response.status_code == 201, response.text
    return response.json()


def test_a_webhook_gets_what_it_subscribed_to(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    webhook = create_webhook(api, receiver.url, secret="s3cret", event_subscriptions=["run.failed"])
    assert webhook["event_subscriptions"] == [
        {"webhook_id": webhook["id"], "event_type_code": "run.failed"}
    ]
    assert "s3cret" not in str(webhook)
    assert webhook["last_triggered_at"] is None
    create_run(api)
    mock.next_outcome("failed", count=1)
    failed = create_run(api)["id"]
    mock.advance(RUN_SECONDS)
    mock.settle()
    [told] = receiver.received
    assert (told.json["event"], told.json["run_id"]) == ("run.failed", failed)
    triggered = api.get(f"/v1/webhooks/{webhook['id']}").json()["last_triggered_at"]
    assert triggered == get_run(api, failed)["completed_at"]
    assert (
        told.headers["runflow-signature"]
        == hmac.new(b"s3cret", told.body, hashlib.sha256).hexdigest()
    )


def test_a_webhook_is_told_of_the_events_that_it_names_alone(tmp_path: Path) -> None:
    world, place = World(tmp_path, seed=0), "http://localhost/200?"
    for event in EVENTS.values():
        body = {"url": f"{place}{event}", "event_subscriptions": [event]}
        assert world.call("POST", "/v1/webhooks", body)[0] == 201
    for end in EVENTS:
        world.simulation.outcomes.plan(Outcome(end))
        world.call("POST", "/v1/models/acme/free/runs", {"input": {}})
    world.advance(1)
    posts = [post for [post] in world.receiver.posts.values()]
    told = {(post.url.removeprefix(place), json.loads(post.body)["event"]) for post in posts}
    assert told == {(event, event) for event in EVENTS.values()}
    world.end()


def test_secret_and_events_of_a_webhook_can_be_changed(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    webhook = create_webhook(api, receiver.url, secret="old", event_subscriptions=["run.failed"])
    path = f"/v1/webhooks/{webhook['id']}"
    changed = api.patch(path, json={"secret": "new", "event_subscriptions": ["run.completed"]})
    assert changed.json()["event_subscriptions"] == [
        {"webhook_id": webhook["id"], "event_type_code": "run.completed"}
    ]
    assert changed.json()["secret_fingerprint"] != webhook["secret_fingerprint"]
    assert "new" not in changed.text
    error_of(api.patch(path, json={"event_subscriptions": ["run.exploded"]}), 422)
    create_run(api)
    mock.advance(RUN_SECONDS)
    mock.settle()
    [told] = receiver.received
    signature = hmac.new(b"new", told.body, hashlib.sha256).hexdigest()
    assert told.headers["runflow-signature"] == signature


def test_a_retry_goes_where_its_delivery_went_and_is_signed_as_that_was(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    webhook = create_webhook(api, f"{receiver.url}/old", secret="old")
    path = f"/v1/webhooks/{webhook['id']}"
    receiver.answers = [500, 500]
    create_run(api)
    mock.advance(RUN_SECONDS)
    mock.settle()
    api.patch(path, json={"secret": "new", "url": f"{receiver.url}/new"}).raise_for_status()
    mock.advance(1)
    mock.settle()
    api.delete(path).raise_for_status()
    mock.advance(2)
    mock.settle()
    told = receiver.received
    assert {one.path.rpartition("/")[2] for one in told} == {"old"}
    signed = hmac.new(b"old", told[0].body, hashlib.sha256).hexdigest()
    assert [one.headers["runflow-signature"] for one in told] == [signed] * 3


def test_deliveries_and_attempts_can_be_read(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    webhook = create_webhook(api, receiver.url)
    receiver.answers = [500]
    create_run(api)
    mock.advance(RUN_SECONDS + 10)
    mock.settle()
    path = f"/v1/webhooks/{webhook['id']}/deliveries"
    [delivery] = api.get(path).json()["items"]
    attempts = api.get(f"{path}/{delivery['id']}/attempts").json()["items"]
    rows = [
        (1, 500, False, "2026-01-01T00:00:06Z", "2026-01-01T00:00:07Z"),
        (2, 200, True, "2026-01-01T00:00:07Z", None),
    ]
    names = ("attempt_number", "status_code", "succeeded", "created_at", "next_retry_at")
    assert attempts == [
        {
            **dict(zip(names, row, strict=True)),
            "id": attempt["id"],
            "delivery_id": delivery["id"],
            "response_body": "",
            "response_time_ms": 0,
        }
        for row, attempt in zip(rows, attempts, strict=True)
    ]
    assert delivery == {
        "id": delivery["id"],
        "webhook_id": webhook["id"],
        "event_type_code": "run.completed",
        "payload": receiver.received[0].json,
        "created_at": "2026-01-01T00:00:06Z",
    }
    one = api.get(f"{path}/{delivery['id']}?embed=attempts,webhook").json()
    assert one["attempts"] == attempts
    assert one["webhook"]["id"] == webhook["id"]
    assert api.get(f"{path}/{delivery['id']}/attempts/{attempts[0]['id']}").json() == attempts[0]
    assert len(api.get("/v1/webhooks/any/deliveries/any/attempts").json()["items"]) == 2
    assert (
        api.get(f"/v1/webhooks/{webhook['id']}?embed=deliveries").json()["deliveries"][0]["id"]
        == delivery["id"]
    )


def test_a_disabled_or_deleted_webhook_gets_nothing(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    first, second = create_webhook(api, receiver.url), create_webhook(api, receiver.url)
    changed = api.patch(
        f"/v1/webhooks/{first['id']}", json={"disabled_at": "2026-01-01T00:00:00Z"}
    ).json()
    assert changed["disabled_at"]
    assert api.delete(f"/v1/webhooks/{second['id']}").status_code == 204
    error_of(api.get(f"/v1/webhooks/{second['id']}"), 404)
    create_run(api)
    mock.advance(RUN_SECONDS)
    mock.settle()
    assert receiver.received == []
    assert [row["id"] for row in api.get("/v1/webhooks").json()["items"]] == [first["id"]]


def test_wrong_webhooks_are_refused(api: httpx.Client) -> None:
    for wrong in (
        {},
        {"url": "ftp://example.com"},
        {"url": 7},
        {"url": "http://["},
        {"url": "http://:80"},
    ):
        assert error_of(api.post("/v1/webhooks", json=wrong), 422)["errors"][0]["loc"] == [
            "body",
            "url",
        ]
    body = {"url": "https://example.com", "event_subscriptions": ["run.nothing"]}
    assert error_of(api.post("/v1/webhooks", json=body), 422)["errors"][0]["loc"] == [
        "body",
        "event_subscriptions",
        0,
    ]
    assert len(api.get("/v1/webhooks/event-types").json()) == 4
    assert api.get("/v1/webhooks/event-types/run.failed").json() == {"code": "run.failed"}
    error_of(api.get("/v1/webhooks/event-types/run.nothing"), 404)


def test_calls_that_are_repeated_after_a_change_say_what_is_true_then(
    api: httpx.Client,
) -> None:
    """What is set twice is set; what is deleted twice is gone, and nothing else goes with it."""
    first, second = (api.post("/v1/callback-secrets", json={}).json()["id"] for _ in range(2))
    for promoted in (second, first, second, second):
        path = f"/v1/callback-secrets/{promoted}"
        assert api.patch(path, json={"is_current": True}).json()["is_current"]
        listed = api.get("/v1/callback-secrets").json()["items"]
        assert [one["id"] for one in listed if one["is_current"]] == [promoted]
    assert api.delete(f"/v1/callback-secrets/{first}").status_code == 204
    third = api.post("/v1/callback-secrets", json={}).json()["id"]
    error_of(api.delete(f"/v1/callback-secrets/{first}"), 404)
    listed = api.get("/v1/callback-secrets").json()["items"]
    assert {one["id"]: one["is_current"] for one in listed} == {second: True, third: False}
