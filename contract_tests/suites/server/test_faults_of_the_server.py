"""The quick profile finds every kind of server fault under its operation."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
from runflow_client import Runflow
from runflow_conformance._findings import distinct
from runflow_conformance._schemathesis.runner import Plan, run_schemathesis
from runflow_mock import MockRunflow
from runflow_mock.contract.document import find_document

from ..snapshot import check_snapshot

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("GET /v1/runs", {"fault": "unknown_status"}, "schema:enum"),
    ("GET /v1/batches", {"fault": "missing_field", "field": "items"}, "schema:required"),
    ("GET /v1/billing/balance", {"fault": "wrong_type", "field": "balance"}, "schema:type"),
    ("GET /v1/models", {"fault": "null", "field": "items"}, "schema:type"),
    ("GET /v1/assets/types", {"status": 418}, "undocumented_status"),
    ("GET /v1/webhooks", {"fault": "html", "status": 503}, "content_type"),
    (
        "POST /v1/models/{owner}/{slug}/runs",
        {"fault": "unknown_status", "field": "completed_at", "value": "2026-01-01T00:00:00Z"},
        "ended_run",
    ),
    (
        "GET /v1/callback-secrets",
        {"fault": "unknown_status", "field": "items.0.label", "value": "whsec_0123456789abcdef01"},
        "secret_shown_again",
    ),
]


def test_every_bend_is_found_in_one_run(mock: MockRunflow, tmp_path: Path) -> None:
    content: dict[str, Any] = json.loads(find_document().read_text(encoding="utf-8"))
    paths = {label.partition(" ")[2] for label, _, _ in FAULTS}
    content["paths"] = {path: item for path, item in content["paths"].items() if path in paths}
    for item in content["paths"].values():
        for operation in item.values():
            for response in operation["responses"].values():
                response.pop("links", None)
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(content), encoding="utf-8")
    with Runflow(mock.api_key, base_url=mock.base_url) as client:
        for _ in range(3):
            client.submit("google/nano-banana-pro", {"prompt": "a fault"})
    headers = {"Authorization": f"Bearer {mock.api_key}"}
    httpx.post(f"{mock.base_url}/v1/callback-secrets", headers=headers, json={"label": "x"})
    for label, fault, _ in FAULTS:
        mock.fail_next(*label.split(" ", 1), count=None, **fault)
    called: list[str] = []
    plan = Plan(document=document, base_url=mock.base_url, api_key=mock.api_key)
    result = run_schemathesis(plan, called.append)
    found = {(finding.operation, finding.rule) for finding in result.findings}
    assert {(label, rule) for label, _, rule in FAULTS} - found == set()
    assert {operation for operation, _ in found} == {label for label, _, _ in FAULTS}
    assert sorted(called) == sorted(result.calls) == sorted(result.seconds)
    asked = [one for one in mock.requests if "schemathesis" in (one.header("user-agent") or "")]
    # some checks of schemathesis send a request of their own, which is no call of an operation
    assert len(asked) * 0.9 < sum(result.calls.values()) <= len(asked)
    assert all(seconds > 0 for seconds in result.seconds.values())
    assert (result.unpaid, result.over_budget, result.interrupted) == ({}, 0, False)
    own = sorted(
        f"{one} observed {one.observed!r}\n    {one.replay.replace(mock.base_url, 'SERVER')}"
        for one, _ in distinct(result.findings)
        if not one.rule.startswith("ST")
    )
    check_snapshot(
        Path(__file__).with_name("snapshots") / "found.txt", UUID.sub("_", "\n".join(own)) + "\n"
    )
