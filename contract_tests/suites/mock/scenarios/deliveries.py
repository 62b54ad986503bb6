"""Callbacks of runs, webhooks of organizations, and the secrets that sign both."""

from __future__ import annotations

import socket
from typing import Any

from .recorder import Recorder, objects
from .runs import MISSING

SECRETS = "/v1/callback-secrets"
WEBHOOKS = "/v1/webhooks"


def closed_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def new_secret(recorder: Recorder, label: str | None = None) -> str:
    """Create a secret, name it for the text, and return its id."""
    made = recorder.post(SECRETS, {} if label is None else {"label": label})
    recorder.secrets[f"secret {len(recorder.secrets) + 1}"] = made["plain_secret"]
    return str(made["id"])


def secrets(recorder: Recorder) -> None:
    """Play the life of secrets, and what they sign meanwhile."""
    recorder.title("without a secret")
    recorder.get(SECRETS)
    recorder.run("unsigned", callback_url=recorder.receiver.url)
    recorder.advance(10)
    recorder.title("the first is current")
    first, second = new_secret(recorder, "one"), new_secret(recorder)
    for label in ("two", None, ""):
        recorder.patch(f"{SECRETS}/{second}", {"label": label})
    recorder.patch(f"{SECRETS}/{second}", {})
    recorder.patch(f"{SECRETS}/{second}", {"is_current": "yes"})
    recorder.run("first", callback_url=recorder.receiver.url)
    recorder.advance(10)
    recorder.get(SECRETS, sort_by="created_at:asc")
    recorder.title("a retry is signed with the secret of its delivery")
    for change in ("promote", "delete", "none current"):
        recorder.answers(500, 503)
        run = recorder.run(change, callback_url=recorder.receiver.url)
        recorder.advance(6)
        if change == "promote":
            recorder.patch(f"{SECRETS}/{second}", {"is_current": True, "label": "new"})
        elif change == "delete":
            recorder.delete(f"{SECRETS}/{second}")
            recorder.delete(f"{SECRETS}/{second}")
        else:
            recorder.patch(f"{SECRETS}/{first}", {"is_current": True})
        recorder.get(SECRETS)
        recorder.advance(1)
        if change == "none current":
            recorder.patch(f"{SECRETS}/{first}", {"is_current": False})
        recorder.restart()
        recorder.advance(2)
        recorder.get(f"/v1/runs/{run}/callback")
        recorder.post(f"/v1/runs/{run}/callback-redeliveries")
        recorder.record_callbacks()
        recorder.get(SECRETS)
    recorder.patch(f"{SECRETS}/{first}", {"is_current": True})
    for path in (first, MISSING):
        recorder.get(f"{SECRETS}/{path}")
    recorder.mock.keys.add("rf_live_other", balance="1")
    with recorder.key("rf_live_other"):
        recorder.title("another organization")
        recorder.get(SECRETS)
        recorder.get(f"{SECRETS}/{first}")
        recorder.patch(f"{SECRETS}/{first}", {"label": "mine"})
        recorder.delete(f"{SECRETS}/{first}")
        new_secret(recorder, "of the other")
        recorder.run("of the other", callback_url=recorder.receiver.url)
        recorder.advance(10)
        recorder.get(SECRETS)
    recorder.get(SECRETS)


def callbacks(recorder: Recorder) -> None:
    """Play every answer of a receiver, every place that is not called, and redeliveries."""
    new_secret(recorder)
    answers: list[tuple[int, ...]] = [
        (200,),
        (299,),
        (302,),
        (400,),
        (404,),
        (429,),
        (499,),
        (500, 200),
        (503, 500, 204),
        (500, 500, 500),
        (500, 404),
        (599, 302),
    ]
    for statuses in answers:
        recorder.title(f"a receiver that answers {list(statuses)}")
        recorder.answers(*statuses)
        run = recorder.run(callback_url=recorder.receiver.url, metadata={"order": 7, "no": None})
        for seconds in (5.9, 0.1, 0.9, 0.1, 1.9, 0.1, 60):
            recorder.advance(seconds)
            recorder.get(f"/v1/runs/{run}/callback")
    for end in ("partial_succeeded", "failed", "canceled", "cancelled"):
        recorder.title(f"a run that ends as {end}")
        recorder.mock.next_outcome(end)
        run = recorder.run(callback_url=recorder.receiver.url)
        recorder.advance(10)
        recorder.get(f"/v1/runs/{run}/callback")
        recorder.post(f"/v1/runs/{run}/callback-redeliveries")
        recorder.record_callbacks()
        recorder.get(f"/v1/runs/{run}/callback")
    recorder.title("what is not called")
    closed = f"http://127.0.0.1:{closed_port()}"
    recorder.places[closed] = "http://closed"
    for url in ("https://example.com/x", "http://[::1", "ftp://127.0.0.1/x", closed):
        run = recorder.run(callback_url=url)
        if run:
            recorder.advance(6)
            recorder.advance(10)
            recorder.get(f"/v1/runs/{run}/callback")
    recorder.title("redeliveries")
    run = recorder.run()
    recorder.post(f"/v1/runs/{run}/callback-redeliveries")
    recorder.advance(10)
    recorder.post(f"/v1/runs/{run}/callback-redeliveries")
    run = recorder.run(callback_url=recorder.receiver.url)
    recorder.post(f"/v1/runs/{run}/callback-redeliveries")
    recorder.advance(10)
    recorder.answers(500)
    recorder.post(f"/v1/runs/{run}/callback-redeliveries")
    recorder.record_callbacks()
    recorder.restart()
    recorder.advance(1)
    recorder.get(f"/v1/runs/{run}/callback")
    recorder.post(f"/v1/runs/{MISSING}/callback-redeliveries")
    for fault in (
        "duplicate_callback",
        "lost_callback",
        "late_callback",
        "reordered_callback",
        "unknown_event",
    ):
        recorder.title(f"the fault {fault}")
        recorder.mock.fail_next("*", fault=fault, contains='"order":1', delay=30.0)
        # They end one after the other: what is sent at one moment arrives in any order.
        runs: list[str] = []
        for order in (1, 2):
            fields = {"callback_url": recorder.receiver.url, "metadata": {"order": order}}
            runs.append(recorder.run(**fields))
            recorder.advance(1.5)
        for seconds in (3, 0.5, 1, 1, 1, 30):
            recorder.advance(seconds)
        for run in runs:
            recorder.get(f"/v1/runs/{run}/callback")


def webhooks(recorder: Recorder) -> None:
    """Play who is notified of what, with which secret, how often, and what is shown of it."""
    url = recorder.receiver.url
    recorder.get(f"{WEBHOOKS}/event-types")
    for code in ("run.failed", "batch.failed", "nothing"):
        recorder.get(f"{WEBHOOKS}/event-types/{code}")
    recorder.title("what is registered")
    recorder.secrets["given"] = "whsec_given"
    subscribed: dict[str, dict[str, Any]] = {
        "all": {"secret": "whsec_given"},
        "failures": {"event_subscriptions": ["run.failed", {"event_type_code": "run.cancelled"}]},
        "none": {"event_subscriptions": []},
    }
    made: dict[str, Any] = {
        name: recorder.post(WEBHOOKS, {"url": f"{url}/{name}", **fields})["id"]
        for name, fields in subscribed.items()
    }
    for body in objects(
        {},
        {"url": "ftp://a.test"},
        {"url": "http://"},
        {"url": 3},
        {"url": url, "secret": 3},
        {"url": url, "event_subscriptions": "run.failed"},
        {"url": url, "event_subscriptions": ["run.ended"]},
        {"url": url, "event_subscriptions": [{"event_type_code": None}]},
    ):
        recorder.post(WEBHOOKS, body)
    recorder.get(WEBHOOKS, sort_by="created_at:asc")
    for end in ("succeeded", "partial_succeeded", "failed", "canceled"):
        recorder.title(f"a run that ends as {end}")
        recorder.mock.next_outcome(end)
        recorder.run(end)
        recorder.advance(10)
        recorder.get(WEBHOOKS, embed="deliveries", sort_by="created_at:asc")
    recorder.title("disabled")
    for name in ("failures", "none"):
        recorder.patch(f"{WEBHOOKS}/{made[name]}", {"disabled_at": "2026-01-01T00:00:00Z"})
    recorder.patch(f"{WEBHOOKS}/{made['none']}", {"disabled_at": None})
    recorder.mock.next_outcome("failed")
    recorder.run("disabled")
    recorder.advance(10)
    recorder.title("changed between an attempt and its retry, with a restart after each attempt")
    deliveries: Any = {}
    webhook = made["all"]
    recorder.secrets["given later"] = "whsec_later"
    for change in objects(
        {"secret": "whsec_later"},
        {"url": f"{url}/elsewhere"},
        {"event_subscriptions": ["run.failed"]},
        {"event_subscriptions": [], "url": f"{url}/all"},
        {"disabled_at": "2026-02-02T00:00:00Z"},
        None,
    ):
        recorder.answers(500, 500, 500)
        recorder.run("changed")
        recorder.advance(6)
        recorder.restart()
        if change is None:
            recorder.delete(f"{WEBHOOKS}/{webhook}")
        else:
            recorder.patch(f"{WEBHOOKS}/{webhook}", change)
        recorder.advance(1)
        recorder.restart()
        recorder.advance(2)
        place = f"{WEBHOOKS}/{webhook}/deliveries"
        found = recorder.get(place, embed="attempts,webhook", limit="1")
        deliveries = found if found.get("items") else deliveries
        if change and "disabled_at" in change:
            webhook = recorder.post(WEBHOOKS, {"url": f"{url}/again"})["id"]
        recorder.receiver.answers.clear()
    webhook = recorder.post(WEBHOOKS, {"url": f"{url}/last"})["id"]
    for body in objects({}, {"url": ""}, {"secret": 1}, {"event_subscriptions": {}}):
        recorder.patch(f"{WEBHOOKS}/{webhook}", body)
    recorder.title("receivers")
    for statuses in ((200,), (302,), (404,), (500,), (500, 500)):
        recorder.answers(*statuses)
        recorder.run("receivers")
        for seconds in (6, 1, 2):
            recorder.advance(seconds)
        deliveries = recorder.get(f"{WEBHOOKS}/{webhook}/deliveries", embed="attempts", limit="1")
    refused = recorder.post(WEBHOOKS, {"url": "https://example.com/x"})["id"]
    recorder.run("refused")
    recorder.advance(10)
    recorder.get(f"{WEBHOOKS}/{refused}/deliveries", embed="attempts")
    recorder.delete(f"{WEBHOOKS}/{refused}")
    recorder.title("one by one")
    delivery = deliveries["items"][0]["id"]
    place = f"{WEBHOOKS}/{webhook}/deliveries/{delivery}"
    recorder.get(place)
    for attempt in recorder.get(f"{place}/attempts")["items"]:
        recorder.get(f"{place}/attempts/{attempt['id']}")
    recorder.get(f"{place}/attempts/{MISSING}")
    recorder.get(f"{WEBHOOKS}/{made['failures']}/deliveries/{delivery}")
    recorder.get(f"{WEBHOOKS}/{made['failures']}/deliveries/{delivery}/attempts")
    recorder.get(f"{WEBHOOKS}/any/deliveries", limit="2")
    recorder.get(f"{WEBHOOKS}/any/deliveries/{delivery}/attempts", limit="2")
    recorder.get(f"{WEBHOOKS}/{webhook}", embed="deliveries", fields="id,url")
    recorder.get(WEBHOOKS, q=f"url:{url}/none")
    recorder.mock.keys.add("rf_live_other", balance="1")
    with recorder.key("rf_live_other"):
        recorder.title("another organization")
        for path in ("", f"/{webhook}", f"/{webhook}/deliveries", "/any/deliveries"):
            recorder.get(WEBHOOKS + path)
        recorder.patch(f"{WEBHOOKS}/{webhook}", {"url": url})
        recorder.delete(f"{WEBHOOKS}/{webhook}")
        recorder.run("of the other")
        recorder.advance(10)
    recorder.delete(f"{WEBHOOKS}/{webhook}")
    recorder.delete(f"{WEBHOOKS}/{webhook}")
    recorder.get(f"{WEBHOOKS}/{webhook}/deliveries")
    recorder.run("deleted")
    recorder.advance(10)
    recorder.get(WEBHOOKS, sort_by="created_at:asc")
