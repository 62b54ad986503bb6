"""The laws on a deployment: only its address and a key are known, and time cannot be moved."""

import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from runflow_conformance.laws import (
    CALLBACK_CHECKS,
    CHECKS,
    Target,
    deployed_target,
    law_name,
    run_laws,
)
from runflow_mock import MockRunflow, SteppedClock

from ..snapshot import check_snapshot
from .stand_in import StandIn, standing_in
from .test_command import conformance, report_of

SETTLE = 60.0
SNAPSHOTS = Path(__file__).with_name("snapshots")


@contextmanager
def target_of(mock: MockRunflow) -> Generator[Target, None, None]:
    """Give the mock server as a deployment; sleeping advances its clock."""

    def sleep(seconds: float) -> None:
        assert seconds <= SETTLE
        mock.advance(seconds)
        for _ in range(3):  # a callback may be tried again
            mock.settle()

    with deployed_target(mock.base_url, mock.api_key, settle=SETTLE, sleep=sleep) as target:
        yield target


@pytest.fixture
def stand_in(tmp_path: Path) -> Generator[StandIn, None, None]:
    with standing_in(tmp_path / "stand-in") as made:
        yield made


@pytest.fixture
def still() -> Generator[MockRunflow, None, None]:
    """A mock server whose time passes only while a law waits."""
    with MockRunflow(SteppedClock()) as server:
        yield server


def asked_by_each(mock: MockRunflow, laws: tuple[str, ...], begun: list[int]) -> Iterator[str]:
    """Yield what each law asked for; `begun` is the number of requests before each."""
    sent = mock.requests
    for law, (first, end) in zip(laws, pairwise([*begun, len(sent)]), strict=True):
        methods = Counter(one.method for one in sent[first:end])
        counts = [f"{count} x {method}" for method, count in sorted(methods.items())]
        calling_back = sum(b'"callback_url":"http' in one.body for one in sent[first:end])
        yield f"{law}: {', '.join(counts)}; {calling_back} with a callback_url"


def test_every_law_is_tried_and_holds_on_an_honest_server(still: MockRunflow) -> None:
    begun: list[int] = []
    with target_of(still) as target:
        tried = run_laws(target, progress=lambda _: begun.append(len(still.requests)))
    assert [str(finding) for finding in tried.findings] == []
    assert tried.laws == tuple(map(law_name, CHECKS))
    assert tried.notes == ()
    lines = asked_by_each(still, tried.laws, begun)
    check_snapshot(SNAPSHOTS / "deployment.txt", "\n".join(lines) + "\n")


def test_a_broken_law_is_named_and_the_others_are_tried_all_the_same(still: MockRunflow) -> None:
    still.fail_next("get_balance", fault="missing_field", field="balance", count=None)
    with target_of(still) as target:
        tried = run_laws(target)
    broken = {finding.operation: finding.what for finding in tried.findings}
    assert "KeyError: 'balance'" in broken["law of money: the balance pays for runs"]
    assert "law of runs: an ended run is complete" not in broken
    assert tried.laws == tuple(map(law_name, CHECKS))


def test_a_law_that_is_broken_off_leaves_no_webhook_to_those_after_it(still: MockRunflow) -> None:
    still.fail_next("list_webhook_deliveries", status=500, count=None)
    with target_of(still) as target:
        own = {"url": "https://example.com/own"}
        target.http.post("/v1/webhooks", json=own).raise_for_status()
        tried = run_laws(target)
        left = target.http.get("/v1/webhooks?limit=500").json()["items"]
        assert target.callback_url not in {one["url"] for one in left}
    broken = {finding.operation.removeprefix("law of ") for finding in tried.findings}
    assert broken == {
        "completeness: a delivery is complete",
        "webhooks: a refused delivery is retried",
    }
    assert own["url"] in {one["url"] for one in left}


def test_a_deployment_elsewhere_is_not_asked_to_call_back(still: MockRunflow) -> None:
    with target_of(still) as target:
        target.callback_url = None
        tried = run_laws(target)
    assert tried.findings == ()
    assert set(map(law_name, CHECKS)) - set(tried.laws) == set(map(law_name, CALLBACK_CHECKS))
    assert "on this machine" in tried.notes[0]


def test_the_time_budget_ends_the_laws(still: MockRunflow) -> None:
    with target_of(still) as target:
        tried = run_laws(target, seconds=0.0)
    assert len(tried.laws) < len(CHECKS)
    assert f"after {len(tried.laws)} of {len(CHECKS)}" in tried.notes[-1]


@pytest.mark.parametrize("allowed", [0, 1, 3])
def test_no_law_is_begun_when_the_budget_is_used_up(still: MockRunflow, allowed: int) -> None:
    asked: list[int] = []
    lines: list[str] = []

    def can_spend() -> bool:
        asked.append(len(lines))
        return len(asked) <= allowed

    with target_of(still) as target:
        tried = run_laws(target, progress=lines.append, can_spend=can_spend)
    assert tried.laws == tuple(map(law_name, CHECKS))[:allowed]
    assert tried.notes == (f"The budget was used up after {allowed} of {len(CHECKS)} laws.",)
    assert lines == [f"[{n}/{len(CHECKS)}] {name}" for n, name in enumerate(tried.laws, 1)]
    assert asked == list(range(allowed + 1))


def test_a_budget_ends_the_laws(still: MockRunflow) -> None:
    with target_of(still) as target:
        tried = run_laws(target, can_spend=lambda: still.balance > 99)
    assert 0 < len(tried.laws) < len(CHECKS)
    assert f"after {len(tried.laws)} of {len(CHECKS)}" in tried.notes[-1]
    assert still.balance > 97


def test_the_command_tries_the_laws_and_reports_what_no_schema_can_say(
    mock: MockRunflow, small_document: Path, tmp_path: Path, stand_in: StandIn
) -> None:
    mock.fail_next("get_run", fault="null", field="completed_at", count=None)
    stand_in.plan([{"calls": {"GET /v1/runs": 1}, "seconds": {}, "unpaid": {}}])
    options = ("--document", str(small_document), "--laws", "--settle", "0.01", "--budget", "90")
    done = conformance(mock, tmp_path, *options)
    assert done.returncode == 1, done.stderr
    assert f", {len(CHECKS)} laws tried" in done.stdout
    report = report_of(tmp_path)
    assert list(report["laws"]) == [law_name(check) for check in CHECKS]
    assert report["laws"]["law of runs: an ended run is complete"] is False
    assert report["laws"]["law of runs: an unknown run is not found"] is True
    different = {one["operation"] for one in report["differences"]}
    assert {name for name, holds in report["laws"].items() if not holds} == different & set(
        report["laws"]
    )
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert {case.get("name") for case in suite if case.find("failure") is not None} == different
    assert len(suite) == len(report["operations"]) + len(CHECKS)
