"""Checks the live API: reads it with schemathesis, makes a few runs, writes the reports."""

import hashlib
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

from attrs import evolve, field, frozen
from runflow_api.http_library import httpx
from runflow_client import PollSchedule, Runflow
from runflow_client._redaction import HIDDEN
from runflow_client._time import Clock

from .._findings import Finding
from .._proxies import ProxiedTransport
from .._report.formats import JSON, JUNIT, MARKDOWN, replay_script, write_reports
from .._report.proposals import PROPOSAL, propose, write_proposal
from .._report.report import Identity, Report, group_findings
from .._schemathesis.runner import CouldNotRun, Plan, require_installed, run_schemathesis
from .._tap import Tap
from .._validation.validator import Validator
from ._gateway import PLACEHOLDER_KEY, Gateway
from ._guard import Guard, GuardedTransport, Limits, read_operations
from ._recording import Recorder
from ._spending import CREATE_RUN, affordable, buy

INTERACTIONS, DIFFERENCES = "interactions.jsonl", "differences.json"
WRITTEN = (INTERACTIONS, DIFFERENCES, PROPOSAL, JUNIT, JSON, MARKDOWN, replay_script("*"))
"""What a session writes into its folder. Other files in it are left alone."""
# Checks that need another key, another method or wrong data.
NOT_FOR_READING = (
    "ignored_auth",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "negative_data_rejection",
    "use_after_free",
    "ensure_resource_availability",
    "object_level_authorization",
)
OWN_RULES = ("ended_run", "secret_shown_again")


@frozen(kw_only=True)
class LiveSettings:
    """Where the API is, and the limits.

    `requests` and `per_second` limit all requests, `allowance` is for runs, in US dollars. `clock`
    is slept on between requests and while runs are waited for; None for real time.
    """

    base_url: str
    api_key: str = field(repr=False)
    document: Path
    folder: Path
    requests: int = 600
    per_second: float = 5.0
    seed: int = 1
    allowance: Decimal = Decimal(0)
    clock: Clock | None = None
    baseline: frozenset[Identity] = frozenset()


def check_live_api(settings: LiveSettings) -> Report:
    """Call every GET operation, make the runs that the allowance pays, and write the report.

    Raise CouldNotRun if schemathesis is not installed, if the API does not answer, or if a file of
    the report would hold the key; then all of those are deleted.
    """
    require_installed()  # before anything is bought
    validator = Validator(settings.document)
    purchases = affordable(settings.allowance)
    limits = Limits(
        base_url=settings.base_url,
        operations=read_operations(validator) | ({CREATE_RUN} if purchases else frozenset[str]()),
        requests=settings.requests,
        per_second=settings.per_second,
        writes=len(purchases),
    )
    clock = settings.clock
    guard = (
        Guard(limits, validator)
        if clock is None
        else Guard(limits, validator, now=clock.now, sleep=clock.sleep)
    )
    settings.folder.mkdir(parents=True, exist_ok=True)
    (settings.folder / INTERACTIONS).unlink(missing_ok=True)
    recorder = Recorder(settings.folder / INTERACTIONS, settings.api_key)
    tap = Tap(
        ProxiedTransport(),
        validator,
        base_url=settings.base_url,
        check_requests=False,
        on_interaction=recorder.record,
    )
    notes: list[str] = []
    bought = [
        evolve(one, what=recorder.clean(one.what)) for one in _spend(settings, guard, tap, notes)
    ]
    with Gateway(settings.base_url, settings.api_key, GuardedTransport(tap, guard)) as gateway:
        plan = Plan(
            document=settings.document,
            base_url=gateway.url,
            api_key=PLACEHOLDER_KEY,
            seed=settings.seed,
            methods=("GET",),
            positive=True,
            excluded_checks=NOT_FOR_READING,
        )
        result = run_schemathesis(plan)
        fuzzed = [
            _without_values(one, gateway.url, settings.base_url)
            for one in result.findings
            if _is_only_schemathesis(one)
        ]
        notes += [
            f"{count} requests without a response: {reason}"
            for reason, count in gateway.no_response.items()
        ]
    notes += [
        f"{count} requests refused by the guard: {reason}"
        for reason, count in guard.refusals.most_common(5)
    ]
    if tap.interactions == 0:
        raise CouldNotRun(f"{settings.base_url} returned no response: {'; '.join(notes)}")
    report = Report(
        base_url=settings.base_url,
        document_sha256=hashlib.sha256(settings.document.read_bytes()).hexdigest(),
        seed=settings.seed,
        profile=f"live, {guard.sent} requests, {guard.writes} writes",
        operations=tuple(sorted(limits.operations)),
        calls=dict(Counter(result.calls)),
        seconds=result.seconds,
        differences=group_findings(tap.findings + fuzzed + bought, settings.baseline),
        notes=tuple(recorder.clean(note) for note in notes),
    )
    _write(settings, report, validator, recorder)
    return report


def _spend(settings: LiveSettings, guard: Guard, tap: Tap, notes: list[str]) -> list[Finding]:
    """Make the runs; return the laws of a run that were violated."""
    purchases = affordable(settings.allowance)
    if not purchases:
        return []
    with httpx.Client(
        transport=GuardedTransport(tap, guard), timeout=60.0, trust_env=False
    ) as http:
        client = Runflow(
            settings.api_key,
            base_url=settings.base_url,
            http_client=http,
            clock=settings.clock,
            schedule=PollSchedule(first=5.0, growth=1.5, longest=30.0),
        )
        bought = buy(client, purchases)
    if bought.made:
        made = ", ".join(f"{one.model} (${one.price})" for one in bought.made)
        notes.append(f"runs made: {made}")
    if bought.refusal is not None:
        notes.append(bought.refusal)
    # The place names the model: what is said of another model is another difference.
    return [
        Finding(
            operation=CREATE_RUN,
            rule="run",
            where=f"a paid run of {what.partition(':')[0]}",
            pointer="",
            what=what,
        )
        for what in bought.violations
    ]


def _is_only_schemathesis(finding: Finding) -> bool:
    """Return whether the Tap cannot have reported a finding of schemathesis' process, too."""
    return finding.rule.startswith("ST") or finding.rule in OWN_RULES


def _without_values(finding: Finding, gateway: str, base_url: str) -> Finding:
    """Return the finding without the values that schemathesis prints: they may be personal data."""
    what = finding.rule if finding.rule.startswith("ST") else finding.what
    return evolve(finding, what=what, replay=finding.replay.replace(gateway, base_url))


def _write(
    settings: LiveSettings, report: Report, validator: Validator, recorder: Recorder
) -> None:
    write_reports(report, settings.folder)
    entries = [
        {
            "operation": one.finding.operation,
            "rule": one.finding.rule,
            "where": one.finding.where,
            "pointer": one.finding.pointer,
            "what": one.finding.what,
            "count": one.count,
            "in_baseline": one.in_baseline,
            "interaction": recorder.first.get(one.finding.identity),
            "proposal": (propose([one], validator.tree) or {}).get("actions"),
        }
        for one in report.differences
    ]
    (settings.folder / DIFFERENCES).write_text(
        json.dumps(entries, indent=2) + "\n", encoding="utf-8"
    )
    write_proposal(propose(report.new, validator.tree), settings.folder)
    _refuse_reports_with_key(settings)


def _refuse_reports_with_key(settings: LiveSettings) -> None:
    """Delete the reports and raise CouldNotRun if one holds the key, which would be our bug."""
    files = [path for name in WRITTEN for path in sorted(settings.folder.glob(name))]
    leaking = [path.name for path in files if settings.api_key in path.read_text(encoding="utf-8")]
    if leaking:
        for path in files:
            path.unlink()
        raise CouldNotRun(
            f"{', '.join(leaking)} would hold the key ({HIDDEN}): all reports were deleted"
        )
