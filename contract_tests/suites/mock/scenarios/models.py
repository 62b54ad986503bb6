"""Models and ComfyUI workflows: the catalog, and each check of an input."""

from __future__ import annotations

from typing import Any

from runflow_mock import ModelInput

from .batches import PICTURE
from .recorder import Recorder, objects
from .runs import MISSING


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
        ModelInput("both", "string", allowed=("a", "b"), limits=limits),
    ]
    recorder.mock.models.add("acme/checked", inputs=tuple(inputs))
    tried: dict[str, list[Any]] = {
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
    }
    for name, values in tried.items():
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
    for body in objects({}, {"input": 3}, {"input": {}, "callback_url": "x"}):
        recorder.post("/v1/comfyui-workflows/acme/flow/runs", body)
    recorder.books()
