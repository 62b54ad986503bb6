"""Runs: every state and every end, in each view; what they cost; who may see them."""

from __future__ import annotations

from decimal import Decimal

from runflow_mock import Timings

from .recorder import RUNS, Recorder, objects

MISSING = "0190aaaa-0000-7000-8000-000000000001"
ENDS = ("succeeded", "partial_succeeded", "failed", "canceled", "cancelled")


def runs(recorder: Recorder) -> None:
    """Play the life of a run in each view, every end, and what is refused."""
    mock = recorder.mock
    recorder.title("one run, looked at in every state")
    first = recorder.run(
        "a cathedral", metadata={"campaign": "x", "no": None}, client_ref=" order-1 "
    )
    for seconds in (0, 0.5, 0.5, 1, 1, 1, 1, 0.9, 0.1, 5):
        recorder.advance(seconds)
        recorder.get(f"/v1/runs/{first}", embed="node_runs,logs")
    for what in ("logs", "node-runs"):
        rows = recorder.get(f"/v1/runs/{first}/{what}")["items"]
        for row in rows:
            recorder.get(f"/v1/runs/{first}/{what}/{row['id']}")
        recorder.get(f"/v1/runs/{first}/{what}/{MISSING}")
        recorder.get(f"/v1/runs/{MISSING}/{what}")
    for end in ENDS:
        recorder.title(f"a run that ends as {end}")
        mock.next_outcome(end)
        run = recorder.run(input={"prompt": end, "num_images": 3})
        recorder.advance(10)
        recorder.get(f"/v1/runs/{run}", embed="node_runs,logs")
        recorder.books()
    recorder.title("failures with reasons of their own")
    for outcome in objects(
        {"failure_code": "NSFW", "failure_message": "not this", "failure_stage_code": "dispatch"},
        {"failure_code": "SLOW"},
    ):
        mock.next_outcome("failed", **outcome)
        run = recorder.run()
        recorder.advance(10)
        recorder.get(f"/v1/runs/{run}", embed="node_runs,logs")
    for moment in (0, 1.5, 2.5, 4.5, 20):
        for status in ("canceled", "cancelled"):
            recorder.title(f"{status} after {moment} s")
            run = recorder.run(input={"prompt": "x", "num_images": 2})
            recorder.advance(moment)
            recorder.write(f"canceled: {mock.cancel(run, status)}")
            recorder.get(f"/v1/runs/{run}", embed="node_runs,logs")
            recorder.advance(10)
            recorder.get(f"/v1/runs/{run}")
            recorder.books()
    recorder.title("a run that never ends")
    mock.next_outcome("never")
    run = recorder.run()
    recorder.advance(100_000)
    recorder.get(f"/v1/runs/{run}", embed="node_runs,logs")
    recorder.write(f"canceled: {mock.cancel(run)}")
    recorder.get(f"/v1/runs/{run}", embed="node_runs,logs")
    recorder.title("timings of one model")
    mock.set_timings(Timings(queued=0, dispatching=0.25, running=0.5), "google/nano-banana-pro")
    run = recorder.run()
    for _ in range(4):
        recorder.advance(0.25)
        recorder.get(f"/v1/runs/{run}")
    recorder.title("what is planned for one model")
    mock.next_outcome("failed", model="google/veo3.1/fast", count=2)
    recorder.run()
    for _ in range(3):
        recorder.post(
            "/v1/models/google/veo3.1/fast/runs", {"input": {"prompt": "x", "duration": "8s"}}
        )
    recorder.advance(10)
    recorder.get("/v1/runs", fields="id,status_code,cost,output", limit="4")
    recorder.title("what is refused")
    recorder.get("/v1/runs/statuses")
    recorder.get(f"/v1/runs/{MISSING}")
    recorder.get(f"/v1/runs/{first.upper()}", fields="id,status_code")
    for body in objects(
        {},
        {"input": []},
        {"input": {}},
        {"input": {"prompt": 3}},
        {"input": {"prompt": "x", "num_images": "2"}},
        {"input": {"prompt": "x"}, "callback_url": "nowhere"},
        {"input": {"prompt": "x"}, "client_ref": "r" * 256},
        {"input": {"prompt": "x"}, "metadata": [1]},
        {"input": {"prompt": "x"}, "new": 1},
    ):
        recorder.post(RUNS, body)
    recorder.post("/v1/models/nobody/nothing/runs", {"input": {}})
    recorder.post(f"/v1/runs/{first}/callback-redeliveries")
    recorder.get(f"/v1/runs/{first}/callback")
    recorder.call("DELETE", f"/v1/runs/{first}")
    mock.keys.add("rf_live_other", balance="1")
    with recorder.key("rf_live_other"):
        recorder.title("another organization")
        recorder.get("/v1/runs")
        for path in ("", "/logs", "/node-runs", "/callback", "/evaluations"):
            recorder.get(f"/v1/runs/{first}{path}")
        for what in ("logs", "node-runs"):
            recorder.get(f"/v1/runs/any/{what}")
        recorder.post(f"/v1/runs/{first}/callback-redeliveries")


def billing(recorder: Recorder) -> None:
    """Play prices by unit, what is held back, and the ends of the balance."""
    mock = recorder.mock
    recorder.title("prices")
    for unit in ("request", "image", "second", "megapixel", "token"):
        mock.models.add(f"acme/{unit}", price="0.0123456", unit=unit)
    for unit, values in (
        ("request", [{}, {"num_images": 3}]),
        ("image", [{"num_images": count} for count in (0, 1, 8, 9, 12, True, "3", 2.0)]),
        ("second", [{"duration": value} for value in (0, 1, "7s", "12", 60, 61, "long")]),
        ("megapixel", [{}, {"resolution": "4K"}, {"image_size": "square_hd", "num_images": 2}]),
        ("token", [{"prompt": "abc"}, {"text": "héllo"}, {}]),
    ):
        for value in values:
            run = recorder.post(f"/v1/models/acme/{unit}/runs", {"input": value})["id"]
            recorder.advance(10)
            recorder.get(f"/v1/runs/{run}", fields="id,cost,output")
    recorder.books()
    recorder.title("what unfinished runs hold back, across a restart")
    mock.balance = "0.80"
    for number in range(7):
        recorder.post(RUNS, {"input": {"prompt": str(number)}})
        if number == 2:
            recorder.advance(2.5)
            recorder.restart()
            mock = recorder.mock
    for _ in range(3):
        recorder.advance(2)
        recorder.get("/v1/billing/balance")
    recorder.books()
    recorder.title("the end of the balance")
    for balance in ("0.15", "0.1499", "0", "-1"):
        mock.balance = balance
        recorder.post(RUNS, {"input": {"prompt": balance}})
        mock.models.add("acme/free")
        recorder.post("/v1/models/acme/free/runs", {"input": {}})
        recorder.post(
            "/v1/evaluations", {"generated_image_url": "https://a.test/1.png", "task_type": "edit"}
        )
        recorder.advance(10)
        recorder.books()
    recorder.title("a price that changes meanwhile")
    mock.balance = "10"
    for before, after in (("0.40", "4.00"), ("4.00", "0.40")):
        mock.models.add("acme/own", price=before, unit="image")
        run = recorder.post("/v1/models/acme/own/runs", {"input": {"num_images": 2}})["id"]
        mock.models.add("acme/own", price=after, unit="request")
        recorder.advance(10)
        recorder.get(f"/v1/runs/{run}", fields="id,cost")
    recorder.title("canceled and partial runs")
    mock.models.add("acme/image", price="0.0123456", unit="image")
    for moment in (0, 2.5):
        run = recorder.post("/v1/models/acme/image/runs", {"input": {"num_images": 4}})["id"]
        recorder.advance(moment)
        mock.cancel(run)
    mock.next_outcome("partial_succeeded", count=3)
    for count in (1, 2, 5):
        recorder.post("/v1/models/acme/image/runs", {"input": {"num_images": count}})
    recorder.advance(10)
    recorder.books()
    recorder.title("the threshold")
    for threshold in (2.5, "3.75", 0, None, -1, "many"):
        recorder.advance(60)
        recorder.patch("/v1/billing/balance", {"low_balance_threshold": threshold})
        recorder.get("/v1/billing/balance")
    recorder.patch("/v1/billing/balance", {})
    recorder.restart()
    recorder.get("/v1/billing/balance")
    recorder.books()
    recorder.title("organizations of keys")
    recorder.mock.keys.add("rf_live_poor", balance="0.20")
    with recorder.key("rf_live_poor"):
        recorder.get("/v1/billing/balance")
        recorder.run()
        recorder.run()
        recorder.advance(10)
        recorder.get("/v1/billing/balance")
    recorder.books()
    assert recorder.mock.balance >= Decimal(0)


def outcomes(recorder: Recorder) -> None:
    """Play which plan is taken by which run."""
    mock = recorder.mock
    recorder.title("plans in their order")
    mock.next_outcome("failed", model="google/veo3.1/fast")
    mock.next_outcome("canceled", count=2)
    mock.next_outcome("partial_succeeded")
    recorder.write(f"unused: {mock.unused}")
    for model in ("google/nano-banana-pro", "google/veo3.1/fast") * 3:
        recorder.post(f"/v1/models/{model}/runs", {"input": {"prompt": "x"}})
        recorder.write(f"unused: {mock.unused}")
    recorder.advance(10)
    recorder.get("/v1/runs", fields="id,status_code,failure_code")
    recorder.call("POST", "/_mock/outcomes", {"status": "failed", "failure_code": "X", "count": 2})
    run = recorder.run()
    recorder.call("POST", "/_mock/cancellations", {"run_id": run})
    recorder.call("POST", "/_mock/cancellations", {"run_id": run})
    recorder.call("POST", "/_mock/cancellations", {"run_id": MISSING})
    recorder.call("POST", "/_mock/advance", {"seconds": 10})
    recorder.call("POST", "/_mock/settle")
    recorder.call("POST", "/_mock/balance", {"balance": "12.50"})
    recorder.call("POST", "/_mock/keys", {"key": "rf_live_new", "scopes": ["runs:read"]})
    for path in ("ledger", "faults", "unused", "nothing"):
        recorder.get(f"/_mock/{path}")
    for wrong in objects(
        {"status": "queued"},
        {"status": "failed", "count": 0},
        {"status": "canceled", "failure_code": "X"},
    ):
        recorder.call("POST", "/_mock/outcomes", wrong)
