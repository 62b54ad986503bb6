"""Checks a deployment: schemathesis first, then the laws."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen
from runflow_api.api.account import get_balance
from runflow_api.http_library import httpx
from runflow_client import InvalidArgument
from runflow_client._urls import PRODUCTION, find_base_url
from runflow_mock.contract.document import Document

from ._proxies import ProxiedTransport
from ._report.report import Identity, Report, group_findings
from ._schemathesis.runner import DEEP_PHASES, CouldNotRun, Plan, Result, run_schemathesis

if TYPE_CHECKING:
    from .laws.runner import LawResults

# Cases per operation in the deep phases; 0: skip them.
PROFILES = {"quick": 0, "thorough": 25}
PROBE_TIMEOUT = 15.0  # seconds


@frozen(kw_only=True)
class Deployment:
    """A deployment to check, and the document that it should follow."""

    base_url: str
    document: Path
    api_key: str = field(repr=False)
    insecure_hosts: tuple[str, ...] = ()


def check_server(
    deployment: Deployment,
    *,
    seed: int = 1,
    profile: str = "quick",
    time_budget: float | None = None,
    baseline: frozenset[Identity] = frozenset(),
    settle: float | None = None,
    budget: Decimal | None = None,
    progress: Callable[[str], object] = lambda _: None,
) -> Report:
    """Check the deployment and return the report.

    This creates and deletes resources and spends money: Runflow's own API is refused.

    Args:
        deployment: what to check.
        seed: the same seed sends the same requests.
        profile: "quick", or "thorough" with fuzzing.
        time_budget: seconds. The quick phases must fit; the rest takes what is left.
        baseline: differences that do not count as new.
        settle: seconds in which a run ends and its callback is delivered; None: skip the laws.
        budget: US dollars that the created runs may cost; None for no limit. Prices are those of
            the catalog. With the laws, it is compared to the balance before each law.
        progress: gets a line about the costs, and one for each operation and law.

    Raise ValueError for another profile, before anything is sent. Raise CouldNotRun if the checks
    could not be run, also if the balance was used up.
    """
    if profile not in PROFILES:
        raise ValueError(f"there is no profile {profile!r}: expected one of {', '.join(PROFILES)}")
    operations = _operations(deployment.document)
    refuse_production(deployment.base_url)
    probe(deployment)
    balance = _balance(deployment)
    progress(cost_statement(budget, balance))
    began = time.monotonic()
    called: set[str] = set()

    def on_operation(label: str) -> None:
        if label not in called:
            called.add(label)
            progress(f"[{len(called)}/{len(operations)}] {label}")

    plan = Plan(
        document=deployment.document,
        base_url=deployment.base_url,
        api_key=deployment.api_key,
        seed=seed,
        seconds=time_budget,
        budget=budget,
    )
    results = [run_schemathesis(plan, on_operation)]
    _require_credit(results[0])
    if results[0].interrupted:
        raise CouldNotRun(
            f"the time budget of {time_budget:g} s ended before every operation was called"
        )
    notes: list[str] = []

    def left() -> float | None:
        return None if time_budget is None else max(time_budget - (time.monotonic() - began), 1.0)

    if PROFILES[profile]:
        deep = evolve(
            plan,
            phases=DEEP_PHASES,
            examples=PROFILES[profile],
            seconds=left(),
            budget=None if budget is None else budget - results[0].committed,
        )
        results.append(run_schemathesis(deep))
        _require_credit(results[-1])
        if results[-1].interrupted:
            notes.append(
                "The time budget ended the deep phases early. What they found until then counts."
            )
    refused = sum(result.over_budget for result in results)
    if refused:
        notes.append(
            f"The budget of {budget} US dollars was used up: {refused} requests that would have "
            "created a run named no model instead."
        )

    def can_spend() -> bool:
        now = None if budget is None or balance is None else _balance(deployment)
        return now is None or balance is None or budget is None or balance - now < budget

    findings = [finding for result in results for finding in result.findings]
    laws: tuple[str, ...] = ()
    of_laws: tuple[str, ...] = ()
    if settle is not None:
        tried = _run_laws(deployment, settle, left(), progress, can_spend)
        findings += tried.findings
        laws, of_laws = tried.laws, tried.notes
    left_over = _balance(deployment)
    if balance is not None and left_over is not None and left_over < balance:
        notes.append(f"The checks took {balance - left_over:.2f} US dollars from the balance.")
    return Report(
        base_url=deployment.base_url,
        document_sha256=hashlib.sha256(deployment.document.read_bytes()).hexdigest(),
        seed=seed,
        profile=profile,
        operations=operations,
        calls=dict(sum((Counter(result.calls) for result in results), Counter[str]())),
        seconds=_seconds(results),
        differences=group_findings(findings, baseline),
        notes=(*notes, *(note for result in results for note in _errors(result)), *of_laws),
        laws=laws,
    )


def cost_statement(budget: Decimal | None, balance: Decimal | None) -> str:
    """Return a sentence that says before the checks what they may cost."""
    limit = "without a limit" if budget is None else f"for at most {budget} US dollars (--budget)"
    left = "cannot be read" if balance is None else f"is {balance} US dollars"
    return f"The checks create runs {limit}. The balance of the deployment {left}."


def refuse_production(base_url: str) -> None:
    """Raise CouldNotRun for Runflow's own API: these checks write and spend."""
    if _host(base_url) == _host(PRODUCTION):
        raise CouldNotRun(
            "these checks create, delete and spend. For Runflow's own API use "
            "`make contract-live`, which only reads"
        )


def _host(url: str) -> str:
    """Return the host as it is looked up: in lower case, ASCII, without the dot of the root."""
    try:
        return httpx.URL(url).raw_host.decode("ascii").rstrip(".").lower()
    except (httpx.InvalidURL, ValueError):
        return ""  # refused by the probe


def probe(deployment: Deployment) -> None:
    """Raise CouldNotRun if the deployment does not answer or does not accept the key."""
    try:
        base_url = find_base_url(deployment.base_url, deployment.insecure_hosts)
    except InvalidArgument as problem:
        raise CouldNotRun(str(problem)) from None
    path = _readable_path(deployment.document)
    try:
        with _client_of(deployment) as client:
            response = client.get(base_url + path)
    except httpx.RequestError as problem:
        why = "does not answer" if isinstance(problem, httpx.TransportError) else "cannot be read"
        raise CouldNotRun(f"GET {base_url}{path} {why}: {type(problem).__name__}") from None
    if response.status_code in (401, 403):
        raise CouldNotRun(
            f"GET {path} answers {response.status_code}: RUNFLOW_API_KEY is not accepted"
        )
    root, _, ending = base_url.rpartition("/")
    if response.status_code == 404 and path.startswith(f"/{ending}/"):
        raise CouldNotRun(
            f"GET {base_url}{path} answers 404: the paths of the document begin with /{ending} "
            f"themselves, so the base URL is {root}"
        )


def _client_of(deployment: Deployment) -> httpx.Client:
    return httpx.Client(
        base_url=deployment.base_url,
        timeout=PROBE_TIMEOUT,
        headers={"Authorization": f"Bearer {deployment.api_key}"},
        transport=ProxiedTransport(),
    )


def _balance(deployment: Deployment) -> Decimal | None:
    """Return the balance in US dollars, None if it cannot be read."""
    try:
        with _client_of(deployment) as client:
            response = client.request(**get_balance.build_request())
        return Decimal(str(response.json()["balance"]))
    except (httpx.RequestError, ValueError, ArithmeticError, LookupError, TypeError):
        return None


def _require_credit(result: Result) -> None:
    """Raise CouldNotRun if requests were refused for lack of credit."""
    if result.unpaid:
        count, labels = sum(result.unpaid.values()), ", ".join(sorted(result.unpaid))
        raise CouldNotRun(
            f"the balance is used up: {count} requests returned 402 ({labels}). "
            "Add credit or use another key."
        )


def _run_laws(
    deployment: Deployment,
    settle: float,
    seconds: float | None,
    progress: Callable[[str], object],
    can_spend: Callable[[], bool],
) -> "LawResults":
    # Loading them takes longer than all else, and few runs try them.
    from .laws.deployment import deployed_target
    from .laws.runner import run_laws

    hosts = deployment.insecure_hosts
    with deployed_target(
        deployment.base_url, deployment.api_key, settle=settle, insecure_hosts=hosts
    ) as target:
        return run_laws(target, seconds, progress, can_spend)


def _readable_path(document: Path) -> str:
    """Return the path of a documented GET that needs a key and no parameter."""
    for operation in Document.read(document).operations:
        required = any(parameter.required for parameter in operation.parameters)
        if operation.method == "GET" and not operation.open and not required:
            return operation.path
    return "/"


def _operations(document: Path) -> tuple[str, ...]:
    try:
        found = tuple(str(operation) for operation in Document.read(document).operations)
    except OSError as problem:
        raise CouldNotRun(f"{document.name} cannot be read: {problem}") from None
    except ValueError as problem:
        raise CouldNotRun(str(problem)) from None
    if not found:
        raise CouldNotRun(f"{document.name} has no operation")
    return found


def _seconds(results: list[Result]) -> dict[str, float]:
    total: dict[str, float] = {}
    for result in results:
        for name, seconds in result.seconds.items():
            total[name] = total.get(name, 0.0) + seconds
    return total


def _errors(result: Result) -> list[str]:
    """Return the errors of schemathesis itself."""
    return [f"schemathesis: {str(error)[:300]}" for error in result.summary.get("errors", ())]
