"""Batches and evaluations: what is made of several pictures, and what is said of one."""

from __future__ import annotations

from typing import Any

from runflow_mock import Timings, uniform

from .recorder import Recorder, objects
from .runs import MISSING

BATCHED = "/v1/models/runflow/tag-removal/batches"
PICTURE = "https://a.test/1.png"
EVALUATIONS = "/v1/evaluations"


def batches(recorder: Recorder) -> None:
    """Play batches with every mixture of ends, their items, callbacks and money."""
    mixtures: list[tuple[str, ...]] = [
        ("succeeded",),
        ("failed", "failed"),
        ("canceled", "cancelled"),
        ("partial_succeeded", "partial_succeeded"),
        ("succeeded", "failed", "canceled", "partial_succeeded"),
    ]
    for ends in mixtures:
        recorder.title(f"a batch that ends as {', '.join(ends)}")
        for end in ends:
            recorder.mock.next_outcome(end)
        batch = recorder.post(
            BATCHED,
            {
                "input": [
                    {"image_url": PICTURE, "client_ref": f" item {number} ", "extra": number}
                    for number in range(len(ends))
                ],
                "callback_url": recorder.receiver.url,
                "metadata": {"ends": len(ends), "no": None},
            },
        )["id"]
        for seconds in (0, 1, 1, 1, 3, 10):
            recorder.advance(seconds)
            recorder.get(f"/v1/batches/{batch}")
        for item in recorder.get(f"/v1/batches/{batch}/items")["items"]:
            recorder.get(f"/v1/batches/{batch}/items/{item['id']}")
        recorder.get(f"/v1/batches/{batch}/callback")
        recorder.post(f"/v1/batches/{batch}/callback-redeliveries")
        recorder.record_callbacks()
        recorder.books()
    recorder.title("timings that differ")
    recorder.mock.set_timings(
        Timings(queued=uniform(0, 4), dispatching=uniform(0, 1), running=uniform(1, 9))
    )
    batch = recorder.post(BATCHED, {"input": [{"image_url": PICTURE}] * 3})["id"]
    for _ in range(14):
        recorder.advance(1)
        recorder.get(f"/v1/batches/{batch}", fields="id,status_code,started_at,completed_at,items")
    recorder.mock.set_timings(Timings())
    recorder.title("a restart between two ends")
    batch = recorder.post(BATCHED, {"input": [{"image_url": PICTURE}, {"image_url": PICTURE}]})
    recorder.advance(2.5)
    recorder.mock.cancel(batch["items"][1]["run_id"])
    recorder.get(f"/v1/batches/{batch['id']}")
    recorder.restart()
    recorder.get(f"/v1/batches/{batch['id']}")
    recorder.post(f"/v1/batches/{batch['id']}/callback-redeliveries")
    recorder.advance(10)
    recorder.get(f"/v1/batches/{batch['id']}", fields="id,status_code,items_total,output")
    recorder.post(f"/v1/batches/{batch['id']}/callback-redeliveries")
    recorder.title("a redelivery while one is under way")
    batch = recorder.post(
        BATCHED, {"input": [{"image_url": PICTURE}], "callback_url": recorder.receiver.url}
    )["id"]
    recorder.answers(500)
    recorder.advance(6)
    recorder.post(f"/v1/batches/{batch}/callback-redeliveries")
    recorder.advance(1)
    recorder.post(f"/v1/batches/{batch}/callback-redeliveries")
    recorder.record_callbacks()
    recorder.get(f"/v1/batches/{batch}/callback")
    recorder.title("what is refused")
    for body in objects(
        {},
        {"input": []},
        {"input": {}},
        {"input": [{}]},
        {"input": [{"image_url": 3}, {"image_url": PICTURE}, {"image_url": "x"}]},
        {"input": [{"image_url": PICTURE, "client_ref": 7}]},
    ):
        recorder.post(BATCHED, body)
    recorder.post("/v1/models/google/nano-banana-pro/batches", {"input": [{"prompt": "x"}]})
    recorder.post("/v1/models/nobody/nothing/batches", {"input": [{}]})
    for path in ("", "/items", "/callback"):
        recorder.get(f"/v1/batches/{MISSING}{path}")
    recorder.get(f"/v1/batches/{batch}/items/{MISSING}")
    recorder.get("/v1/batches/any/items", limit="3", fields="id,run_id,status_code")
    recorder.get("/v1/batches", fields="id,status_code,cost,items_failed", sort_by="created_at:asc")
    recorder.get("/v1/batches", q="status_code:failed OR items_failed>1")
    recorder.mock.balance = "0.2"
    recorder.post(BATCHED, {"input": [{"image_url": PICTURE}] * 40})
    recorder.mock.keys.add("rf_live_other", balance="1")
    with recorder.key("rf_live_other"):
        recorder.title("another organization")
        for path in ("", f"/{batch}", f"/{batch}/items", f"/{batch}/callback", "/any/items"):
            recorder.get("/v1/batches" + path)
        recorder.post(f"/v1/batches/{batch}/callback-redeliveries")


def evaluations(recorder: Recorder) -> None:
    """Play verdicts in every state and view, feedback, and callbacks."""
    for path in ("job-classes", "statuses"):
        recorder.get(f"{EVALUATIONS}/{path}")
    run, other = recorder.run(), recorder.run()
    made: list[str] = []
    for number in range(6):
        recorder.title(f"picture {number}")
        body: dict[str, Any] = {
            "generated_image_url": f"https://a.test/{number}.png",
            "task_type": "edit",
            "run_id": run if number % 2 else None,
            "callback_url": recorder.receiver.url if number < 2 else None,
            "client_ref": f"e{number}",
            "reference_images": [{"url": "https://a.test/r.png"}] if number == 2 else None,
        }
        body = {name: value for name, value in body.items() if value is not None}
        made.append(recorder.post(EVALUATIONS, body)["id"])
        for seconds in (0.9, 0.1, 1, 0.9, 0.1):
            recorder.advance(seconds)
            recorder.get(f"{EVALUATIONS}/{made[-1]}", embed="judges")
            if number == 3 and seconds == 1:
                recorder.restart()
        recorder.get(f"/v1/runs/{run}")
    recorder.title("feedback")
    for body in objects(
        {"is_positive": True, "reason": "good"},
        {"is_positive": False},
        {"is_positive": False, "reason": "bad"},
        {"is_positive": None, "reason": "kept?"},
        {},
        {"is_positive": "yes"},
    ):
        recorder.advance(5)
        recorder.patch(f"{EVALUATIONS}/{made[0]}/feedback", body)
        recorder.patch(f"/v1/runs/{run}/evaluations/{made[1]}/feedback", body)
        recorder.get(f"/v1/runs/{run}")
    for evaluation in (made[0], made[1], MISSING):
        recorder.patch(f"/v1/runs/{other}/evaluations/{evaluation}/feedback", {"is_positive": True})
    recorder.get(f"/v1/runs/{other}")
    recorder.get(f"/v1/runs/{run}/evaluations", fields="id,run_id,status_code")
    recorder.get(f"/v1/runs/{other}/evaluations")
    recorder.get(EVALUATIONS, fields="id,overall_passed,weighted_pass_rate,client_ref")
    recorder.get(EVALUATIONS, q="weighted_pass_rate<0.5")
    for body in objects(
        {},
        {"generated_image_url": "x", "task_type": "edit"},
        {"generated_image_url": PICTURE, "task_type": "edit", "run_id": MISSING},
        {"generated_image_url": PICTURE, "task_type": "edit", "run_id": "x"},
        {"generated_image_url": PICTURE, "task_type": "edit", "job_class": "thorough"},
    ):
        recorder.post(EVALUATIONS, body)
    recorder.mock.keys.add("rf_live_other", balance="1")
    with recorder.key("rf_live_other"):
        recorder.title("another organization")
        recorder.get(EVALUATIONS)
        recorder.get(f"{EVALUATIONS}/{made[0]}")
        recorder.patch(f"{EVALUATIONS}/{made[0]}/feedback", {"is_positive": True})
        recorder.post(
            EVALUATIONS, {"generated_image_url": PICTURE, "task_type": "edit", "run_id": run}
        )
    recorder.books()
