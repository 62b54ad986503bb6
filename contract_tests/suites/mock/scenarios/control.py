"""The addresses below `/_mock/`: what each takes, answers, does and refuses."""

from __future__ import annotations

from .recorder import RUNS, Recorder, objects
from .runs import MISSING


def control(recorder: Recorder) -> None:
    """Play each control, with all its fields, with none, and with wrong ones."""
    for path in ("faults", "unused", "ledger"):
        recorder.get(f"/_mock/{path}")
    recorder.title("faults")
    for body in objects(
        {"kind": "status"},
        {"kind": "status", "operation": "GET /v1/runs", "status": 503, "retry_after": "7"},
        {"kind": "null", "operation": "get_run", "field": "cost", "count": None, "contains": "x"},
        {"kind": "late_callback", "delay": 2.5, "probability": 0.5, "seed": 3, "value": "v"},
        {"kind": "clock_skew", "skew": -5, "code": "C", "message": "m"},
        {"kind": "explode"},
        {"kind": "status", "status": 99},
        {"kind": "status", "count": 0},
        {"kind": "status", "probability": 0},
        {"kind": "status", "operation": "get_rum"},
        {"kind": "null", "operation": "storage"},
        {"kind": "status", "colour": "red", "applied": 1},
        {},
        [],
        "text",
    ):
        recorder.post("/_mock/faults", body)
    recorder.get("/_mock/faults")
    recorder.get("/_mock/unused")
    recorder.get("/v1/runs", limit="1")
    recorder.get("/v1/webhooks", limit="1")
    recorder.get("/_mock/unused")
    recorder.delete("/_mock/faults")
    recorder.get("/_mock/faults")
    recorder.title("outcomes")
    for body in objects(
        {"status": "failed", "failure_code": "C", "failure_message": "m", "model": None},
        {"status": "failed", "failure_stage_code": "dispatch", "count": 2},
        {"status": "partial_succeeded", "model": "openai/gpt-image-2"},
        {"status": "never", "count": "1"},
        {},
        {"status": "lost"},
        {"status": "succeeded", "failure_code": "C"},
        {"status": "failed", "count": 0},
        {"status": "failed", "model": "google/nano-banana-prr"},
        {"status": "failed", "colour": "red"},
    ):
        recorder.post("/_mock/outcomes", body)
    recorder.get("/_mock/unused")
    made = [recorder.run(str(number)) for number in range(6)]
    recorder.get("/_mock/unused")
    recorder.title("time and ends")
    for body in objects(
        {"run_id": made[4]},
        {"run_id": made[4]},
        {"run_id": made[5], "status": "cancelled"},
        {"run_id": made[0], "status": "failed"},
        {"run_id": MISSING},
        {},
    ):
        recorder.post("/_mock/cancellations", body)
    for body in objects({"seconds": 2}, {"seconds": "4.5"}, {"seconds": -1}, {"seconds": "x"}, {}):
        recorder.post("/_mock/advance", body)
    recorder.post("/_mock/settle", {})
    recorder.get("/v1/runs", fields="id,status_code,failure_code,failure_message,completed_at")
    recorder.get("/_mock/ledger")
    recorder.title("money and keys")
    for body in objects({"balance": "7.50"}, {"balance": 0.1}, {"balance": "much"}, {}):
        recorder.post("/_mock/balance", body)
    recorder.get("/_mock/ledger")
    recorder.get("/v1/billing/balance")
    for body in objects(
        {"key": "rf_live_all"},
        {"key": "rf_live_reader", "scopes": ["runs:read"], "balance": "3"},
        {"key": "rf_live_member", "organizations": []},
        {"key": "rf_live_odd", "scopes": ["runs:fly"]},
        {"scopes": []},
    ):
        recorder.post("/_mock/keys", body)
    for key in ("rf_live_all", "rf_live_reader", "rf_live_member", "rf_live_odd"):
        with recorder.key(key):
            recorder.get("/v1/billing/balance")
            recorder.post(RUNS, {"input": {"prompt": key}})
    recorder.title("other addresses")
    for method, path in (
        ("GET", "/_mock/nothing"),
        ("PUT", "/_mock/faults"),
        ("POST", "/_mock/ledger"),
    ):
        recorder.call(method, path)
    recorder.call("POST", "/_mock/faults", content=b"{")
    shown = ("method", "raw_path", "query", "body")
    for one in recorder.quiet("/_mock/requests")["requests"]:
        recorder.write(f"asked {[one[name] for name in shown]}")
