"""Batches, evaluations, the catalog, workflows, lists, and keys."""

from __future__ import annotations

from typing import Any

from runflow_mock import ModelInput
from runflow_mock.api.handlers import HANDLERS

from .recorder import RUNS, Recorder
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
    recorder.title("timings that differ, and a restart between two ends")
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
    for body in (
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
    for body in (
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
    for body in (
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


def catalog(recorder: Recorder) -> None:
    """Play the models, what belongs to them, what is public, and each check of an input."""
    recorder.get("/v1/models", limit="3")
    recorder.get("/v1/models", q="slug.LIKE:'veo'", fields="id,slug")
    recorder.get("/v1/model-creators", limit="3")
    creator = recorder.get("/v1/model-creators", q="slug:google")["items"][0]
    recorder.get(f"/v1/model-creators/{creator['id']}")
    recorder.get(f"/v1/model-creators/{MISSING}")
    for model in (
        "google/nano-banana-pro",
        "runflow/background-removal",
        "elevenlabs/tts/eleven-v3",
    ):
        recorder.title(model)
        row = recorder.get(f"/v1/models/{model}")
        for what in ("inputs", "outputs", "examples"):
            for parent in (row.get("id"), model.replace("/", "%2F"), "any"):
                found = recorder.get(f"/v1/models/{parent}/{what}", limit="3")["items"]
            if found:
                recorder.get(f"/v1/models/{row['id']}/{what}/{found[0]['id']}")
            recorder.get(f"/v1/models/{row['id']}/{what}/{MISSING}")
            recorder.get(f"/v1/models/{MISSING}/{what}")
    recorder.get("/v1/models/nobody/nothing")
    recorder.title("public and retired")
    public = "/v1/public/models"
    recorder.get(public, q="slug:nano-banana-pro")
    recorder.mock.models.retire("google/nano-banana-pro")
    recorder.get(public, q="slug:nano-banana-pro")
    recorder.get("/v1/models/google/nano-banana-pro")
    recorder.get(public, q="is_public:true")
    recorder.get(public, fields="org_id")
    recorder.run()
    rows = recorder.get("/models-catalog.json")
    for row in rows:
        if not row["active"] or row["isWorkflow"]:
            recorder.write(
                f"retired or of Runflow: {row['slug']} {row['active']} {row['isWorkflow']}"
            )
    recorder.call("POST", "/models-catalog.json")
    recorder.title("inputs")
    limits = {"min": 1, "max": 3}
    inputs = [
        ModelInput("text", "string", required=True),
        ModelInput("kind", "string", allowed=("a", "b"), default="a"),
        ModelInput("count", "integer", limits=limits),
        ModelInput("size", "number", limits=limits),
        ModelInput("flag", "boolean", default=False),
        ModelInput("file", "image"),
        ModelInput("files", "image_list"),
        ModelInput("any", "string|object"),
        ModelInput("new", "colour"),
    ]
    recorder.mock.models.add("acme/checked", inputs=tuple(inputs))
    for name, values in {
        "text": ["", None, 3, ["x"]],
        "kind": ["a", "c", None],
        "count": [0, 1, 3, 4, 2.0, 2.5, True, "2"],
        "size": [0.99, 1, 3.0, 3.01, True],
        "flag": [True, 0, "true"],
        "file": [PICTURE, "DATA:x", "runflow://assets/x", "ftp://a", "/tmp/a", 3],
        "files": [[], [PICTURE], [PICTURE, "x"], [3], PICTURE],
        "any": ["x", {}, [], 3],
        "new": [3, None],
        "unknown": [3],
    }.items():
        for value in values:
            given = {"text": "x", name: value}
            recorder.post("/v1/models/acme/checked/runs", {"input": given})
    recorder.get("/v1/models/acme%2Fchecked/inputs")
    recorder.title("health")
    for path in ("/v1/health", "/v1/readiness"):
        recorder.get(path)
    recorder.get("/v1/auth/me")
    recorder.get("/v1/auth/me", embed="memberships")


def workflows(recorder: Recorder) -> None:
    """Play the workflows and their runs."""
    recorder.mock.models.add("acme/flow", price="0.25", is_workflow=True)
    recorder.get("/v1/comfyui-workflows")
    for path in ("acme/flow", "acme/none", "google/nano-banana-pro"):
        recorder.get(f"/v1/comfyui-workflows/{path}")
        run = recorder.post(f"/v1/comfyui-workflows/{path}/runs", {"input": {"prompt": "x"}})
        recorder.advance(10)
        if "id" in run:
            recorder.get(f"/v1/runs/{run['id']}")
    recorder.post("/v1/models/acme/flow/runs", {"input": {}})
    recorder.get("/v1/models/acme/flow")
    recorder.get("/v1/models", q="slug:flow")
    recorder.get("/v1/runs", q="target_type:comfyui_workflow", fields="id,cost,comfyui_workflow_id")
    for body in ({}, {"input": 3}, {"input": {}, "callback_url": "x"}):
        recorder.post("/v1/comfyui-workflows/acme/flow/runs", body)
    recorder.books()


def lists(recorder: Recorder) -> None:
    """Play every order read in both directions, and every operator on every kind of value."""
    for number in range(7):
        if number in (2, 5):
            recorder.mock.next_outcome("failed")
        recorder.run(
            input={"prompt": "x", "num_images": number % 3 + 1},
            client_ref=None if number == 3 else f"Ref-{number % 4}",
        )
        recorder.advance(1.5)
    for order in (
        None,
        "created_at:asc",
        "client_ref",
        "client_ref:desc",
        "cost:desc,created_at:asc",
        "completed_at:asc",
        "completed_at:desc,client_ref:asc",
        "has_node_runs:desc",
        "input:asc",
    ):
        for limit in (1, 2, 3, 7, 8):
            recorder.title(f"by {order}, {limit} a page")
            query = {"fields": "id", "limit": str(limit), **({"sort_by": order} if order else {})}
            pages = [recorder.get("/v1/runs", **query)]
            while pages[-1].get("next"):
                pages.append(recorder.get("/v1/runs", **query, pq=pages[-1]["next"]))
            for page in reversed(pages):
                if page["previous"]:
                    recorder.get("/v1/runs", **query, pq=page["previous"], from_prev="true")
    recorder.title("cursors")
    for cursor in (pages[0]["first"], "x", "e30", pages[0]["first"] + "x"):
        recorder.get("/v1/runs", limit="2", pq=cursor, fields="id")
    recorder.get("/v1/runs", limit="2", pq=pages[0]["first"], sort_by="cost", fields="id")
    for limit in ("0", "-1", "501", "x", "500"):
        recorder.get("/v1/runs", limit=limit, fields="id")
    for order in ("id:up", "_price", "", "a b", "cost:ASC"):
        recorder.get("/v1/runs", sort_by=order, fields="id", limit="3")
    recorder.title("filters")
    values = {
        "client_ref": ("Ref-1", "ref-1", "null"),
        "status_code": ("failed", "succeeded", "running,failed", "fail", "null"),
        "cost": ("0.15", "0.150", "0.2", "null"),
        "duration_ms": ("6000", "6000.0", "5999", "x", "null"),
        "has_logs": ("true", "TRUE", "false", "1"),
        "created_at": ("2026-01-01T00:00:03Z", "2026-01-01T01:00:03+01:00", "2026-01-01", "2026"),
        "completed_at": ("2026-01-01T00:00:07.5Z", "null"),
        "input.num_images": ("2", "1,3"),
        "output.outputs": ("x",),
        "_price": ("1",),
    }
    operators = ("eq", "ne", "neq", "gt", "gte", "ge", "lt", "lte", "le", "in", "like", "ilike")
    for name, texts in values.items():
        for text in texts:
            for operator in (*operators, "contains"):
                if name == "client_ref" and operator not in ("eq", "ne"):
                    continue
                _count(recorder, f"{name}.{operator}:'{text}'")
            for sign in (":", "=", "!=", ">", ">=", "<", "<="):
                _count(recorder, f'{name}{sign}"{text}"')
        for text in ("true", "false", "FALSE", "x"):
            _count(recorder, f"{name}.ISNULL:{text}")
    for text in (
        "NOT status_code:failed AND has_logs:true",
        "NOT (status_code:failed OR has_logs:true)",
        "status_code:failed OR has_logs:true AND client_ref:Ref-2",
        "client_ref.EQ:'Ref\\-2'",
        "client_ref.EQ:''",
        "status_code.near:x",
        "status_code:failed AND",
        "(status_code:failed",
        "status_code:failed)",
        "status_code:failed has_logs:true",
        "AND",
        "not status_code:failed",
        "(" * 51 + "has_logs:true" + ")" * 51,
        "(" * 50 + "has_logs:true" + ")" * 50,
        "nothing:1",
        "metadata.a:1",
    ):
        _count(recorder, text)
    for fields in ("id,cost", " id , cost ", "id,nothing", "id,,cost", "_price", ""):
        recorder.get("/v1/runs", fields=fields, limit="1")


def _count(recorder: Recorder, text: str) -> None:
    """Write down which runs the filter lets through."""
    answer = recorder.quiet("/v1/runs", q=text, fields="id", sort_by="created_at:asc")
    items = answer.get("items")
    shown = answer["errors"] or answer["message"] if items is None else [one["id"] for one in items]
    recorder.write(f"{text}: {shown}")


def keys(recorder: Recorder) -> None:
    """Play which scopes let into each operation, and for which organizations a key acts."""
    scopes = sorted({str(one.scope) for one in HANDLERS.values() if one.scope is not None})
    families = sorted({f"{scope.partition(':')[0]}:*" for scope in scopes})
    tried = [*scopes, *families, "*", "runs", "runs:", ":*"]
    for scope in tried:
        recorder.mock.keys.add(f"rf_live_{scope}", scopes=[scope])
    recorder.mock.keys.add("rf_live_without", scopes=[])
    for handler in sorted(HANDLERS.values(), key=lambda one: one.name):
        path = handler.path
        while "{" in path:
            before, _, rest = path.partition("{")
            path = before + MISSING + rest.partition("}")[2]
        body = {} if handler.method in ("POST", "PATCH") else None
        let_in = [
            scope
            for scope in (*tried, "without", "wrong")
            if recorder.status(handler.method, path, f"Bearer rf_live_{scope}", body)
            not in (401, 403)
        ]
        open_to_all = recorder.status(handler.method, path, None, body) != 401
        recorder.write(
            f"{handler.method} {handler.path}: {'everybody' if open_to_all else ', '.join(let_in)}"
        )
    recorder.title("the header of the key")
    key = recorder.mock.api_key
    for text in (
        f"Bearer {key}",
        f"bearer {key}",
        f"Bearer  {key}",
        f"Basic {key}",
        key,
        "Bearer",
        "",
    ):
        recorder.write(f"{text.replace(key, 'KEY')!r}: {recorder.status('GET', '/v1/runs', text)}")
    recorder.title("organizations")
    recorder.run()
    one, two = MISSING, MISSING[:-1] + "2"
    recorder.mock.keys.add("rf_live_one", organization_id=one)
    recorder.mock.keys.add("rf_live_both", organization_id=one, organizations=[two])
    recorder.mock.keys.add("rf_live_all", organization_id=one, scopes=["*"])
    for name in ("one", "both", "all"):
        with recorder.key(f"rf_live_{name}"):
            for organization in (None, one, two, one.upper(), one.replace("-", ""), "x", ""):
                headers = None if organization is None else {"X-Organization-Id": organization}
                recorder.call("GET", "/v1/billing/balance", headers=headers)
                recorder.post(RUNS, {"input": {"prompt": name}}, headers=headers)
                recorder.call("GET", "/v1/runs", headers=headers, fields="id,org_id")
    recorder.restart()
    with recorder.key("rf_live_both"):
        recorder.call("GET", "/v1/runs", headers={"X-Organization-Id": two}, fields="id,org_id")
    recorder.mock.keys.remove("rf_live_both")
    with recorder.key("rf_live_both"):
        recorder.get("/v1/runs")


def idempotency(recorder: Recorder) -> None:
    """Play what the same key gives with another body, path, method, organization, and later."""
    key = {"Idempotency-Key": "k"}
    recorder.mock.keys.add("rf_live_other", balance="1")
    bodies: dict[str, tuple[Any, Any]] = {
        RUNS: ({"input": {"prompt": "x"}}, {"input": {"prompt": "y"}}),
        "/v1/models/google/nano-banana/runs": ({"input": {"prompt": "x"}}, {"input": {}}),
        BATCHED: ({"input": [{"image_url": PICTURE}]}, {"input": [{"image_url": PICTURE + "?"}]}),
        EVALUATIONS: (
            {"generated_image_url": PICTURE, "task_type": "edit"},
            {"generated_image_url": PICTURE, "task_type": "other"},
        ),
        "/v1/callback-secrets": ({"label": "a"}, {"label": "b"}),
        "/v1/webhooks": ({"url": "https://a.test/1"}, {"url": "https://a.test/2"}),
        "/v1/asset-uploads": (
            {"filename": "a", "mime_type": "image/png", "size_bytes": 1},
            {"filename": "b", "mime_type": "image/png", "size_bytes": 1},
        ),
    }
    for number, (path, (body, other)) in enumerate(bodies.items()):
        recorder.title(path)
        own = {"Idempotency-Key": f"k{number}"}
        recorder.post(path, {"wrong": 1}, headers=own)
        made = recorder.post(path, body, headers=own)
        recorder.post(path, body, headers=own)
        recorder.advance(10)
        recorder.post(path, body, headers=own)
        recorder.post(path, other, headers=own)
        recorder.post(path, body, headers={"idempotency-key": f"K{number}"})
        for another in bodies:
            if another != path:
                recorder.post(another, body, headers=own)
        with recorder.key("rf_live_other"):
            recorder.post(path, body, headers=own)
        recorder.call("GET", path, headers=own)
        recorder.restart()
        recorder.post(path, body, headers=own)
        recorder.write(f"first: {made.get('id', made.get('asset_id'))}")
    recorder.title("one key for all")
    for path, (body, _) in bodies.items():
        recorder.post(path, body, headers=key)
    recorder.post(RUNS, {"input": {"prompt": "x"}}, headers={"Idempotency-Key": ""})
    recorder.books()
