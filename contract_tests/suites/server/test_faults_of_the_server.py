"""The quick profile finds every kind of server fault under its operation."""

import json
from pathlib import Path
from typing import Any

from runflow_client import Runflow
from runflow_conformance._schemathesis.runner import Plan, run_schemathesis
from runflow_mock import MockRunflow
from runflow_mock.contract.document import find_document

FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("GET /v1/runs", {"fault": "unknown_status"}, "schema:enum"),
    ("GET /v1/batches", {"fault": "missing_field", "field": "items"}, "schema:required"),
    ("GET /v1/billing/balance", {"fault": "wrong_type", "field": "balance"}, "schema:type"),
    ("GET /v1/models", {"fault": "null", "field": "items"}, "schema:type"),
    ("GET /v1/assets/types", {"status": 418}, "undocumented_status"),
    ("GET /v1/webhooks", {"fault": "html", "status": 503}, "content_type"),
]


def test_every_bend_is_found_in_one_run(mock: MockRunflow, tmp_path: Path) -> None:
    content: dict[str, Any] = json.loads(find_document().read_text(encoding="utf-8"))
    paths = {label.partition(" ")[2] for label, _, _ in FAULTS} | {"/v1/models/{owner}/{slug}/runs"}
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
    for label, fault, _ in FAULTS:
        mock.fail_next(*label.split(" ", 1), count=None, **fault)
    result = run_schemathesis(Plan(document=document, base_url=mock.base_url, api_key=mock.api_key))
    found = {(finding.operation, finding.rule) for finding in result.findings}
    assert {(label, rule) for label, _, rule in FAULTS} <= found, result.output
    assert "POST /v1/models/{owner}/{slug}/runs" not in {operation for operation, _ in found}
