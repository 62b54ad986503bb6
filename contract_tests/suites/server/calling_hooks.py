"""Calls the hooks that schemathesis loads, as it calls them, and prints what came of each call.

    python calling_hooks.py RECORD DOCUMENT

A process of its own: what the hooks register holds for the whole process.
"""

import json
import os
import sys
from itertools import count, product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

RECORD, DOCUMENT = Path(sys.argv[1]), sys.argv[2]
BASE = "http://127.0.0.1:1/below"
os.environ |= {
    "RUNFLOW_CONFORMANCE_RECORD": str(RECORD),
    "RUNFLOW_CONFORMANCE_DOCUMENT": DOCUMENT,
    "RUNFLOW_CONFORMANCE_BUDGET": "0.35",
    "RUNFLOW_CONFORMANCE_REALISTIC": "1",
    "RUNFLOW_BASE_URL": BASE,
    "RUNFLOW_API_KEY": "rf_live_of_the_hooks",
}

from runflow_conformance._schemathesis import hooks as loaded  # noqa: E402 # it reads the environment

hooks: Any = loaded

CREATE = "POST /v1/models/{owner}/{slug}/runs"
LABELS = (
    *("GET /v1/runs", CREATE, "POST /v1/callback-secrets", "GET /v1/callback-secrets"),
    *("POST /v1/webhooks", "PATCH /v1/webhooks/{id}", "POST /v1/webhooks/{id}/x"),
)
SECRET = "whsec_0123456789abcdef"
RUN: dict[str, Any] = {"id": "7", "completed_at": None, "nodes_total": 1}
NO_STATUSES: tuple[Any, ...] = (["failed"], {}, None, 3)
BODIES: tuple[Any, ...] = (
    *({**RUN, "status_code": one} for one in ("queued", "dispatching", "running", "new")),
    *(
        {**RUN, "status_code": one, "completed_at": "2026-01-01T00:00:00Z"}
        for one in ("queued", "dispatching", "running", "new")
    ),
    *(
        {**RUN, "status_code": one}
        for one in ("succeeded", "partial_succeeded", "failed", "canceled", "cancelled")
    ),
    {**RUN, "status_code": "failed", "completed_at": "2026-01-01T00:00:00Z"},
    *({**RUN, "status_code": one, "completed_at": ""} for one in ("running", "failed")),
    {"items": [{**RUN, "status_code": one} for one in ("failed", "succeeded")]},
    *({name: value for name, value in RUN.items() if name != left} for left in RUN),
    *(
        {name: value for name, value in {**RUN, "status_code": "failed"}.items() if name != left}
        for left in RUN
    ),
    *({**RUN, "status_code": one} for one in NO_STATUSES),
    {"items": [{**RUN, "status_code": "failed"}, {**RUN, "status_code": "queued"}, 3, None]},
    {"items": {"status_code": "failed"}, "plain_secret": ""},
    [{**RUN, "status_code": "failed"}],
    {"plain_secret": "short"},
    {"items": [{"plain_secret": None}, {"plain_secret": "x"}]},
    {"deep": {"note": f"it is {SECRET}."}},
    {"deep": {"note": SECRET[:21]}},
    "text",
    None,
)
REFUSED = {"loc": ["query", "limit"], "type": "maximum", "msg": "of 100"}
LIMITED = {"code": "validation_error", "message": "it is too large", "errors": [REFUSED]}
CURL = (
    f"curl -X GET -H 'Authorization: [Filtered]' -d '{SECRET}' '{BASE}/v1/runs?q=1' "
    "'https://s.example/a?signature=b'"
)


def case(label: str = "GET /v1/runs", **changed: Any) -> Any:
    """Return a case as the hooks read it."""
    method, _, path = label.partition(" ")
    raw: dict[str, Any] = {
        "responses": {"200": {}, "429": {}} if label == "GET /v1/runs" else {"200": {}}
    }
    values: dict[str, Any] = {
        "operation": SimpleNamespace(
            label=label, method=method, path=path, definition=SimpleNamespace(raw=raw)
        ),
        "path_parameters": {},
        "query": {"q": "drawn"},
        "headers": {},
        "body": None,
        "meta": None,
        "as_curl_command": lambda: CURL,
        **changed,
    }
    return SimpleNamespace(**values)


def response(
    body: Any = None, status: int = 200, url: str = f"{BASE}/v1/runs", **headers: str
) -> Any:
    """Return a response as the hooks read it."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return SimpleNamespace(
        status_code=status,
        headers={name.replace("_", "-"): [value] for name, value in headers.items()},
        content=content,
        request=SimpleNamespace(method="GET", url=url),
    )


def recorded() -> list[dict[str, Any]]:
    """Return what was recorded since the last look."""
    lines = RECORD.read_text("utf-8").splitlines() if RECORD.exists() else []
    RECORD.unlink(missing_ok=True)
    return [json.loads(line) for line in lines]


def tried(check: Any, label: str, answer: Any) -> str:
    """Return what a check finds, and records of it."""
    try:
        check(None, answer, case(label))
        said = ""
    except AssertionError as problem:
        said = str(problem)
        assert said
    entries = [one["finding"] for one in recorded()]
    assert said.count("\n") + bool(said) == len(entries)
    assert all(one["replay"] == REPLAY for one in entries)
    return said


REPLAY = (
    f"curl -X GET -H \"Authorization: Bearer $RUNFLOW_API_KEY\" -d '[hidden]' '{BASE}/v1/runs?q=1' "
    "'https://s.example/a?[hidden]'"
)
meta = SimpleNamespace(
    generation=SimpleNamespace(mode=SimpleNamespace(is_positive=True)),
    phase=SimpleNamespace(name=SimpleNamespace(value="coverage")),
)

print("checks")
for check, body in product(
    (hooks.ended_runs_have_completed_at, hooks.secrets_are_shown_once), BODIES
):
    found = {label: tried(check, label, response(body)) for label in LABELS}
    for label, said in found.items():
        if said and (label == LABELS[0] or not found[LABELS[0]]):
            print(f"  {json.dumps(body)}: {said}")
    if found[LABELS[0]] and (silent := [label for label, said in found.items() if not said]):
        print(f"    not of {', '.join(silent)}")
for content in (b"", b"{", b"\xff", SECRET.encode(), b"[" * 100_000):
    for check in (hooks.ended_runs_have_completed_at, hooks.secrets_are_shown_once):
        print(f"  {content[:30]!r}: {tried(check, LABELS[0], response(content))}")

print("our validator")
for answer in (
    response({"items": 3}, Content_Type="application/json", url=f"{BASE}/v1/runs?unknown=1"),
    response({"items": 3}, content_type="text/html"),
    response({}, 418, content_type="application/json"),
    response({}, 200, url=f"{BASE}/v1/nothing"),
    response({}, 418, url="http://127.0.0.1:1/v1/runs"),
    response(b"", 419),
    response(LIMITED, 422, content_type="application/json", url=f"{BASE}/v1/runs?limit=500"),
    response(LIMITED, 422, content_type="application/json", url=f"{BASE}/v1/runs"),
):
    print(f"  {answer.status_code}: {tried(hooks.response_matches_document, LABELS[0], answer)}")

print("failures of schemathesis")
for code, title, message, path in (
    ("ST901", "Custom", "ours", None),
    ("ST101", "Server error", "", None),
    ("ST106", "Schema", f"{SECRET} " + "m" * 700, ["paths", 0, "a/b~c"]),
    ("ST106", "Schema", "m", "/paths/x"),
):
    for label, answer in product(
        ("GET /v1/runs", "GET /v1/other"),
        (
            response(status=500),
            response(status=429),
            response(status=200),
            response(x_runflow_conformance_no_response=""),
        ),
    ):
        failure = SimpleNamespace(code=code, title=title, message=message, schema_path=path)
        kept = hooks.filter_failure(None, failure, case(label), answer)
        entries = [one["finding"] for one in recorded()]
        shown = [
            [one[name] for name in ("operation", "rule", "where", "pointer")] for one in entries
        ]
        print(f"  {code} {label} {answer.status_code}: {kept} {shown}")
        print("".join(f"    {len(one['what'])} {one['what'][:30]}\n" for one in entries), end="")

print("calls")
hooks.time = SimpleNamespace(perf_counter=count(1.0).__next__)  # each call takes a second
models = {"owner": "google", "slug": "nano-banana-pro"}
several = {"input": {"prompt": "x", "num_images": 3}}  # the model's own example makes one
for label, status, changed in (
    (CREATE, 201, {"path_parameters": dict(models), "body": several, "meta": meta}),
    ("GET /v1/runs", 200, {"meta": meta}),
    ("GET /v1/runs", 402, {}),
    (CREATE, 402, {"path_parameters": dict(models), "body": {"input": {"prompt": "x"}}}),
    (CREATE, 201, {"path_parameters": dict(models), "body": {"input": {"prompt": "x"}}}),
    ("POST /v1/webhooks", 201, {"body": {"url": "drawn"}}),
):
    one = case(label, **changed)
    hooks.before_call(None, one, {})
    hooks.after_call(None, one, response(status=status))
    print(f"  {label} {status}: {one.path_parameters} {one.query} {one.body} {recorded()}")
hooks._write_calls()
[totals] = recorded()
print(f"  {totals}")

print("without a budget, and as drawn")
hooks._budget, hooks._realistic = None, False
one = case("GET /v1/runs", meta=meta)
hooks.before_call(None, one, {})
hooks.after_call(None, one, response())
hooks._write_calls()
[totals] = recorded()
print(f"  {one.query} {totals}")
