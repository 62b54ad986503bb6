"""`runflow-conformance`: three reports, three exit codes."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from attrs import define
from runflow_conformance.__main__ import main
from runflow_conformance._schemathesis.runner import DEEP_PHASES, Plan, run_schemathesis
from runflow_mock import MockRunflow, Settings, SteppedClock

from ..commanding import Ended, run_main
from .conftest import write_small_document


def conformance(mock: MockRunflow, folder: Path, *options: str, key: str | None = None) -> Ended:
    """Run the command on the server. Its reports are in the folder."""
    return run_main(
        main,
        "--base-url",
        mock.base_url,
        "--report-dir",
        str(folder),
        *options,
        key=mock.api_key if key is None else key,
    )


def test_the_time_budget_holds_in_the_background_of_a_shell_which_ignores_interrupts(
    mock: MockRunflow, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "runflow_conformance", "--base-url", mock.base_url]
    ignored = signal.signal(signal.SIGINT, signal.SIG_IGN)  # what a new process inherits
    try:
        done = subprocess.run(
            [*command, "--report-dir", str(tmp_path / "report"), "--time-budget", "0.01"],
            env={**os.environ, "RUNFLOW_API_KEY": mock.api_key},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        signal.signal(signal.SIGINT, ignored)
    assert done.returncode == 2
    assert "time budget" in done.stderr
    # The probe and the balance: schemathesis did not start.
    assert [request.raw_path for request in mock.requests] == ["/v1/models", "/v1/billing/balance"]


@pytest.mark.parametrize(
    ("reports", "options", "place", "folder"),
    [
        ("taken", [], "FOLDER/taken", "FOLDER/taken"),
        ("taken/a/b", [], "FOLDER/taken/a/b", "FOLDER/taken"),
        ("new", ["--write-baseline", "nowhere/a.json"], "nowhere/a.json", "nowhere"),
        ("new", ["--write-baseline", "FOLDER/taken/a.json"], "FOLDER/taken/a.json", "FOLDER/taken"),
    ],
)
def test_nothing_is_asked_where_no_report_or_baseline_can_be_written(
    reports: str, options: list[str], place: str, folder: str, mock: MockRunflow, tmp_path: Path
) -> None:
    (tmp_path / "taken").touch()
    given = [one.replace("FOLDER", str(tmp_path)) for one in options]
    done = conformance(mock, tmp_path / reports, *given)
    told = f"{place} cannot be written: {folder} is not a folder to write into\n"
    assert done.returncode == 2
    assert done.stderr.endswith(f": {told}".replace("FOLDER", str(tmp_path)))
    assert not mock.requests


def report_of(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return report


def test_the_same_seed_sends_the_same_requests(small_document: Path) -> None:
    """In the deep phases, too, whose data is drawn: what a seed finds comes again with it."""

    def sent() -> list[tuple[object, ...]]:
        with MockRunflow(SteppedClock(step=1.0), settings=Settings(seed=1)) as mock:
            plan = Plan(
                document=small_document,
                base_url=mock.base_url,
                api_key=mock.api_key,
                phases=DEEP_PHASES,
                examples=10,
                seed=3,
            )
            assert run_schemathesis(plan).findings == []
            return [
                (one.method, one.raw_path, one.query, one.body, one.header("idempotency-key"))
                for one in mock.requests
            ]

    first = sent()
    assert len(first) > 20
    assert sent() == first


@define
class Checked:
    """A server, and what the command said of it."""

    mock: MockRunflow
    document: Path
    folder: Path
    done: Ended
    cost: Decimal

    @property
    def baseline(self) -> Path:
        """The file with what was found."""
        return self.folder.with_name("known.json")


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checked]:
    """Run the command once, with a budget, on a server that does what the document says."""
    place = tmp_path_factory.mktemp("honest")
    with MockRunflow(clock=SteppedClock(step=1.0)) as server:
        document = write_small_document(place)
        options = ("--document", str(document), "--budget", "0.40")
        done = conformance(server, place / "report", *options)
        assert done.returncode == 0, done.stdout + done.stderr
        server.advance(60)
        yield Checked(server, document, place / "report", done, 100 - server.balance)


def test_an_honest_server_conforms_and_the_reports_say_so(honest: Checked) -> None:
    assert "## Runflow conformance: conforms" in honest.done.stdout
    report = report_of(honest.folder)
    assert report["conforms"] is True
    assert set(report["operations"].values()).isdisjoint({0})
    suite = ElementTree.parse(honest.folder / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == (str(len(report["operations"])), "0")
    assert len({case.get("name") for case in suite}) == len(report["operations"])
    count = len(report["operations"])
    progress = [line for line in honest.done.stderr.splitlines() if f"/{count}] " in line]
    assert [line.partition("/")[0] for line in progress] == [f"[{n}" for n in range(1, count + 1)]
    assert {line.partition("] ")[2] for line in progress} == set(report["operations"])


def test_the_report_counts_what_was_asked_and_says_of_what(honest: Checked) -> None:
    report = report_of(honest.folder)
    kept = [
        one for one in honest.mock.requests if "schemathesis" in (one.header("user-agent") or "")
    ]
    # some checks of schemathesis send a request of their own, which is no call of an operation
    assert len(kept) * 0.9 < sum(report["operations"].values()) <= len(kept)
    assert set(report["seconds"]) == set(report["operations"])
    assert report["document_sha256"] == hashlib.sha256(honest.document.read_bytes()).hexdigest()
    said = [report[name] for name in ("base_url", "seed", "profile", "laws", "differences")]
    assert said == [honest.mock.base_url, 1, "quick", {}, []]
    took = f"The checks took {honest.cost:.2f} US dollars from the balance."
    assert [one.partition(" requests")[0] for one in report["notes"]] == [
        report["notes"][0].partition(" requests")[0],
        took,
    ]
    assert report["notes"][0].startswith("The budget of 0.40 US dollars was used up: ")
    last = [line for line in honest.done.stderr.splitlines() if line][-1]
    assert last == f"Reports: {honest.folder}"


def test_the_cost_is_said_before_and_held_to_the_budget(honest: Checked) -> None:
    first = honest.done.stderr.splitlines()[0]
    assert "for at most 0.40 US dollars" in first
    assert "is 100 US dollars" in first
    assert "The budget of 0.40 US dollars was used up" in honest.done.stdout
    assert Decimal(0) < honest.cost <= Decimal("0.40")


RUNS, SECRETS = "GET /v1/runs", "GET /v1/callback-secrets"


def break_lists(server: MockRunflow) -> None:
    """Let nothing but the lists of runs and of secrets be wrong."""
    server.faults.clear()
    server.fail_next(*RUNS.split(" "), fault="null", field="items", count=None)
    server.fail_next(*SECRETS.split(" "), fault="missing_field", field="items", count=None)


@contextmanager
def wrong_lists() -> Generator[MockRunflow]:
    """Run a server whose lists of runs and of secrets are wrong."""
    with MockRunflow(clock=SteppedClock(step=1.0), settings=Settings(seed=1)) as server:
        break_lists(server)
        yield server


@pytest.fixture(scope="module")
def violated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checked]:
    """Run the command once for all that is said of its reports."""
    place = tmp_path_factory.mktemp("violated")
    with wrong_lists() as server:
        document, folder = write_small_document(place), place / "first"
        options = ("--seed", "7", "--write-baseline", str(place / "known.json"))
        done = conformance(server, folder, "--document", str(document), *options)
        cost = sum((entry.amount for entry in server.ledger), Decimal(0))
        yield Checked(server, document, folder, done, cost)


def test_the_same_seed_gives_the_same_report_and_the_baseline_lets_it_pass(
    violated: Checked, tmp_path: Path
) -> None:
    def said(folder: Path, mock: MockRunflow, *, is_known: bool) -> dict[str, Any]:
        text = json.dumps(report_of(folder)).replace(mock.base_url, "SERVER")
        report: dict[str, Any] = json.loads(text)
        assert report.pop("conforms") is is_known
        assert {one.pop("in_baseline") for one in report["differences"]} == {is_known}
        del report["seconds"]
        return report

    options = ("--seed", "7", "--baseline", str(violated.baseline))
    with wrong_lists() as mock:
        done = conformance(mock, tmp_path, "--document", str(violated.document), *options)
        assert done.returncode == 0
        again = said(tmp_path, mock, is_known=True)
    assert again == said(violated.folder, violated.mock, is_known=False)


def test_a_correction_is_proposed_for_what_is_new(violated: Checked) -> None:
    (path,) = violated.folder.glob("*.overlay.yaml")
    assert f"A correction of the document that allows what was seen: {path}" in violated.done.stderr
    proposed: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    schemas = "$['components']['schemas']"
    items = f"{schemas}['RunPage']['properties']['items']"
    changes = [(one["target"], one.get("update", one.get("remove"))) for one in proposed["actions"]]
    assert changes == [
        (f"{schemas}['CallbackSecretPage']['required'][?@=='items']", True),
        (f"{items}['type']", True),
        (items, {"type": ["array", "null"]}),
    ]


def test_violations_are_named_and_a_baseline_lets_only_new_ones_fail(
    violated: Checked, tmp_path: Path
) -> None:
    """A status that is the difference is one row."""
    first, mock = violated.done, violated.mock
    assert first.returncode == 0, first.stderr
    assert "`/components/schemas/RunPage/properties/items/type`" in first.stdout
    assert "curl -X GET" in first.stdout
    wrong = {
        "GET /v1/billing/balance": (418, "undocumented_status"),
        "GET /v1/runs/{id}": (500, "ST101"),
    }
    for operation, (status, _) in wrong.items():
        mock.fail_next(*operation.split(" "), status=status, count=None)
    mock.fail_next("create_run", status=429, count=None)  # documented: whatever was asked
    options = ("--document", str(violated.document), "--baseline", str(violated.baseline))
    second = conformance(mock, tmp_path, *options)
    break_lists(mock)
    assert second.returncode == 1
    new = [one for one in report_of(tmp_path)["differences"] if not one["in_baseline"]]
    assert sorted(one["operation"] for one in new) == sorted(wrong)
    assert all(one["rule"].startswith(wrong[one["operation"]][1]) for one in new)
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot()
    failed = {case.get("name") for case in suite if case.find("failure") is not None}
    assert failed == set(wrong)
    output = (
        "".join(path.read_text(encoding="utf-8") for path in (violated.folder).iterdir())
        + first.stdout
    )
    assert mock.api_key not in output
    assert "whsec_" not in output


def test_the_report_says_what_the_checks_cost_and_one_cause_is_one_row(violated: Checked) -> None:
    assert (
        f"The checks took {violated.cost:.2f} US dollars from the balance." in violated.done.stdout
    )
    rows = report_of(violated.folder)["differences"]
    said = sorted((row["operation"], row["rule"]) for row in rows)
    assert said == [(SECRETS, "schema:required"), (RUNS, "schema:type")]
    assert all(row["what"] for row in rows)


@pytest.mark.parametrize(
    ("options", "key", "reason"),
    [
        (("--base-url", "http://127.0.0.1:9"), None, "does not answer"),
        (("--base-url", "https://api.runflow.io"), None, "make contract-live"),
        (("--base-url", "https://API.Runflow.io.:443/"), None, "make contract-live"),
        (("--base-url", "https://key@api\u3002runflow.io:8443"), None, "make contract-live"),
        (("--base-url", "https://api%2Erunflow.io"), None, "no host name"),
        (("--base-url", "http://runflow.example"), None, "plain http"),
        ((), "rf_live_wrong", "RUNFLOW_API_KEY is not accepted"),
        ((), "", "set RUNFLOW_API_KEY"),
        (("--baseline", "missing.json"), None, "missing.json"),
        (("--document", "missing.json"), None, "missing.json"),
        (("--time-budget", "0.2"), None, "time budget"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_could_not_run_is_told_apart(
    mock: MockRunflow, tmp_path: Path, options: tuple[str, ...], key: str | None, reason: str
) -> None:
    done = conformance(mock, tmp_path / "report", *options, key=key)
    assert done.returncode == 2
    assert reason in done.stderr
    assert not (tmp_path / "report").exists()


def test_checks_that_called_nothing_are_no_success(
    mock: MockRunflow, small_document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # hypothesis loads its support of trio, and then draws nothing in any test
    (tmp_path / "trio.py").write_text("raise ImportError('broken')\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delenv("HYPOTHESIS_NO_PLUGINS")
    done = conformance(mock, tmp_path / "report", "--document", str(small_document))
    assert done.returncode == 2, done.stdout
    assert "called no operation" in done.stderr
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize("ending", ["/v1", "/v1/"])
def test_a_base_url_that_repeats_the_beginning_of_the_paths_is_refused(
    mock: MockRunflow, tmp_path: Path, ending: str
) -> None:
    done = conformance(mock, tmp_path / "report", "--base-url", mock.base_url + ending)
    assert done.returncode == 2
    assert done.stderr.rstrip().endswith(f"so the base URL is {mock.base_url}")


def test_each_difference_has_a_script_that_sends_its_request_again(violated: Checked) -> None:
    mock = violated.mock
    count = len(mock.requests)
    environment = {**os.environ, "RUNFLOW_API_KEY": mock.api_key}
    rows = [row["operation"] for row in report_of(violated.folder)["differences"]]
    script = violated.folder / f"replay-{rows.index(RUNS) + 1}.sh"
    assert mock.api_key not in script.read_text(encoding="utf-8")
    done = subprocess.run(
        ["sh", str(script)], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["items"] is None
    assert len(mock.requests) == count + 1
