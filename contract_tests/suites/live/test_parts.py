"""The parts of the live profile alone: what is recorded, passed on, bought and sent when."""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve
from runflow_client import PollSchedule, Runflow
from runflow_conformance import Finding, Interaction
from runflow_conformance.laws import TargetClock
from runflow_conformance.live import __main__ as live, _spending as spending
from runflow_conformance.live._gateway import MAX_BODY_SIZE, METHODS, PLACEHOLDER_KEY, Gateway
from runflow_conformance.live._guard import GuardRefusal
from runflow_conformance.live._recording import Recorder
from runflow_conformance.live._session import INTERACTIONS, LiveSettings, check_live_api
from runflow_mock import MockRunflow, SteppedClock

from ..commanding import run_main
from ..server.conftest import write_small_document
from ..server.stand_in import Deployed, StandIn, standing_in
from ..snapshot import check_snapshot

SNAPSHOTS = Path(__file__).with_name("snapshots")
KEY = "rf_live_key_of_these_tests"
PRIVATE = (
    *("plain_secret", "accessToken", "signature", "password", "Authorization", "apikey", "api_key"),
    *("credential_id", "set-cookie", "email", "mail", "phone", "first_name", "lastname"),
    *("full_name", "username", "display_name", "given_name", "family_name", "avatar", "picture"),
    *("address", "ip", "client_ip", "ip_address", "input", "output", "metadata", "context"),
    *("prompt", "payload", "payload_bytes", "message"),
)
PUBLIC = (
    "id",
    "status_code",
    "name",
    "model_name",
    "zip",
    "description",
    "inputs",
    "recipe",
    "tip",
)
VALUES: dict[str, Any] = {
    "text": "words",
    "number": 7,
    "share": 0.5,
    "yes": True,
    "nothing": None,
    "list": ["one", 2, None],
    "object": {"inner": "words", "prompt": "words"},
    "long": "x" * 300,
    "key": f"it is {KEY}.",
    "person": "ask alice@example.com, or <bob@example.org>",
    "alice@example.com": 1,
    "link": "https://s.example/a?signature=b",
    "hook": "whsec_0123456789abcdef",
}
FIELDS = {**dict.fromkeys((*PRIVATE, *PUBLIC), "words"), **VALUES}
FINDINGS = [
    Finding(operation="GET /v1/x", rule="r", where="w", pointer="", what=f"{KEY} a@b.example"),
    Finding(operation="GET /v1/x", rule="s", where="w", pointer="/p", what="it"),
]


def interaction(**changed: Any) -> Interaction:
    usual = Interaction(
        method="GET",
        path="/v1/runs",
        query="q=a@b.example&q=2&empty=&limit=3",
        request_headers={"authorization": f"Bearer {KEY}"},
        request_body=b"",
        status=200,
        response_headers={"content-type": "application/json", "x": "y"},
        response_body=json.dumps(FIELDS).encode(),
    )
    return evolve(usual, **changed)


TRAFFIC = (
    interaction(),
    interaction(path="/v1/auth/me", status=201),
    interaction(path="/v2/v1/auth/me", response_body=b'{"id": "words"}'),
    interaction(method="POST", request_body=b'{"input": {"a": [1, "b", true, null, {}]}}'),
    interaction(request_body=b"\xff", response_body=b"<html>", response_headers={}),
    interaction(response_body=b"[" * 100_000),
    interaction(path=f"/v1/runs/{KEY}", response_body=b"[]"),
)


def test_what_is_recorded_is_what_was_recorded_before(tmp_path: Path) -> None:
    path = tmp_path / "interactions.jsonl"
    recorder = Recorder(path, KEY)
    for number, one in enumerate(TRAFFIC):
        recorder.record(one, FINDINGS[: number % 3])
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert recorder.count == len(entries) == len(TRAFFIC)
    assert recorder.first == {FINDINGS[0].identity: entries[1], FINDINGS[1].identity: entries[2]}
    check_snapshot(
        SNAPSHOTS / "recorded.txt", "\n".join(json.dumps(one, indent=1) for one in entries) + "\n"
    )


def answer(request: httpx.Request) -> httpx.Response:
    """Say what came, with headers that are the connection's own."""
    if request.url.path.endswith("/refused"):
        raise GuardRefusal("it is not allowed")
    if request.url.path.endswith("/garbled"):
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=b"no gzip")
    if request.url.path.endswith("/gone"):
        raise httpx.ConnectTimeout("no one answers")
    came = {
        "method": request.method,
        "url": str(request.url),
        "headers": sorted(name for name in request.headers if name != "user-agent"),
        "authorization": request.headers["authorization"],
        "body": request.content.decode(),
        "timeout": request.extensions["timeout"],
    }
    headers = [
        ("Content-Type", "application/json"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("Connection", "close"),
        ("Keep-Alive", "timeout=1"),
        ("X-Request-ID", "7"),
    ]
    if request.url.path.endswith("/moved"):
        return httpx.Response(302, headers=[*headers, ("Location", "/v1/runs")], json=came)
    if request.url.path.endswith("/packed"):
        headers += [("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")]
        return httpx.Response(200, headers=headers, content=gzip.compress(b"unpacked"))
    return httpx.Response(207, headers=headers, json=came)


SENT = {"accept": "a", "content-type": "c", "x-organization-id": "o", "idempotency-key": "i"}


def test_the_gateway_passes_on_what_it_passed_on_before() -> None:
    lines: list[str] = []
    with (
        Gateway("https://api.example/base/", KEY, httpx.MockTransport(answer)) as gateway,
        httpx.Client(base_url=gateway.url, trust_env=False) as client,
    ):
        headers = {**SENT, "Authorization": f"Bearer {PLACEHOLDER_KEY}", "X-Other": "x"}
        for method in METHODS:
            body = b"body" if method in ("POST", "QUERY") else b""
            came = client.request(method, "/v1/runs?a=%2F&b=", headers=headers, content=body)
            lines += [f"{method}: {came.status_code} {came.text}"]
        for path in ("/refused", "/gone", "/moved", "/gone", "/packed", "/garbled", "/refused"):
            came = client.get(path, headers=headers)
            shown = [
                (name, value)
                for name, value in came.headers.multi_items()
                if name not in ("date", "server", "content-length")
            ]
            lines += [f"{path}: {came.status_code} {came.text}", f"    {shown}"]
        lines += [f"without a response: {sorted(gateway.no_response.items())}"]
        assert int(came.headers["content-length"]) == len(came.content)
    check_snapshot(SNAPSHOTS / "gateway.txt", "\n".join(lines) + "\n")


class Closing(httpx.MockTransport):
    """Notes that it was closed."""

    is_closed = False

    def close(self) -> None:
        """Note it."""
        self.is_closed = True


def test_the_gateway_leaves_nothing_open() -> None:
    transport = Closing(answer)
    with Gateway("https://api.example", KEY, transport) as gateway:
        url = gateway.url
        assert httpx.get(url, trust_env=False).status_code == 207
        assert [transport.is_closed] == [False]
    assert [transport.is_closed] == [True]
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False, timeout=1.0)


def test_the_gateway_reads_no_more_of_a_body_than_it_may() -> None:
    sizes: list[int] = []

    def note(request: httpx.Request) -> httpx.Response:
        sizes.append(len(request.read()))
        return httpx.Response(200)

    with (
        Gateway("https://api.example", KEY, httpx.MockTransport(note)) as gateway,
        httpx.Client(base_url=gateway.url, trust_env=False) as client,
    ):
        for size in (MAX_BODY_SIZE, MAX_BODY_SIZE + 1):
            client.post("/v1/runs", content=bytes(size), headers={"Connection": "close"})
    assert sizes == [MAX_BODY_SIZE, MAX_BODY_SIZE]


ALLOWANCES = ("0", "0.000001", "0.002", "0.003", "0.005", "0.01", "0.02", "0.05", "5")


def test_the_cheapest_runs_are_bought_as_far_as_the_allowance_goes() -> None:
    lines: list[str] = []
    for allowance in ALLOWANCES:
        chosen = spending.affordable(Decimal(allowance))
        assert sum((one.price for one in chosen), Decimal(0)) <= Decimal(allowance)
        lines += [allowance, *(f"    {one.model} {one.price} {one.input}" for one in chosen)]
    lines += ["offered"]
    lines += [f"    {one.model} {one.price} {sorted(one.input)}" for one in spending._offers()]
    check_snapshot(SNAPSHOTS / "purchases.txt", "\n".join(lines) + "\n")


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    with MockRunflow(clock=SteppedClock(step=1.0)) as server:
        yield server


def bought(mock: MockRunflow, *prices: str, **options: Any) -> list[str]:
    """Buy runs of 0.15 US dollars that are said to have these prices; return what is said."""
    purchases = [
        spending.Purchase("google/nano-banana-pro", {"prompt": str(number)}, Decimal(price))
        for number, price in enumerate(prices)
    ]
    clock = TargetClock(mock.advance)
    with Runflow(mock.api_key, base_url=mock.base_url, clock=clock, **options) as client:
        return spending.buy(client, purchases).violations


def test_a_run_at_its_price_is_no_violation(mock: MockRunflow) -> None:
    assert bought(mock, "0.15", "0.16") == []
    assert len(mock.ledger) == 2


def test_a_run_that_cannot_be_made_does_not_end_the_others(mock: MockRunflow) -> None:
    mock.fail_next("create_run", status=422)
    [said] = bought(mock, "0.15", "0.15")
    assert said.startswith("google/nano-banana-pro: ")
    assert [run["input"] for run in mock.runs] == [{"prompt": "1"}]


def test_a_run_that_is_said_to_cost_less_is_not_made(mock: MockRunflow) -> None:
    [said] = bought(mock, "0.14", "0.15")
    assert said.startswith("google/nano-banana-pro: MaxCostExceeded: ")
    assert [run["input"] for run in mock.runs] == [{"prompt": "1"}]


def test_a_run_that_does_not_end_is_waited_for_ten_minutes(mock: MockRunflow) -> None:
    began = mock.clock.now()
    mock.next_outcome("never")
    [said] = bought(mock, "0.15", schedule=PollSchedule(first=60.0, longest=60.0))
    assert said.startswith("google/nano-banana-pro: WaitTimeout: ")
    assert 600 <= (mock.clock.now() - began).total_seconds() < 660


def test_the_first_run_that_costs_more_is_the_last(mock: MockRunflow) -> None:
    mock.fail_next("get_run", fault="unknown_status", field="cost", value="0.16", count=None)
    [said] = bought(mock, "0.15", "0.15")
    assert said.endswith(f"run {mock.runs[0]['id']} cost 0.16, not 0.15 as in the catalog")
    assert len(mock.runs) == 1


REQUIRED = "/components/schemas/RunPage/required"
LIST, BALANCE, HELD = "GET /v1/runs", "GET /v1/billing/balance", {"x-organization-id": "o"}
SEEN = [
    {"operation": LIST, "rule": rule, "where": "response 200", "pointer": "", "what": what}
    for rule, what in (
        ("schema:type", "seen by the Tap, too"),
        ("ST101 server error", "alice@example.com"),
        ("ended_run", "run 7 has no end"),
        ("secret_shown_again", "a secret"),
    )
]
READS: dict[str, Any] = {
    "record": [
        *({"finding": {**one, "observed": None, "replay": "curl GATEWAY/v1/runs"}} for one in SEEN),
        {"calls": {LIST: 2, BALANCE: 1}, "seconds": {LIST: 0.5}, "unpaid": {}},
    ],
    "sends": [
        *(("GET", "/v1/runs?limit=1", HELD), ("GET", "/v1/runs", {}), ("GET", "/v1/nothing", {})),
        *(("POST", "/v1/callback-secrets", {}), ("GET", "/v1/billing/balance", {})),
    ],
}
SESSIONS: dict[str, tuple[tuple[str, ...], int]] = {
    "as usual": (("--live",), 1),
    "all options": (("--live", "--seed", "7", "--requests", "2", "--per-second", "1000"), 1),
    "two are known": (("--live", "--baseline", "FOLDER/known.json"), 1),
    "no baseline": (("--live", "--baseline", "FOLDER/nothing.json"), 0),
    "not confirmed": ((), 0),
    "nowhere": (("--live", "--base-url", "http://127.0.0.1:9"), 1),
}


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in(tmp_path_factory.mktemp("stand-in")) as made:
        yield made


def session(name: str, stand_in: StandIn, folder: Path) -> Iterator[str]:
    """Yield what the command says and writes, and what it and schemathesis ask."""
    options, starts = SESSIONS[name]
    document, report = write_small_document(folder), folder / "report"
    known = [
        {"operation": LIST, "rule": "ended_run", "pointer": "response 200"},
        {"operation": LIST, "rule": "schema:required", "pointer": REQUIRED},
    ]
    (folder / "known.json").write_text(json.dumps({"differences": known}), "utf-8")
    report.mkdir()
    (report / INTERACTIONS).write_text("of an earlier session\n", "utf-8")
    for _ in range(starts):
        stand_in.plan(**READS)
    with Deployed() as deployed:
        deployed.statuses["/v1/billing/balance"] = 503
        done = run_main(
            live.main,
            *("--base-url", f"http://127.0.0.1:{deployed.port}/", "--document", str(document)),
            *("--report-dir", str(report)),
            *(option.replace("FOLDER", str(folder)) for option in options),
            key=KEY,
        )
    yield f"=== {name}: {' '.join(options)}"
    yield f"ends with {done.returncode}"
    yield from (f"  {line}" for line in done.stderr.splitlines() if line)
    yield from (f"  | {line}" for line in done.stdout.splitlines() if line)
    for path in sorted(report.iterdir()):
        text = path.read_text("utf-8")
        assert KEY not in text
        shown = text if path.name.startswith(("interactions", "differ", "replay", "pro")) else ""
        if path.name == "report.json":
            made = json.loads(text)
            assert made["document_sha256"] == hashlib.sha256(document.read_bytes()).hexdigest()
            shown = f"{[made[one] for one in ('seed', 'profile', 'operations', 'seconds')]}"
        yield f"  {path.name} {' '.join(shown.split())}".rstrip()
    for start in stand_in.asked:
        yield f"  started {' '.join(start['options'])}"
        assert start["environment"]["RUNFLOW_API_KEY"] == PLACEHOLDER_KEY
        assert start["environment"]["RUNFLOW_BASE_URL"] in start["options"]
    yield f"  asked {', '.join(deployed.asked)}".replace(f"Bearer {KEY}", "with the key")


def test_sessions_are_what_they_were_before(stand_in: StandIn, tmp_path: Path) -> None:
    lines: list[str] = []
    for number, name in enumerate(SESSIONS):
        folder = tmp_path / str(number)
        folder.mkdir()
        lines += [line.replace(str(folder), "FOLDER") for line in session(name, stand_in, folder)]
    text = re.sub(r"127\.0\.0\.1:\d{2,}", "127.0.0.1:PORT", "\n".join(lines) + "\n")
    text = re.sub(r"/\S*/(?=openapi\.json|report\.json|schemathesis\.toml)", "", text)
    check_snapshot(SNAPSHOTS / "sessions.txt", re.sub(r"`[0-9a-f]{12}`", "`digest`", text))


class Watched:
    """A clock that notes how long it was slept on."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def test_a_session_spares_the_server_and_tells_nothing_of_the_key(
    stand_in: StandIn, tmp_path: Path
) -> None:
    stand_in.plan(**READS)
    clock = Watched()
    with Deployed() as deployed:
        settings = LiveSettings(
            base_url=f"http://127.0.0.1:{deployed.port}",
            api_key=KEY,
            document=write_small_document(tmp_path),
            folder=tmp_path / "report",
            per_second=4.0,
            clock=clock,
        )
        check_live_api(settings)
    assert clock.slept == [0.25, 0.25]
    assert KEY not in repr(settings)
