"""Hooks and checks that schemathesis loads into its process.

They make valid data realistic, check responses with our own validator, and record every finding in
a file. Settings come in environment variables; `runner` sets them.
"""

import atexit
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import schemathesis
from attrs import asdict, evolve
from runflow_api.http_library import httpx
from runflow_client._models.statuses import is_terminal
from runflow_client._redaction import redact
from runflow_mock.simulation.catalog import Catalog
from schemathesis import Case, CheckContext, HookContext, Response

from .._findings import Finding
from .._validation.base_url import BaseUrl
from .._validation.json_pointers import json_pointer
from .._validation.validator import Interaction, Validator
from .budget import Budget
from .environment import (
    BUDGET_VARIABLE,
    DOCUMENT_VARIABLE,
    NO_RESPONSE_HEADER,
    OWN_CHECK_CODE,
    REALISTIC_VARIABLE,
    RECORD_VARIABLE,
)
from .realistic_data import make_realistic

_SECRET_SHAPE = re.compile(r"whsec_[A-Za-z0-9_\-]{16,}")

# schemathesis does not type this decorator.
_hook: Callable[[Callable[..., object]], object] = cast(Any, schemathesis).hook
_record = Path(os.environ[RECORD_VARIABLE])
_validator = Validator(Path(os.environ[DOCUMENT_VARIABLE]))
_base_url = BaseUrl(os.environ["RUNFLOW_BASE_URL"])
_realistic = os.environ.get(REALISTIC_VARIABLE) == "1"
_limit = os.environ.get(BUDGET_VARIABLE)
_budget = None if _limit is None else Budget(Decimal(_limit), Catalog())
_calls: Counter[str] = Counter()
_unpaid: Counter[str] = Counter()
_seconds: dict[str, float] = {}
_began = 0.0


@_hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Make valid data realistic, hold the case to the budget, and start the clock."""
    global _began
    if _realistic:
        make_realistic(case)
    if _budget is not None:
        _budget.hold(case)
    _began = time.perf_counter()


@_hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
    """Count the call and its time."""
    label = case.operation.label
    _calls[label] += 1
    if _calls[label] == 1:
        _write({"operation": label})
    _unpaid[label] += response.status_code == HTTPStatus.PAYMENT_REQUIRED
    _seconds[label] = _seconds.get(label, 0.0) + time.perf_counter() - _began


@_hook
def filter_failure(context: HookContext, failure: Any, case: Case[Any], response: Response) -> bool:
    """Record a failure of schemathesis' own checks; ours have recorded theirs already."""
    if NO_RESPONSE_HEADER in response.headers or _is_documented_limit(case, response):
        return False
    if failure.code != OWN_CHECK_CODE:
        pointer = getattr(failure, "schema_path", "") or ""
        _record_finding(
            Finding(
                operation=case.operation.label,
                rule=f"{failure.code} {failure.title}",
                where=f"response {response.status_code}",
                pointer=pointer if isinstance(pointer, str) else json_pointer(*map(str, pointer)),
                what=redact(failure.message or failure.title)[:600],
            ),
            case,
        )
    return True


def _is_documented_limit(case: Case[Any], response: Response) -> bool:
    """Whether this is a documented 429: an answer whatever was asked.

    Our own check compares its body with the document.
    """
    documented = case.operation.definition.raw.get("responses", {})
    limited = response.status_code == HTTPStatus.TOO_MANY_REQUESTS
    return limited and str(response.status_code) in documented


@schemathesis.check
def response_matches_document(context: CheckContext, response: Response, case: Case[Any]) -> None:
    """Check the response with our own validator, which shares no code with schemathesis."""
    request = response.request
    parts = urlsplit(request.url or "")
    interaction = Interaction(
        method=request.method or "",
        path=_base_url.path_below(httpx.URL(request.url or "")) or parts.path,
        query=parts.query,
        request_headers={},
        request_body=b"",
        status=response.status_code,
        response_headers={
            name.lower(): ", ".join(values) for name, values in response.headers.items()
        },
        response_body=response.content,
    )
    _fail(_validator.findings(interaction, check_request=False), case)


@schemathesis.check
def ended_runs_have_completed_at(
    context: CheckContext, response: Response, case: Case[Any]
) -> None:
    """Check that a run has `completed_at` if and only if it has ended."""
    found = [
        _finding(case, "ended_run", f"response {response.status_code}", what)
        for run in _objects(response)
        if isinstance(run.get("status_code"), str) and {"completed_at", "nodes_total"} <= run.keys()
        for what in [_completed_at_problem(run)]
        if what
    ]
    _fail(found, case)


@schemathesis.check
def secrets_are_shown_once(context: CheckContext, response: Response, case: Case[Any]) -> None:
    """Check that only the response that creates a secret shows it."""
    label = case.operation.label
    if label.startswith("POST ") and label.endswith(("/callback-secrets", "/webhooks")):
        return
    text = response.content.decode(errors="replace")
    if _SECRET_SHAPE.search(text) or any(entry.get("plain_secret") for entry in _objects(response)):
        _fail(
            [
                _finding(
                    case,
                    "secret_shown_again",
                    f"response {response.status_code}",
                    "the body holds a whole secret",
                )
            ],
            case,
        )


def _completed_at_problem(run: dict[str, Any]) -> str:
    if is_terminal(run["status_code"]) and run["completed_at"] is None:
        return f"status {run['status_code']} without completed_at"
    if run["completed_at"] is not None and run["status_code"] in (
        "queued",
        "dispatching",
        "running",
    ):
        return f"status {run['status_code']} with completed_at"
    return ""


def _objects(response: Response) -> list[dict[str, Any]]:
    """Return the JSON object in the body, or the items if it is a page."""
    try:
        body: object = json.loads(response.content)
    except (ValueError, RecursionError):
        return []
    items = cast("dict[str, Any]", body).get("items") if isinstance(body, dict) else None
    entries: list[object] = cast("list[object]", items) if isinstance(items, list) else [body]
    return [cast("dict[str, Any]", entry) for entry in entries if isinstance(entry, dict)]


def _finding(case: Case[Any], rule: str, where: str, what: str) -> Finding:
    return Finding(
        operation=case.operation.label,
        rule=rule,
        where=where,
        pointer="",
        what=what,
    )


def _fail(found: list[Finding], case: Case[Any]) -> None:
    for finding in found:
        _record_finding(finding, case)
    if found:
        raise AssertionError("\n".join(str(finding) for finding in found))


def _record_finding(finding: Finding, case: Case[Any]) -> None:
    _write({"finding": asdict(evolve(finding, replay=_replay(case)))})


def _replay(case: Case[Any]) -> str:
    """Return the curl command that sends the case again, without secrets."""
    base_url, placeholder = os.environ["RUNFLOW_BASE_URL"], "<the server>"
    command = redact(case.as_curl_command().replace(base_url, placeholder)).replace(
        placeholder, base_url
    )
    return command.replace(
        "'Authorization: [Filtered]'", '"Authorization: Bearer $RUNFLOW_API_KEY"'
    )


def _write(entry: dict[str, Any]) -> None:
    with _record.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


@atexit.register
def _write_calls() -> None:
    unpaid = {label: count for label, count in _unpaid.items() if count}
    totals: dict[str, object] = {"calls": dict(_calls), "seconds": _seconds, "unpaid": unpaid}
    if _budget is not None:
        totals.update(committed=str(_budget.committed), over_budget=_budget.refused)
    _write(totals)
