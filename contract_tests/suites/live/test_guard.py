"""The guard refuses what is not allowed, and keeps the budgets and the rate."""

import threading
from decimal import Decimal

import httpx
import pytest
from runflow_client import Runflow
from runflow_conformance import Validator
from runflow_conformance.laws import TargetClock
from runflow_conformance.live._guard import (
    Guard,
    GuardedTransport,
    GuardRefusal,
    Limits,
    read_operations,
)
from runflow_conformance.live._spending import CREATE_RUN, Purchase, buy

BASE = "https://api.runflow.io"
RUNS = "/v1/models/google/nano-banana-pro/runs"


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


VALIDATOR = Validator()


def guard(time: Time | None = None, **changes: object) -> Guard:
    limits = {
        "base_url": BASE,
        "operations": read_operations(VALIDATOR) | {CREATE_RUN},
        "requests": 10,
        "per_second": 2.0,
        "writes": 1,
    }
    clock = time or Time()
    return Guard(Limits(**{**limits, **changes}), VALIDATOR, now=clock.now, sleep=clock.sleep)  # type: ignore[arg-type] # by name


EVIL = "https://evil.example/x"


@pytest.mark.parametrize(
    ("method", "url", "body", "reason"),
    [
        ("DELETE", "/v1/assets/1", b"", "DELETE /v1/assets/{id} is not allowed"),
        ("POST", "/v1/callback-secrets", b"{}", "POST /v1/callback-secrets is not allowed"),
        ("GET", "/v1/undocumented", b"", "GET is not allowed"),
        ("PUT", "/v1/runs", b"", "PUT is not allowed"),
        ("GET", "/v1x/runs", b"", "GET is not allowed"),
        *(
            ("GET", f"{server}/below/v1/runs", b"", f"it is for {server}, not for {BASE}")
            for server in (
                "https://elsewhere.example",
                "http://api.runflow.io",
                "https://api.runflow.io:8443",
            )
        ),
        *(
            ("GET", f"{BASE}{path}", b"", "its path is outside of the base URL")
            for path in ("/v1/runs", "/below", "/belowx/v1/runs", "/v1/below/v1/runs")
        ),
        *(
            ("POST", RUNS, body, f"its callback_url names the host {host}, which is not allowed")
            for body, host in (
                (b'{"callback_url": "https://Evil.example:81/x"}', "evil.example"),
                (b'{"webhook_url": "https://api.runflow.io@evil.example"}', "evil.example"),
                (b'{"input": {"callback_url": "http://[bad"}}', None),
                (b'[{"callback_url": ""}]', None),
            )
        ),
        *(
            ("POST", RUNS, body, "its body is not JSON")
            for body in (b"\xff", b"{", b"x", b"[" * 99999)
        ),
    ],
)
def test_what_is_not_allowed_is_refused_with_its_reason_and_not_counted(
    method: str, url: str, body: bytes, reason: str
) -> None:
    watched = guard(base_url=f"{BASE}/below")
    request = httpx.Request(
        method, url if url.startswith("http") else f"{BASE}/below{url}", content=body
    )
    with pytest.raises(GuardRefusal) as refused:
        watched.admit(request)
    assert str(refused.value) == f"{method} {request.url.path} was not sent: {reason}"
    assert watched.refusals == {reason: 1}
    assert (watched.sent, watched.writes) == (0, 0)


@pytest.mark.parametrize(("requests", "writes"), [(0, 1), (3, 0)])
def test_a_budget_that_is_spent_is_named(requests: int, writes: int) -> None:
    watched = guard(requests=requests, writes=writes)
    with pytest.raises(GuardRefusal) as refused:
        watched.admit(httpx.Request("POST", BASE + RUNS, json={"callback_url": EVIL}))
    spent = "0 requests" if requests == 0 else "0 writes"
    assert str(refused.value).endswith(f" was not sent: the budget of {spent} is spent")
    assert watched.is_spent is (requests == 0)


@pytest.mark.parametrize("spelt", ["https://API.Runflow.io", "https://api.runflow.io:443/"])
def test_one_base_url_may_be_spelt_in_several_ways(spelt: str) -> None:
    watched = guard(base_url=spelt)
    watched.admit(httpx.Request("GET", BASE + "/v1/runs"))
    watched.admit(httpx.Request("GET", spelt.rstrip("/") + "/v1/runs"))
    assert watched.sent == 2


def test_the_budgets_of_requests_and_writes_end() -> None:
    watched = guard(requests=3)
    watched.admit(httpx.Request("POST", BASE + RUNS, json={"input": {}, "callback_url": None}))
    with pytest.raises(GuardRefusal, match="budget of 1 writes"):
        watched.admit(httpx.Request("POST", BASE + RUNS, json={"input": {}}))
    for _ in range(2):
        watched.admit(httpx.Request("GET", BASE + "/v1/runs"))
    with pytest.raises(GuardRefusal, match="budget of 3"):
        watched.admit(httpx.Request("GET", BASE + "/v1/runs"))


def test_the_rate_holds() -> None:
    time = Time()
    watched = guard(time)
    for _ in range(5):
        watched.admit(httpx.Request("GET", BASE + "/v1/runs"))
    assert time.seconds == 2.0


def test_a_pause_is_not_made_up_for_and_a_refusal_takes_no_time() -> None:
    time = Time()
    watched = guard(time)
    watched.admit(httpx.Request("GET", BASE + "/v1/runs"))
    time.seconds = 10.0
    with pytest.raises(GuardRefusal):
        watched.admit(httpx.Request("DELETE", BASE + "/v1/assets/1"))
    for expected in (10.0, 10.5, 11.0):
        watched.admit(httpx.Request("GET", BASE + "/v1/runs"))
        assert time.seconds == expected
    assert (watched.sent, watched.writes, watched.is_spent) == (4, 0, False)


class Crowded(Time):
    """A clock on which another request comes while one waits for its turn."""

    guard: Guard

    def __init__(self) -> None:
        super().__init__()
        self.other: threading.Thread | None = None
        self.waited: list[bool] = []

    def sleep(self, seconds: float) -> None:
        if self.other is None:
            request = httpx.Request("GET", BASE + "/v1/runs")
            self.other = threading.Thread(target=self.guard.admit, args=(request,))
            self.other.start()
            self.other.join(0.05)  # it ends in less if nothing holds it back
            self.waited.append(self.other.is_alive())
        super().sleep(seconds)


def test_requests_that_come_at_once_are_let_through_one_by_one() -> None:
    time = Crowded()
    watched = time.guard = guard(time)
    for _ in range(2):
        watched.admit(httpx.Request("GET", BASE + "/v1/runs"))
    assert time.other is not None
    time.other.join()
    assert (watched.sent, time.waited, time.seconds) == (3, [True], 1.0)


@pytest.mark.parametrize(
    ("body", "is_sent"),
    [
        ({"input": {}}, True),
        ({"callback_url": None, "webhook_url": None}, True),
        ({"callback_url": "https://good.example/x"}, True),
        ({"webhook_url": "http://good.example:81/x"}, True),
        ({"callback_url": EVIL}, False),
        ({"webhook_url": EVIL}, False),
        ({"input": [{"deep": {"callback_url": EVIL}}]}, False),
        ({"callback_url": "https://good.example/x", "input": {"webhook_url": EVIL}}, False),
        ({"callback_url": {"callback_url": EVIL}}, False),
        ({"callback_url": ""}, False),
        ({"callback_url": 7}, False),
        ({"callback_url": "https://good.example@evil.example/x"}, False),
        ([{"callback_url": EVIL}], False),
        ({"url": EVIL}, True),
    ],
)
def test_nobody_is_called_back_who_is_not_named(body: object, is_sent: bool) -> None:
    watched = guard(callback_hosts=frozenset({"good.example"}))
    request = httpx.Request("POST", BASE + RUNS, json=body)
    if is_sent:
        watched.admit(request)
    else:
        with pytest.raises(GuardRefusal, match="its callback_url names the host"):
            watched.admit(request)
    assert (watched.sent, watched.writes) == (is_sent, is_sent)


def test_what_it_refuses_of_a_paid_run_violates_no_law_and_ends_the_purchases() -> None:
    run = {"id": "0190aaaa-0000-7000-8000-000000000001", "status_code": "queued"}
    answers = httpx.MockTransport(lambda _: httpx.Response(201, json=run))
    watched = guard(operations=frozenset({CREATE_RUN}), writes=2)
    purchases = [Purchase("google/nano-banana-pro", {"prompt": "x"}, Decimal("0.15"))] * 2
    with httpx.Client(transport=GuardedTransport(answers, watched)) as http:
        client = Runflow(
            "rf_live_x", base_url=BASE, http_client=http, clock=TargetClock(lambda _: None)
        )
        bought = buy(client, purchases)
    assert (bought.made, bought.violations) == (purchases[:1], [])
    path = f"/v1/runs/{run['id']}"
    assert bought.refusal == f"GET {path} was not sent: GET /v1/runs/{{id}} is not allowed"
    assert (watched.sent, watched.writes) == (1, 1)
