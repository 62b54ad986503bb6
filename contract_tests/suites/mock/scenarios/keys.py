"""API keys, organizations and idempotency keys."""

from __future__ import annotations

from typing import Any

from runflow_mock.api.handlers import HANDLERS

from ..stories.world import World
from .batches import BATCHED, EVALUATIONS, PICTURE
from .recorder import RUNS, Recorder
from .runs import MISSING


def keys(recorder: Recorder) -> None:
    """Play which scopes let into each operation, and for which organizations a key acts."""
    scopes = sorted({str(one.scope) for one in HANDLERS.values() if one.scope is not None})
    families = sorted({f"{scope.partition(':')[0]}:*" for scope in scopes})
    tried = [*scopes, *families, "*", "runs", "runs:", ":*"]
    # Thousands of calls, of which the status alone is looked at: without a socket.
    folder = recorder.folder / "scopes"
    folder.mkdir()
    world = World(folder, 0)
    for scope in tried:
        world.state.keys.add(f"rf_live_{scope}", scopes=[scope])
    world.state.keys.add("rf_live_without", scopes=[])
    for handler in sorted(HANDLERS.values(), key=lambda one: one.name):
        path = handler.path
        while "{" in path:
            before, _, rest = path.partition("{")
            path = before + MISSING + rest.partition("}")[2]
        body: Any = {} if handler.method in ("POST", "PATCH") else None
        let_in = [
            scope
            for scope in (*tried, "without", "wrong")
            if world.call(handler.method, path, body, f"Bearer rf_live_{scope}")[0]
            not in (401, 403)
        ]
        open_to_all = world.call(handler.method, path, body, None)[0] != 401
        recorder.write(
            f"{handler.method} {handler.path}: {'everybody' if open_to_all else ', '.join(let_in)}"
        )
    world.end()
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
        recorder.write(f"{text.replace(key, 'KEY')!r}: {recorder.status('/v1/runs', text)}")
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
    recorder.title("a change is made each time")
    secret = recorder.post("/v1/callback-secrets", {"label": "one"})["id"]
    for label in ("two", "two", "three"):
        path = f"/v1/callback-secrets/{secret}"
        recorder.call("PATCH", path, {"label": label}, headers=key)
        recorder.advance(1)
    recorder.books()
