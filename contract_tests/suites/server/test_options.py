"""What the commands make of their arguments, of those that they refuse, and of what comes of it."""

import argparse
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from attrs import field, frozen
from runflow_conformance import (
    CouldNotRun,
    Deployment,
    __main__ as conformance,
    _server,
    check_server,
)
from runflow_conformance._schemathesis.runner import Plan, Result
from runflow_conformance._server import _balance, _client_of, refuse_production
from runflow_conformance.live import __main__ as live

from ..commanding import help_of, parsed, run_main
from ..snapshot import check_snapshot
from .stand_in import Deployed, StandIn, standing_in

URL = ("--base-url", "http://127.0.0.1:8000")
ARGUMENTS = {
    "conformance": (
        conformance._parser,
        (
            URL,
            (*URL, "--document", "a.json", "--profile", "thorough", "--seed", "7"),
            (*URL, "--budget", "0", "--time-budget", "0.5", "--laws", "--settle", "2"),
            (*URL, "--baseline", "b.json", "--write-baseline", "w.json", "--report-dir", "r"),
            (*URL, "--insecure-host", "one", "--insecure-host", "two", "--budget", "1.25"),
            (),
            *((*URL, "--profile", wrong) for wrong in ("slow", "")),
            *((*URL, "--budget", wrong) for wrong in ("-0.01", "much", "NaN", "Infinity")),
            *((*URL, "--settle", wrong) for wrong in ("0", "-1", "soon", "nan")),
            *((*URL, "--time-budget", wrong) for wrong in ("0", "nan")),
            (*URL, "--seed", "1.5"),
        ),
    ),
    "live": (
        live._parser,
        (
            (),
            ("--live", *URL, "--document", "a.json", "--requests", "1", "--per-second", "1000"),
            ("--seed", "7", "--allow-spend", "5", "--baseline", "b.json", "--report-dir", "r"),
            *(("--requests", wrong) for wrong in ("0", "-1", "1.5", "many")),
            *(("--per-second", wrong) for wrong in ("0", "1000.1", "nan", "fast")),
            *(("--allow-spend", wrong) for wrong in ("-0.01", "5.01", "NaN", "much")),
        ),
    ),
}


def made_of(parser: argparse.ArgumentParser, arguments: tuple[str, ...]) -> str:
    """Return what the arguments become, or the last line of the refusal."""
    made = parsed(parser, arguments)
    if isinstance(made, str):
        return made
    return ", ".join(f"{name}={value!r}" for name, value in sorted(vars(made).items()))


@pytest.mark.parametrize("command", ARGUMENTS)
def test_arguments_become_what_they_became_before(command: str) -> None:
    parser, lists = ARGUMENTS[command]
    lines = [f"{' '.join(one) or '(none)'}\n    {made_of(parser(), one)}" for one in lists]
    lines += help_of(parser())
    text = "\n".join(lines).replace(type(Path()).__name__, "Path") + "\n"
    check_snapshot(Path(__file__).with_name("snapshots") / f"options-{command}.txt", text)


SNAPSHOTS = Path(__file__).with_name("snapshots")
LIST, CREATE = "GET /v1/things", "POST /v1/models/{owner}/{slug}/runs"
RESPONSE = {"200": {"description": "x", "content": {"application/json": {"schema": {}}}}}
BY_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
OPERATIONS: dict[str, Any] = {
    "/v1/open": {"get": {"security": [], "responses": RESPONSE}},
    "/v1/things/{id}": {"get": {"parameters": [BY_ID], "responses": RESPONSE}},
    "/v1/things": {"post": {"responses": RESPONSE}, "get": {"responses": RESPONSE}},
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1"},
    "security": [{"Key": []}],
    "paths": OPERATIONS,
    "components": {"securitySchemes": {"Key": {"type": "http", "scheme": "bearer"}}},
}
KEY = "rf_live_key_of_the_options"
SECRET = "whsec_0123456789abcdef0123"


def found(rule: str, where: str = "response 200", **fields: Any) -> dict[str, Any]:
    """Return what the process of schemathesis records of a difference."""
    values = {"operation": LIST, "rule": rule, "where": where, "pointer": "", "what": "it"}
    return {"finding": {**values, "observed": None, "replay": f"curl {rule}", **fields}}


def totals(**changed: Any) -> dict[str, Any]:
    """Return what the process of schemathesis records when it ends."""
    usual = {"calls": {LIST: 3, "GET /v1/open": 1}, "seconds": {LIST: 0.5}, "unpaid": {}}
    return {**usual, "committed": "0.40", "over_budget": 0, **changed}


RESPONSES = "/paths/~1v1~1things/get/responses"
BROKEN = found("undocumented_status", "response 418", pointer=RESPONSES, observed=418)
OWN = found("ended_run")
SENT = [{"operation": LIST}, {"operation": "GET /v1/open"}, {"operation": LIST}]
FINE: dict[str, Any] = {"record": [*SENT, totals()]}
DEEP: dict[str, Any] = {
    "record": [OWN, totals(seconds={LIST: 0.25, "x": 1}, committed="0.1", over_budget=2)],
    "report": json.dumps({"errors": ["e" * 400, "another"]}),
}
UNPAID: dict[str, Any] = {"record": [totals(unpaid={"POST /v1/b": 2, CREATE: 1})]}
THOROUGH = ("--profile", "thorough")


@frozen
class Story:
    """Options, what schemathesis does then, and how the deployment answers."""

    options: tuple[str, ...] = ()
    plans: tuple[dict[str, Any], ...] = (FINE,)
    balances: tuple[str | None, ...] = ("100",)
    statuses: dict[str, int] = field(factory=dict[str, int], hash=False)
    paths: Any = field(factory=lambda: OPERATIONS, hash=False)
    base: str = "http://127.0.0.1:PORT"
    key: str = KEY
    encoding: str | None = None


DIFFERENT: dict[str, Any] = {"record": [BROKEN, OWN, BROKEN, totals()]}
ELSEWHERE = "http://runflow.example"
LAWS = ("--laws", "--settle", "0.01")


def probed(status: int, *plans: dict[str, Any]) -> Story:
    """Return the story of a deployment that answers the probe with this status."""
    return Story(statuses={"/v1/things": status}, plans=plans)


STORIES: dict[str, dict[str, Story]] = {
    "usual": {
        "as usual": Story(balances=("100", "99.5")),
        "a slash at the end": Story(base="http://127.0.0.1:PORT/"),
        "a balance that grows": Story(balances=("100", "100.5")),
        "a balance that is not read": Story(balances=(None,)),
        "a balance that is read at first": Story(balances=("7", None)),
        "a balance that is text": Story(balances=("much",)),
        "another seed": Story(("--seed", "7")),
        "thorough": Story((*THOROUGH, "--seed", "7"), (FINE, DEEP), ("100", "99")),
        "thorough, with a budget": Story(
            (*THOROUGH, "--budget", "0.75"), ({"record": [totals(over_budget=3)]}, DEEP)
        ),
        "thorough, with time": Story((*THOROUGH, "--time-budget", "300"), (FINE, FINE)),
        "a budget of nothing": Story(("--budget", "0"), balances=("0", "0")),
    },
    "differences": {
        "two": Story(plans=(DIFFERENT,)),
        "some known": Story(("--baseline", "FOLDER/some.json"), (DIFFERENT,)),
        "all known": Story(("--baseline", "FOLDER/all.json"), (DIFFERENT,)),
        "no baseline": Story(("--baseline", "FOLDER/wrong.json"), ()),
        "to be known": Story(("--write-baseline", "FOLDER/new.json"), (DIFFERENT,)),
        "to be known, too": Story(
            ("--write-baseline", "FOLDER/new.json", "--baseline", "FOLDER/some.json"), (DIFFERENT,)
        ),
        "nothing to be known": Story(("--write-baseline", "FOLDER/new.json")),
    },
    "hosts": {
        "plain http elsewhere": Story(plans=(), base=ELSEWHERE),
        "allowed": Story(
            ("--insecure-host", "one", "--insecure-host", "runflow.example"), base=ELSEWHERE
        ),
        "another is allowed": Story(("--insecure-host", "one"), (), base=ELSEWHERE),
        **{f"the probe: {status}": probed(status, FINE) for status in (200, 404, 500)},
        **{f"the probe: {status}": probed(status) for status in (401, 403)},
        "the probe: 404 below /v1": Story(
            statuses={"/v1/v1/things": 404}, plans=(), base="http://127.0.0.1:PORT/v1"
        ),
        "the probe: an answer that cannot be unpacked": Story(plans=(), encoding="gzip"),
        "nothing to probe": Story(
            paths={path: item for path, item in OPERATIONS.items() if path != "/v1/things"}
        ),
        "no operation": Story(paths={}, plans=()),
        "paths that are text": Story(paths="/v1", plans=()),
        "no key": Story(key="", plans=()),
    },
    "laws": {
        "no money": Story((*LAWS, "--budget", "1"), balances=("10", "9")),
        "one law": Story((*LAWS, "--budget", "1"), balances=("10", "9.01", "9", "8.5")),
        "elsewhere": Story(
            (*LAWS, "--budget", "1", "--insecure-host", "runflow.example"),
            balances=("10", "9"),
            base=ELSEWHERE,
        ),
        "elsewhere, one law": Story(
            (*LAWS, "--budget", "1", "--insecure-host", "runflow.example"),
            balances=("10", "9.01", "9", "8.5"),
            base=ELSEWHERE,
        ),
    },
    "ends": {
        "no time": Story(("--time-budget", "0.01"), ()),
        "deep phases without an end": Story(
            (*THOROUGH, "--time-budget", "4"), (FINE, {**DEEP, "hangs": True})
        ),
        "no credit": Story(plans=(UNPAID,)),
        "no credit later": Story(THOROUGH, (FINE, UNPAID)),
        "another code": Story(plans=({**FINE, "code": 2, "output": f"{KEY}, {SECRET}"},)),
        "code 1": Story(plans=({**FINE, "code": 1},)),
        "no report": Story(plans=({**FINE, "report": None, "output": "it says why"},)),
        "half a report": Story(plans=({**FINE, "report": '{"errors": ['},)),
        "no call": Story(plans=({"record": [totals(calls={})], "output": f"no {SECRET}"},)),
        "no totals": Story(plans=({"record": SENT},)),
    },
}


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in(tmp_path_factory.mktemp("stand-in")) as made:
        yield made


def prepared(folder: Path, story: Story) -> Path:
    """Write the document and the baselines into the folder; return the document."""
    document = folder / "things.json"
    document.write_text(json.dumps({**DOCUMENT, "paths": story.paths}), "utf-8")
    known = [
        {"operation": LIST, "rule": one["rule"], "pointer": one["pointer"] or one["where"]}
        for one in (BROKEN["finding"], OWN["finding"])
    ]
    for name, content in (("some", known[:1]), ("all", known)):
        (folder / f"{name}.json").write_text(json.dumps({"differences": content}), "utf-8")
    (folder / "wrong.json").write_text("[]", "utf-8")
    return document


def told(name: str, story: Story, stand_in: StandIn, folder: Path) -> Iterator[str]:
    """Yield what the command says, writes, starts and asks."""
    document = prepared(folder, story)
    for plan in story.plans:
        stand_in.plan(**plan)
    with Deployed() as deployed, pytest.MonkeyPatch.context() as patch:
        deployed.balances, deployed.statuses = list(story.balances), dict(story.statuses)
        deployed.encoding = story.encoding
        if story.base == ELSEWHERE:  # it is a proxy, then
            patch.setenv("HTTP_PROXY", f"http://127.0.0.1:{deployed.port}")
            patch.delenv("NO_PROXY", raising=False)
        done = run_main(
            conformance.main,
            *("--base-url", story.base.replace("PORT", str(deployed.port))),
            *("--document", str(document), "--report-dir", str(folder / "report")),
            *(option.replace("FOLDER", str(folder)) for option in story.options),
            key=story.key,
        )
    yield f"=== {name}: {' '.join(story.options)}"
    yield f"ends with {done.returncode}"
    yield from (f"  {line}" for line in done.stderr.splitlines() if line)
    yield from (f"  | {line}" for line in done.stdout.splitlines() if line)
    for path in sorted((folder / "report").glob("*")):
        said = ""
        if path.name == "report.json":
            report = json.loads(path.read_text("utf-8"))
            assert report["document_sha256"] == hashlib.sha256(document.read_bytes()).hexdigest()
            said = f" {[report[one] for one in ('seed', 'profile', 'operations', 'seconds')]}"
        if path.suffix == ".yaml":
            said = f" {' '.join(path.read_text('utf-8').split())}"
        yield f"  {path.name}{said}"
    if (folder / "new.json").is_file():
        yield f"  new.json {' '.join((folder / 'new.json').read_text('utf-8').split())}"
    for start in stand_in.asked:
        yield f"  started {' '.join(start['options'])}"
        yield f"    {' '.join(start['environment'].get(one, '-') for one in PASSED)}"
    yield f"  asked {', '.join(deployed.asked)}".replace(f"Bearer {KEY}", "with the key")
    assert stand_in.left == 0


PASSED = (
    *("RUNFLOW_BASE_URL", "RUNFLOW_API_KEY", "PYTHONHASHSEED"),
    *("RUNFLOW_CONFORMANCE_BUDGET", "RUNFLOW_CONFORMANCE_REALISTIC"),
)
SERVER = re.compile(r"127\.0\.0\.1:\d+")
PLACES = re.compile(r"/\S*/(?=things\.json|record\.jsonl|report\.json|schemathesis\.toml)")
DIGEST = re.compile(r"`[0-9a-f]{12}`")


@pytest.mark.parametrize("kind", STORIES)
def test_what_comes_of_it_is_what_came_of_it_before(
    kind: str, stand_in: StandIn, tmp_path: Path
) -> None:
    lines: list[str] = []
    for number, (name, story) in enumerate(STORIES[kind].items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        told_now = "\n".join(told(name, story, stand_in, folder))
        lines += [told_now.replace(str(folder), "FOLDER")]
    text = DIGEST.sub(
        "`digest`", SERVER.sub("127.0.0.1:PORT", PLACES.sub("", "\n".join(lines) + "\n"))
    )
    check_snapshot(SNAPSHOTS / f"stories-{kind}.txt", text)


def test_without_options_there_is_no_limit_and_no_other_profile(
    stand_in: StandIn, tmp_path: Path
) -> None:
    document = prepared(tmp_path, Story())
    stand_in.plan(**FINE)
    said: list[str] = []
    with Deployed() as deployed:
        url = f"http://127.0.0.1:{deployed.port}"
        deployment = Deployment(base_url=url, document=document, api_key=KEY)
        with pytest.raises(ValueError, match="no profile 'deep': expected one of quick, thorough"):
            check_server(deployment, profile="deep", progress=said.append)
        assert (deployed.asked, said) == ([], [])
        report = check_server(deployment, progress=said.append)
    assert said[0].startswith("The checks create runs without a limit. ")
    assert (report.seed, report.profile, report.laws, report.notes) == (1, "quick", (), ())
    [started] = stand_in.asked
    assert "RUNFLOW_CONFORMANCE_BUDGET" not in started["environment"]
    assert KEY not in repr(deployment)


@pytest.mark.parametrize(
    ("time_budget", "took", "left"), [(300.0, 100.0, 200.0), (300.0, 299.5, 1.0), (None, 9.0, None)]
)
def test_the_deep_phases_have_what_the_quick_ones_have_left(
    time_budget: float | None,
    took: float,
    left: float | None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    plans: list[Plan] = []

    def run(plan: Plan, on_operation: Callable[[str], object] = print) -> Result:
        plans.append(plan)
        return Result(
            findings=[],
            calls={LIST: 1},
            seconds={},
            unpaid={},
            summary={},
            interrupted=False,
            output="",
            committed=Decimal("0.25"),
        )

    clock = SimpleNamespace(monotonic=lambda: took * len(plans))  # as if that much had passed
    monkeypatch.setattr(_server, "time", clock)
    monkeypatch.setattr(_server, "run_schemathesis", run)
    with Deployed() as deployed:
        url = f"http://127.0.0.1:{deployed.port}"
        deployment = Deployment(base_url=url, document=prepared(tmp_path, Story()), api_key=KEY)
        check_server(
            deployment, profile="thorough", seed=7, time_budget=time_budget, budget=Decimal(1)
        )
    quick, deep = plans
    assert (quick.seconds, quick.budget, quick.seed) == (time_budget, Decimal(1), 7)
    assert (deep.seconds, deep.budget, deep.seed) == (left, Decimal("0.75"), 7)
    assert (quick.phases, quick.examples) == (("examples", "coverage"), 1)
    assert (deep.phases, deep.examples) == (("fuzzing", "stateful"), 25)


def test_no_answer_is_waited_for_without_end(tmp_path: Path) -> None:
    url = "http://127.0.0.1:1/below"
    deployment = Deployment(base_url=url, document=tmp_path / "x", api_key=KEY)
    with _client_of(deployment) as client:
        assert client.timeout == httpx.Timeout(15.0)
        assert client.headers["authorization"] == f"Bearer {KEY}"
        assert str(client.base_url) == f"{url}/"


@pytest.mark.parametrize(
    ("body", "balance"),
    [
        ('{"balance": 0}', "0"),
        ('{"balance": "0.10"}', "0.10"),
        *((body, None) for body in ('{"balance": null}', "{}", "[]", '"text"', "{")),
    ],
)
def test_a_balance_is_read_exactly_or_it_cannot_be_read(body: str, balance: str | None) -> None:
    with Deployed() as deployed:
        deployed.bodies["balance"] = body.encode()
        url = f"http://127.0.0.1:{deployed.port}"
        read = _balance(Deployment(base_url=url, document=Path(), api_key=KEY))
    assert deployed.asked == [f"GET /v1/billing/balance Bearer {KEY}"]
    assert str(read) == str(balance)


def test_a_balance_that_nobody_tells_cannot_be_read() -> None:
    with Deployed() as deployed:
        url = f"http://127.0.0.1:{deployed.port}"
    assert _balance(Deployment(base_url=url, document=Path(), api_key=KEY)) is None


@pytest.mark.parametrize(
    ("url", "is_its_own"),
    [
        ("https://api.runflow.io", True),
        ("HTTP://API.Runflow.io.:8443/below", True),
        ("https://someone@api.runflow.io", True),
        ("https://notapi.runflow.io", False),
        ("https://runflow.io", False),
        ("https://api.runflow.io.example", False),
        ("https://a.example/api.runflow.io", False),
        ("https://api.runflow.io@a.example", False),
        ("no URL", False),
        ("http://[", False),
    ],
)
def test_no_other_host_is_taken_for_that_of_runflow(url: str, is_its_own: bool) -> None:
    if is_its_own:
        with pytest.raises(CouldNotRun, match="make contract-live"):
            refuse_production(url)
    else:
        refuse_production(url)
