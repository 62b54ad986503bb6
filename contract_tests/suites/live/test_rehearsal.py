"""The live profile on the mock server over sockets: what it sends and what it reports."""

import json
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from runflow_conformance import Tap
from runflow_conformance._report.proposals import PROPOSAL
from runflow_conformance.laws import TargetClock
from runflow_conformance.live.__main__ import main
from runflow_conformance.live._session import (
    DIFFERENCES,
    INTERACTIONS,
    LiveSettings,
    check_live_api,
)
from runflow_mock import MockRunflow, SteppedClock
from runflow_mock.contract.document import find_document

from ..commanding import run_main
from ..server.conftest import write_small_document
from ..server.stand_in import StandIn, standing_in

BUDGET = 600
FAST = 1000.0  # requests a second: nobody is there to be spared
CREATE_RUN = "/v1/models/google/nano-banana-pro/runs"


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    with MockRunflow(clock=SteppedClock(step=1.0)) as server:
        headers = {"Authorization": f"Bearer {server.api_key}"}
        with httpx.Client(base_url=server.base_url, headers=headers) as client:
            body = {
                "input": {"prompt": "a secret prompt of alice@example.com"},
                "metadata": {"customer": "Alice"},
            }
            for _ in range(3):
                client.post(CREATE_RUN, json=body).raise_for_status()
            client.post("/v1/callback-secrets", json={"label": "rehearsal"}).raise_for_status()
        server.advance(600)
        yield server


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[StandIn]:
    with standing_in(tmp_path / "stand-in") as made:
        yield made


def reads(stand_in: StandIn, count: int) -> None:
    """Let the next session read a list so many times, instead of all that schemathesis reads."""
    totals = {"calls": {"GET /v1/runs": count}, "seconds": {}, "unpaid": {}}
    stand_in.plan([totals], sends=[("GET", "/v1/runs", {})] * count)


def settings_for(mock: MockRunflow, folder: Path, **options: Any) -> LiveSettings:
    defaults: dict[str, Any] = {
        "base_url": mock.base_url,
        "api_key": mock.api_key,
        "document": find_document(),
        "folder": folder,
        "requests": BUDGET,
        "per_second": FAST,
    }
    return LiveSettings(**{**defaults, **options})


def spending(mock: MockRunflow, folder: Path) -> LiveSettings:
    """Return settings that also make runs, and read a few operations only."""
    return settings_for(
        mock,
        folder / "report",
        document=write_small_document(folder),
        allowance=Decimal("0.05"),
        clock=TargetClock(mock.advance),
    )


def written(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()))


def test_the_read_profile_reads_within_its_budget_and_tells_no_secret(
    mock: MockRunflow, tmp_path: Path
) -> None:
    before = len(mock.requests)
    report = check_live_api(settings_for(mock, tmp_path))
    sent = mock.requests[before:]
    assert report.differences == (), written(tmp_path)
    assert {request.method for request in sent} == {"GET"}
    assert len(sent) <= BUDGET
    assert all(
        host == mock.base_url.removeprefix("http://")
        for host in {request.headers["host"] for request in sent}
    )
    assert {name for name in report.operations if not report.calls.get(name)} == set()
    lines = (tmp_path / INTERACTIONS).read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(sent)
    for secret in (mock.api_key, "alice", "Alice", "a secret prompt", "whsec_", "signature="):
        assert secret not in written(tmp_path)
    assert not (tmp_path / PROPOSAL).exists()


def test_a_budget_is_never_passed(mock: MockRunflow, tmp_path: Path, stand_in: StandIn) -> None:
    before = len(mock.requests)
    reads(stand_in, 25)
    report = check_live_api(settings_for(mock, tmp_path / "report", requests=20))
    assert len(mock.requests) - before == 20
    assert any("the budget of 20 requests is spent" in note for note in report.notes)


FAULTS: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "GET /v1/runs",
        {"fault": "unknown_status", "value": "archived"},
        "schema:enum",
        "/components/schemas/RunStatus/enum",
    ),
    (
        "GET /v1/models",
        {"fault": "null", "field": "items"},
        "schema:type",
        "/components/schemas/ModelPage/properties/items/type",
    ),
    (
        "GET /v1/billing/balance",
        {"fault": "wrong_type", "field": "balance", "seed": 3},
        "schema:type",
        "/components/schemas/CreditBalance/properties/balance/anyOf/0/type",
    ),
    (
        "GET /v1/callback-secrets",
        {"fault": "missing_field", "field": "items"},
        "schema:required",
        "/components/schemas/CallbackSecretPage/required",
    ),
    (
        "GET /v1/assets/types",
        {"status": 418},
        "undocumented_status",
        "/paths/~1v1~1assets~1types/get/responses",
    ),
]


def test_every_bend_of_reality_is_reported_with_a_correction_that_straightens_it(
    mock: MockRunflow, tmp_path: Path
) -> None:
    for label, fault, _, _ in FAULTS:
        mock.fail_next(*label.split(" ", 1), count=None, **fault)
    check_live_api(settings_for(mock, tmp_path))
    differences: list[dict[str, Any]] = json.loads(
        (tmp_path / DIFFERENCES).read_text(encoding="utf-8")
    )
    found = {(one["operation"], one["rule"], one["pointer"]): one for one in differences}
    for label, _, rule, pointer in FAULTS:
        difference = found[label, rule, pointer]
        assert difference["interaction"]["method"] == "GET"
        assert difference["interaction"]["response_body"] is not None
        assert difference["proposal"], difference
    assert {operation for operation, _, _ in found} == {label for label, _, _, _ in FAULTS}
    assert mock.api_key not in written(tmp_path)
    corrected = apply(tmp_path / PROPOSAL, tmp_path)
    tap = Tap(httpx.HTTPTransport(), corrected)
    with httpx.Client(transport=tap, headers={"Authorization": f"Bearer {mock.api_key}"}) as client:
        for label, _, _, _ in FAULTS:
            client.get(mock.base_url + label.partition(" ")[2])
    assert tap.findings == [], tap.report()


def apply(overlay: Path, folder: Path) -> Path:
    """Return the document with the proposed overlay, applied by `regenerate`."""
    script = (
        "import json, sys; from pathlib import Path;"
        "from regenerate.correct.overlays import apply_overlay, read_overlays;"
        "document = json.loads(Path(sys.argv[1]).read_text());"
        "(overlay,) = read_overlays(Path(sys.argv[2]).parent);"
        "apply_overlay(document, overlay);"
        "print(json.dumps(document))"
    )
    command = [sys.executable, "-c", script, str(find_document()), str(overlay)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3]
    )
    assert done.returncode == 0, done.stderr
    corrected = folder / "corrected.json"
    corrected.write_text(done.stdout, encoding="utf-8")
    return corrected


def test_money_is_spent_only_as_far_as_allowed_and_only_by_our_client(
    mock: MockRunflow, tmp_path: Path, stand_in: StandIn
) -> None:
    billed, before = len(mock.ledger), len(mock.requests)
    reads(stand_in, 1)
    report = check_live_api(spending(mock, tmp_path))
    assert report.differences == (), written(tmp_path / "report")
    bought = mock.ledger[billed:]
    assert 1 <= len(bought) <= 3
    assert sum((entry.amount for entry in bought), Decimal(0)) <= Decimal("0.05")
    writes = [request for request in mock.requests[before:] if request.method != "GET"]
    assert len(writes) == len(bought)
    assert all(
        b"callback_url" not in request.body or b'"callback_url":null' in request.body
        for request in writes
    )


def test_a_run_that_breaks_the_laws_is_reported(
    mock: MockRunflow, tmp_path: Path, stand_in: StandIn
) -> None:
    reads(stand_in, 0)
    mock.fail_next("get_run", fault="null", field="completed_at", count=None)
    report = check_live_api(spending(mock, tmp_path))
    assert "its completed_at is" in " ".join(one.finding.what for one in report.new)


@pytest.mark.parametrize(
    ("options", "key", "reason"),
    [
        ((), "rf_live_x", "confirm with --live"),
        (("--live",), "", "set RUNFLOW_API_KEY"),
        (("--live", "--base-url", "http://runflow.example"), "rf_live_x", "plain http"),
        (("--live", "--allow-spend", "100"), "rf_live_x", "0 to 5"),
    ],
)
def test_nothing_is_sent_without_key_and_flag(
    options: tuple[str, ...], key: str, reason: str
) -> None:
    done = run_main(main, *options, key=key)
    assert done.returncode == 2
    assert reason in done.stderr
