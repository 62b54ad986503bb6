"""Runs schemathesis as a process of its own and reads what it found."""

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attrs import field, frozen
from runflow_client._redaction import redact
from runflow_client._urls import is_loopback

from .._findings import Finding
from .environment import (
    BUDGET_VARIABLE,
    DOCUMENT_VARIABLE,
    REALISTIC_VARIABLE,
    RECORD_VARIABLE,
)

REQUIRED_MODULES = ("schemathesis", "jsonschema_rs")
HOOKS = f"{__package__}.hooks"
QUICK_PHASES = ("examples", "coverage")
DEEP_PHASES = ("fuzzing", "stateful")
PROGRESS_INTERVAL = 0.5  # seconds
INTERRUPT_TIMEOUT = 30.0  # seconds until an interrupted schemathesis is killed
# Values of earlier responses are not reused: they end up in the wrong fields (a signed URL as a
# callback_url), and two runs with one seed would differ. `max-time` is not set: it multiplies
# requests.
CONFIGURATION = """\
hooks = {hooks}
workers = 1
continue-on-failure = true
max-redirects = 0

[generation]
database = "none"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "402", "403", "404", "409", "429", "5xx"]

[auth.openapi.{scheme}]
bearer = "${{RUNFLOW_API_KEY}}"

[phases.examples]
extra-data-sources.responses = false
[phases.coverage]
extra-data-sources.responses = false
{coverage}
[phases.fuzzing]
extra-data-sources.responses = false
error-feedback.enabled = false
"""


# Codes of schemathesis: a server error; undocumented status, content type, schema violation,
# unreadable body.
SERVER_ERROR = "ST101"
SCHEMA_CODES = ("ST103", "ST104", "ST105", "ST106", "ST108", "ST110")


class CouldNotRun(Exception):
    """The checks could not be run. The message says why and what to do."""


@frozen(kw_only=True)
class Plan:
    """What schemathesis shall run.

    `examples`: cases per operation in the deep phases.
    `seconds`: the time that the run may take; None for no limit.
    `methods`: limit the run to operations of these methods; empty for all.
    `positive`: send valid data only.
    `realistic`: adapt valid data to the catalog and to ids that exist on the server.
    `budget`: US dollars that created runs may cost by the catalog's prices; None for no limit.
    """

    document: Path
    base_url: str
    api_key: str = field(repr=False)
    phases: tuple[str, ...] = QUICK_PHASES
    examples: int = 1
    seed: int = 1
    seconds: float | None = None
    methods: tuple[str, ...] = ()
    positive: bool = False
    realistic: bool = True
    excluded_checks: tuple[str, ...] = ()
    budget: Decimal | None = None


@frozen(kw_only=True)
class Result:
    """What a run of schemathesis gave.

    `calls`, `seconds` and `unpaid` (responses with status 402) are by operation; `summary` is
    schemathesis' JSON report, `output` what it printed. `committed` is what the created runs can
    cost in US dollars, `over_budget` counts those that were not created for the budget's sake.
    """

    findings: list[Finding]
    calls: dict[str, int]
    seconds: dict[str, float]
    unpaid: dict[str, int]
    summary: dict[str, Any]
    interrupted: bool
    output: str = field(repr=False)
    committed: Decimal = Decimal(0)
    over_budget: int = 0


def require_installed() -> None:
    """Raise CouldNotRun if what is needed to run schemathesis is not installed."""
    missing = [name for name in REQUIRED_MODULES if find_spec(name) is None]
    if missing:
        raise CouldNotRun(
            f'{" and ".join(missing)} not found: pip install "runflow-client[conformance]"'
        )


def run_schemathesis(plan: Plan, on_operation: Callable[[str], object] = lambda _: None) -> Result:
    """Run the plan. Raise CouldNotRun if schemathesis failed, called nothing or is not installed.

    `on_operation` gets the label of each operation soon after its first call.
    """
    require_installed()
    with tempfile.TemporaryDirectory() as folder:
        record, report = Path(folder) / "record.jsonl", Path(folder) / "report.json"
        configuration = Path(folder) / "schemathesis.toml"
        configuration.write_text(_configuration(plan), encoding="utf-8")
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration), "run"),
            *(str(plan.document.resolve()), "--url", plan.base_url),
            *("--phases", ",".join(plan.phases), "--max-examples", str(plan.examples)),
            *("--seed", str(plan.seed), "--mode", "positive" if plan.positive else "all"),
            *("--suppress-health-check", "all", "--no-color", "--report", "json"),
            *("--report-json-path", str(report), "--no-shrink", "--checks", "all"),
        ]
        for method in plan.methods:
            command += ["--include-method", method]
        if plan.excluded_checks:
            command += ["--exclude-checks", ",".join(plan.excluded_checks)]
        output, code, interrupted = _run(
            command,
            folder,
            _environment(plan, record),
            plan.seconds,
            _report_progress(record, on_operation),
        )
        summary = _read_report(report)
        findings, totals = _read_record(record)
        if not interrupted and (code not in (0, 1) or not summary):
            how = "" if summary else " and left no report that can be read"
            raise CouldNotRun(f"schemathesis ended with {code}{how}:\n{redact(output)[-2000:]}")
        if not interrupted and not totals.get("calls"):
            raise CouldNotRun(f"schemathesis called no operation:\n{redact(output)[-2000:]}")
        return Result(
            findings=_without_repetitions(findings),
            calls=totals.get("calls", {}),
            seconds=totals.get("seconds", {}),
            unpaid=totals.get("unpaid", {}),
            summary=summary,
            interrupted=interrupted,
            output=redact(output),
            committed=Decimal(totals.get("committed", 0)),
            over_budget=totals.get("over_budget", 0),
        )


def _configuration(plan: Plan) -> str:
    content = json.loads(plan.document.read_text(encoding="utf-8"))
    schemes = content.get("components", {}).get("securitySchemes", {})
    scheme = next(
        (name for name, value in schemes.items() if value.get("scheme") == "bearer"), "HTTPBearer"
    )
    return CONFIGURATION.format(
        hooks=json.dumps(HOOKS),
        scheme=scheme,
        coverage="unexpected-methods = []" if plan.methods else "",
    )


def _environment(plan: Plan, record: Path) -> dict[str, str]:
    # There is no proxy before this machine. Where both spellings are set, one of them wins.
    own = urlsplit(plan.base_url).hostname or ""
    here = dict.fromkeys(("127.0.0.1", *([own] if is_loopback(own) else ())))
    spelt = sorted({"NO_PROXY", *(name for name in os.environ if name.lower() == "no_proxy")})
    hosts = ",".join(filter(None, (*map(os.environ.get, spelt), *here)))
    return {
        **os.environ,
        **dict.fromkeys(spelt, hosts),
        "RUNFLOW_BASE_URL": plan.base_url,
        "RUNFLOW_API_KEY": plan.api_key,
        # The order of sets decides what is drawn: the same seed must send the same requests.
        "PYTHONHASHSEED": "0",
        RECORD_VARIABLE: str(record),
        DOCUMENT_VARIABLE: str(plan.document.resolve()),
        REALISTIC_VARIABLE: "1" if plan.realistic else "0",
        **({} if plan.budget is None else {BUDGET_VARIABLE: str(plan.budget)}),
    }


def _run(
    command: list[str],
    folder: str,
    environment: dict[str, str],
    seconds: float | None,
    while_running: Callable[[], object],
) -> tuple[str, int, bool]:
    """Return the output of the process, its exit code, and whether its time was up."""
    log = Path(folder) / "output.txt"
    deadline = None if seconds is None else time.monotonic() + seconds
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=output,
            preexec_fn=_RESTORE_SIGINT,
        ) as process,
    ):
        code: int | None = None
        interrupted = False
        try:
            while code is None and not interrupted:
                left = math.inf if deadline is None else deadline - time.monotonic()
                code = _wait(process, max(0.0, min(left, PROGRESS_INTERVAL)))
                while_running()
                interrupted = code is None and left <= PROGRESS_INTERVAL
            if code is None:
                _interrupt(process)
                code = _wait(process, INTERRUPT_TIMEOUT)
            if code is None:
                process.kill()
                code = process.wait()
        except BaseException:
            process.kill()
            raise
    return log.read_text(encoding="utf-8", errors="replace"), code, interrupted


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """Ask the process to end. Windows cannot interrupt it; there it is terminated."""
    if os.name == "nt":
        process.terminate()
    else:
        process.send_signal(signal.SIGINT)


def _wait(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    """Return the exit code, None if the process still runs after that many seconds."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def _report_progress(record: Path, on_operation: Callable[[str], object]) -> Callable[[], None]:
    """Return a function that reports the operations that were recorded since its last call."""
    reported = 0

    def report() -> None:
        nonlocal reported
        called = [entry["operation"] for entry in _entries(record) if "operation" in entry]
        for label in called[reported:]:
            on_operation(label)
        reported = len(called)

    return report


def _entries(record: Path) -> Iterator[dict[str, Any]]:
    """Yield the entries of the record. The last line may be incomplete: it is being written."""
    text = record.read_text(encoding="utf-8") if record.is_file() else ""
    for line in text.splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)


def _restore_sigint() -> None:
    """Restore the default for SIGINT: a shell makes its background processes ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


_RESTORE_SIGINT = None if os.name == "nt" else _restore_sigint  # not supported on Windows


def _read_report(report: Path) -> dict[str, Any]:
    """Return the report of schemathesis; empty if it is missing or incomplete."""
    try:
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found


def _read_record(record: Path) -> tuple[list[Finding], dict[str, Any]]:
    """Return the findings, and the totals that the process wrote when it ended."""
    findings: list[Finding] = []
    totals: dict[str, Any] = {}
    for entry in _entries(record):
        if "finding" in entry:
            findings.append(Finding(**entry["finding"]))
        elif "calls" in entry:
            totals = entry
    return findings, totals


def _without_repetitions(findings: list[Finding]) -> list[Finding]:
    """Drop what follows from another finding about the same response.

    That is what schemathesis says if our own validator says it, too, and, where the status itself
    is the difference (a server error, or one that is not documented), what else is said about it.
    """
    own = {_response_of(finding) for finding in findings if not finding.rule.startswith("ST")}
    by_status: dict[tuple[str, str], str] = {}
    for finding in findings:
        if finding.rule.startswith(SERVER_ERROR):
            by_status[_response_of(finding)] = finding.rule
        elif finding.rule == "undocumented_status":
            by_status.setdefault(_response_of(finding), finding.rule)

    def follows(finding: Finding) -> bool:
        response, is_foreign = _response_of(finding), finding.rule.startswith("ST")
        if finding.rule.startswith(SCHEMA_CODES) and (finding.operation, finding.where) in own:
            return True
        is_about_status = is_foreign or finding.rule == "undocumented_status"
        return is_about_status and by_status.get(response, finding.rule) != finding.rule

    return [finding for finding in findings if not follows(finding)]


def _response_of(finding: Finding) -> tuple[str, str]:
    """Return the operation and the response, such as `response 500`, of a finding."""
    return finding.operation, finding.where.partition(",")[0]
