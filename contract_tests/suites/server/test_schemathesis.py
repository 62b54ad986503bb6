"""What is done around schemathesis: its cases, its settings, and what is kept of its findings."""

import copy
import json
import os
import subprocess
import sys
import tomllib
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import httpx
import pytest
from attrs import evolve
from runflow_conformance import Finding
from runflow_conformance._schemathesis import realistic_data, runner
from runflow_conformance._schemathesis.realistic_data import make_realistic
from runflow_mock import MockRunflow, Settings, SteppedClock
from runflow_mock.contract.document import Document, find_document

from ..snapshot import check_snapshot
from .stand_in import Deployed, standing_in

SNAPSHOTS = Path(__file__).with_name("snapshots")
MODEL = {"owner": "google", "slug": "nano-banana-pro"}
BODIES: dict[str, Any] = {
    "POST /v1/models/{owner}/{slug}/runs": {"input": {"prompt": "p", "own": 1}, "metadata": {}},
    "POST /v1/models/{owner}/{slug}/batches": {"input": [{}, {"image_url": "x", "own": 1}]},
    "POST /v1/webhooks": {"url": "x", "secret": "s", "event_subscriptions": [1], "own": 1},
    "PATCH /v1/webhooks/{id}": {"secret": "s", "event_subscriptions": [1], "own": 1},
    "POST /v1/asset-uploads": {"mime_type": "x", "filename": "f"},
    "PATCH /v1/assets/{id}": {"name": "n", "folder_id": "f", "own": 1},
    "POST /v1/callback-secrets": {"label": "l"},
}
QUERY = {"q": "drawn", "sort_by": "drawn", "fields": "drawn", "pq": "drawn", "limit": 3}


def drawn(label: str, body: Any = None, **changed: Any) -> Any:
    """Return a case as schemathesis draws it, with any text where the document says any text."""
    method, _, path = label.partition(" ")
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    values: dict[str, Any] = {
        "operation": SimpleNamespace(label=label, method=method, path=path),
        "path_parameters": {name: MODEL.get(name, "drawn") for name in names},
        "query": dict(QUERY),
        "headers": {"X-Organization-Id": "o", "Accept": "*/*"},
        "body": copy.deepcopy(body),
        "mode": "positive",
        "phase": "coverage",
        **changed,
    }
    mode, phase = values.pop("mode"), values.pop("phase")
    generation = SimpleNamespace(mode=SimpleNamespace(is_positive=mode == "positive"))
    meta = SimpleNamespace(
        generation=generation, phase=SimpleNamespace(name=SimpleNamespace(value=phase))
    )
    return SimpleNamespace(**values, meta=None if mode is None else meta)


def content(case: Any) -> dict[str, Any]:
    return {name: getattr(case, name) for name in ("path_parameters", "query", "headers", "body")}


def cases() -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for operation in Document.read().operations:
        label = str(operation)
        found.append((label, drawn(label, BODIES.get(label))))
    run = "POST /v1/models/{owner}/{slug}/runs"
    one = "GET /v1/runs/{id}"
    found += [
        ("invalid", drawn(run, BODIES[run], mode="negative")),
        ("without a mode", drawn(run, BODIES[run], mode=None)),
        ("stateful", drawn(one, phase="stateful")),
        ("no id, stateful", drawn(one, phase="stateful", path_parameters={"id": None})),
        ("None, stateful", drawn(one, phase="stateful", path_parameters={"id": "None"})),
        ("empty query", drawn("GET /v1/runs", query={"q": "", "sort_by": None, "limit": 0})),
        ("no headers", drawn("GET /v1/runs", headers=None)),
        ("another model", drawn(run, BODIES[run], path_parameters={"owner": "a", "slug": "b"})),
        ("an input that is text", drawn(run, {"input": "text"})),
        ("a body that is a list", drawn(run, [1])),
        ("a PATCH of an address", drawn("PATCH /v1/webhooks/{id}", {"url": "x", "own": 1})),
        *((f"id {n}", drawn(one, path_parameters={"id": f"drawn {n}"})) for n in range(6)),
    ]
    return found


def test_valid_cases_become_what_they_became_before(monkeypatch: pytest.MonkeyPatch) -> None:
    names: dict[str, str] = {}
    with MockRunflow(SteppedClock(step=1.0), settings=Settings(seed=0)) as mock:
        with mock.client() as client:
            for _ in range(2):
                client.submit("google/nano-banana-pro", {"prompt": "a case"})
        monkeypatch.setenv("RUNFLOW_BASE_URL", mock.base_url)
        monkeypatch.setenv("RUNFLOW_API_KEY", mock.api_key)
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # it is asked without a proxy
        names.update({row["id"]: f"run {number}" for number, row in enumerate(mock.runs)})
        before = len(mock.requests)
        lines: list[str] = []
        for name, case in cases():
            first = copy.deepcopy(content(case))
            make_realistic(case)
            lines.append(name)
            lines += [
                f"    {part}: {json.dumps(value, sort_keys=True)}"
                for part, value in content(case).items()
                if value != first[part]
            ]
        lines += [f"asked {one.raw_path} {sorted(one.query)}" for one in mock.requests[before:]]
        with mock.client() as client:
            new = client.submit("google/nano-banana-pro", {"prompt": "another"}).id
        later = [drawn("GET /v1/runs/{id}", path_parameters={"id": f"{n}"}) for n in range(200)]
        for case in later:
            make_realistic(case)
        used = [case.path_parameters["id"] for case in later]
        assert 50 < used.count(new) + sum(used.count(identifier) for identifier in names) < 150
        assert new in used, "the ids are not read again"
    text = "\n".join(lines) + "\n"
    for identifier, name in names.items():
        text = text.replace(identifier, name)
    check_snapshot(SNAPSHOTS / "cases.txt", text)


LISTED: Final = {
    "/v1/runs/": "run",
    "/v1/batches/": "batch",
    "/v1/evaluations/": "evaluation",
    "/v1/assets/": "asset",
    "/v1/asset-uploads/": "asset",
    "/v1/callback-secrets/": "callback-secret",
    "/v1/webhooks/": "webhook",
}
"""What the first id of a path is the id of, by what stands before it."""


def test_half_of_the_first_ids_of_each_path_are_those_of_its_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(realistic_data, "_calls", 0)
    monkeypatch.setattr(realistic_data, "_ids", {})
    draws = 10
    with Deployed() as deployed:
        for kind, path in realistic_data.LISTS.items():
            deployed.bodies[f"GET {path}?fields=id&limit=20"] = {"items": [{"id": f"{kind} id"}]}
        monkeypatch.setenv("RUNFLOW_BASE_URL", f"http://127.0.0.1:{deployed.port}")
        monkeypatch.setenv("RUNFLOW_API_KEY", "rf_live_x")
        for operation in Document.read().operations:
            names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
            is_model = operation.path.startswith("/v1/models/{model_id}")
            listed = "model" if is_model else LISTED.get(operation.path.partition("{")[0])
            drawn_ids = [{name: f"{name} {n}" for name in names} for n in range(draws)]
            cases = [drawn(str(operation), path_parameters=dict(ids)) for ids in drawn_ids]
            for case in cases:
                make_realistic(case)
            ids = [case.path_parameters for case in cases]
            if listed is None or not names:
                assert ids == drawn_ids
                continue
            first = [one.pop(names[0]) for one in ids]
            assert 0 < first.count(f"{listed} id") < draws, operation
            rest = [{name: one[name] for name in names[1:]} for one in drawn_ids]
            assert ids == rest
    assert deployed.asked[: len(realistic_data.LISTS)] == [
        f"GET {path}?fields=id&limit=20 Bearer rf_live_x" for path in realistic_data.LISTS.values()
    ]


@pytest.mark.parametrize(
    ("body", "used"),
    [
        ({"items": [{"id": "a"}, {"id": 7}, {"id": None}, {"id": "b"}]}, ["a", "b"]),
        ({"items": [{"id": "a"}, {}]}, []),
        ({"items": [3]}, []),
        ({"items": None}, []),
        ({}, []),
        ([], []),
    ],
)
def test_only_ids_that_are_texts_are_used(body: object, used: list[str]) -> None:
    assert realistic_data._ids_in(httpx.Response(200, json=body)) == used
    assert realistic_data._ids_in(httpx.Response(200, text="<html>")) == []


def test_ids_of_the_last_look_stay_where_a_list_has_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with MockRunflow(SteppedClock()) as mock, mock.client() as client:
        monkeypatch.setenv("RUNFLOW_BASE_URL", mock.base_url)
        monkeypatch.setenv("RUNFLOW_API_KEY", mock.api_key)
        run = client.submit("google/nano-banana-pro", {"prompt": "a case"}).id
        realistic_data._refresh()
        mock.fail_next("list_runs", fault="reset_before")
        mock.fail_next("list_webhooks", status=500)
        headers = {"Authorization": f"Bearer {mock.api_key}"}
        hook = {"url": "https://example.com/hook"}
        httpx.post(f"{mock.base_url}/v1/webhooks", json=hook, headers=headers).raise_for_status()
        realistic_data._refresh()
        assert realistic_data._ids["run"] == [run]
        assert realistic_data._ids["webhook"] == []
        realistic_data._refresh()
        assert len(realistic_data._ids["webhook"]) == 1


def finding(operation: str, rule: str, where: str) -> Finding:
    return Finding(operation=operation, rule=rule, where=where, pointer="", what="it")


A, B = "GET /a", "GET /b"
FINDINGS = [
    finding(A, "schema:type", "response 200, body /x"),
    finding(A, "ST106 x", "response 200"),
    finding(A, "ST901 x", "response 200"),
    finding(B, "ST103 x", "response 200"),
    finding(B, "ST104 x", "response 200"),
    finding(A, "ST101 x", "response 500"),
    finding(A, "undocumented_status", "response 500"),
    finding(A, "ST103 x", "response 500"),
    finding(A, "not_json", "response 500, body"),
    finding(B, "undocumented_status", "response 418"),
    finding(B, "ST103 x", "response 418"),
    finding(B, "ST999 x", "response 418"),
    finding(B, "schema:type", "response 418, body"),
    finding(A, "content_type", "response 201, body"),
    finding(A, "ST104 x", "response 201"),
    finding(A, "ST999 x", "response 201"),
    finding(A, "ended_run", "response 200"),
]


def recorded(folder: Path, *entries: dict[str, Any]) -> Path:
    path = folder / "record.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries) + '{"half', "utf-8")
    return path


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "in reverse"])
def test_what_follows_from_another_finding_is_dropped(order: int) -> None:
    kept = runner._without_repetitions(FINDINGS[::order])[::order]
    dropped = [(one.operation, one.rule, one.where) for one in FINDINGS if one not in kept]
    assert kept == [one for one in FINDINGS if one in kept]
    assert dropped == [
        (A, "ST106 x", "response 200"),
        (A, "undocumented_status", "response 500"),
        (A, "ST103 x", "response 500"),
        (B, "ST103 x", "response 418"),
        (B, "ST999 x", "response 418"),
        (A, "ST104 x", "response 201"),
    ]


def test_the_record_is_read_as_far_as_it_is_written(tmp_path: Path) -> None:
    shown = {"operation": A, "rule": "r", "where": "w", "pointer": "p", "what": "x", "replay": "c"}
    totals = {"calls": {A: 2}, "seconds": {A: 0.5}, "unpaid": {}}
    record = recorded(tmp_path, {"operation": A}, {"finding": shown}, {"operation": B}, totals)
    found, read = runner._read_record(record)
    assert found == [Finding(**shown)]
    assert found[0].replay == "c"
    assert read == totals
    called: list[str] = []
    report = runner._report_progress(record, called.append)
    report()
    report()
    assert called == [A, B]
    with record.open("a", encoding="utf-8") as file:
        file.write('": 1}\n{"operation": "GET /c"}\n')
    report()
    assert called == [A, B, "GET /c"]


SETTINGS: dict[str, dict[str, Any]] = {
    "usual": {},
    "all": {"methods": ("GET",), "realistic": False, "budget": Decimal("0.40")},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_are_given_in_a_file_and_the_environment(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", "intern.example")
    document = tmp_path / "openapi.json"
    schemes = {"basic": {"scheme": "basic"}, "Own": {"scheme": "bearer"}, "B": {"scheme": "bearer"}}
    schemes = schemes if name == "usual" else {}
    document.write_text(json.dumps({"components": {"securitySchemes": schemes}}), "utf-8")
    plan = runner.Plan(
        document=document, base_url="http://127.0.0.1:1", api_key="rf_live_x", **SETTINGS[name]
    )
    made = tomllib.loads(runner._configuration(plan))
    environment = runner._environment(plan, tmp_path / "record")
    mine = {
        one: value
        for one, value in environment.items()
        if one.startswith("RUNFLOW_") and os.environ.get(one) != value
    }
    text = json.dumps({"file": made, "environment": mine}, indent=2).replace(
        str(tmp_path), "FOLDER"
    )
    hosts = "intern.example,127.0.0.1"
    assert (environment["NO_PROXY"], environment["PYTHONHASHSEED"]) == (hosts, "0")
    assert "no_proxy" not in environment
    monkeypatch.setenv("no_proxy", "lower.example")
    environment = runner._environment(plan, tmp_path / "record")
    monkeypatch.chdir(tmp_path)  # the process has another folder
    plan = evolve(plan, document=Path("openapi.json"))
    environment = runner._environment(plan, tmp_path / "record")
    assert str(document.resolve()) in environment.values()
    hosts = "intern.example,lower.example,127.0.0.1"
    assert (environment["NO_PROXY"], environment["no_proxy"]) == (hosts, hosts)
    plan = evolve(plan, base_url="http://localhost:1")
    environment = runner._environment(plan, tmp_path / "record")
    assert environment["NO_PROXY"] == f"{hosts},localhost"
    check_snapshot(SNAPSHOTS / f"settings-{name}.txt", text + "\n")


@pytest.mark.parametrize("problem", [BrokenPipeError, KeyboardInterrupt])
def test_no_process_is_left_when_the_progress_cannot_be_told(
    problem: type[BaseException], tmp_path: Path
) -> None:
    told: list[str] = []

    def tell(label: str) -> None:
        told.append(label)
        raise problem(label)

    document = tmp_path / "openapi.json"
    document.write_text("{}", "utf-8")
    plan = runner.Plan(document=document, base_url="http://127.0.0.1:1", api_key="rf_live_x")
    with standing_in(tmp_path / "stand-in") as stand_in:
        stand_in.plan([{"operation": A}, {"operation": B}, {}], hangs=True)
        with pytest.raises(problem):
            runner.run_schemathesis(plan, tell)
        assert [one["options"][-1] for one in stand_in.asked] == ["all"]
    assert told == [A]


SECRET = "rf_live_0123456789abcdef"


def test_what_the_process_says_is_kept_without_secrets(tmp_path: Path) -> None:
    document = tmp_path / "openapi.json"
    document.write_text("{}", "utf-8")
    plan = runner.Plan(document=document, base_url="http://127.0.0.1:1", api_key=SECRET)
    totals = {"calls": {A: 1}, "seconds": {}, "unpaid": {}}
    printed = f"it begins\n{'.' * 3000}\n{SECRET} is\nat the end"
    with standing_in(tmp_path / "stand-in") as stand_in:
        stand_in.plan([totals], output=f"out {SECRET}", errors="and a warning\n")
        kept = runner.run_schemathesis(plan).output
        stand_in.plan([totals], output=printed, errors="and a warning\n", code=3)
        with pytest.raises(runner.CouldNotRun) as failed:
            runner.run_schemathesis(plan)
        stand_in.plan([], output=printed)
        with pytest.raises(runner.CouldNotRun) as nothing:
            runner.run_schemathesis(plan)
        for start in stand_in.asked:
            file = Path(start["options"][start["options"].index("--config-file") + 1])
            assert Path(start["folder"]) == file.parent
            assert not file.parent.exists()  # nothing is left of it
    assert kept == "out [hidden]\nand a warning\n"
    for problem, begins, ends in (
        (failed, "schemathesis ended with 3:\n...", "[hidden] is\nat the end\nand a warning\n"),
        (nothing, "schemathesis called no operation:\n...", "[hidden] is\nat the end\n"),
    ):
        text = str(problem.value)
        assert text.startswith(begins)
        assert text.endswith(ends)
        assert len(text.partition("\n")[2]) == 2000


def test_the_hooks_find_and_record_what_they_did_before(tmp_path: Path) -> None:
    script = Path(__file__).with_name("calling_hooks.py")
    document = json.loads(find_document().read_text("utf-8"))
    document["paths"]["/v1/runs"]["get"]["responses"]["419"] = {"description": "here alone"}
    (tmp_path / "document.json").write_text(json.dumps(document), "utf-8")
    names = (tmp_path / "record.jsonl", tmp_path / "document.json")
    command = [sys.executable, str(script), *map(str, names)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    check_snapshot(SNAPSHOTS / "hooks.txt", done.stdout)
