"""A run is never paid for twice and never lost: every story that a network can tell, against a
scripted server.
"""

import json
from typing import Any
from uuid import uuid4

import pytest
from attrs import define, field
from hypothesis import given, settings, strategies as st
from runflow_api.http_library import httpx
from runflow_client import (
    ConnectFailed,
    InsufficientCredit,
    OutcomeUnknown,
    RateLimited,
    RetryPolicy,
    RunflowError,
)
from runflow_client._flows.commands import Context, SendRequest
from runflow_client._flows.create_run import Create, OnUnknownOutcome, create

from ..scripted import Answer, answer, drive
from ..stepped_time import SteppedTime

FATES = (
    "succeed",
    "reset before acting",
    "reset after acting",
    "time out before acting",
    "time out after acting",
    "500 before acting",
    "500 after acting",
    "cut answer after acting",
    "no connection",
    "429",
)
ACTING = {
    "succeed",
    "reset after acting",
    "time out after acting",
    "500 after acting",
    "cut answer after acting",
}
LIST_FATES = ("succeed", "reset", "500", "html")


def _sent(send: SendRequest, part: str) -> Any:
    """A part of the request, which must be there."""
    return dict(send.arguments)[part]


@define
class ScriptedServer:
    """Creates runs, loses answers, lags in its lists, and counts what it bills."""

    time: SteppedTime
    fates: list[str]
    list_fates: list[str] = field(factory=list)
    honours_key: bool = True
    lag: float = 0.0
    runs: list[tuple[float, dict[str, Any]]] = field(factory=list)
    keys: dict[str, dict[str, Any]] = field(factory=dict)
    creates: list[SendRequest] = field(factory=list)

    def __call__(self, send: SendRequest) -> Answer:
        return self.create(send) if send.arguments["method"] == "POST" else self.list(send)

    def create(self, send: SendRequest) -> Answer:
        self.creates.append(send)
        fate = self.fates.pop(0) if self.fates else "succeed"
        run = self.act(send) if fate in ACTING else {}
        match fate.split(" ")[0]:
            case "succeed":
                return answer(send, 201, run)
            case "reset":
                return httpx.ReadError("connection reset")
            case "time":
                return httpx.ReadTimeout("no answer")
            case "500":
                return answer(send, 500, {"code": "INTERNAL", "message": "oops"})
            case "cut":
                request = httpx.Request("POST", "https://api.test" + send.arguments["url"])
                return httpx.Response(201, content=json.dumps(run).encode()[:20], request=request)
            case "no":
                return httpx.ConnectError("refused")
            case _:
                return answer(send, 429, {"code": "RATE_LIMITED", "message": "slow down"})

    def act(self, send: SendRequest) -> dict[str, Any]:
        key = _sent(send, "headers")["Idempotency-Key"]
        if self.honours_key and key in self.keys:
            return self.keys[key]
        body = _sent(send, "json")
        run = {
            "id": str(uuid4()),
            "status_code": "queued",
            "input": body["input"],
            "client_ref": body["client_ref"],
        }
        self.keys[key] = run
        self.runs.append((self.time.now() + self.lag, run))
        return run

    def list(self, send: SendRequest) -> Answer:
        if send.arguments["url"] != "/v1/runs":
            return answer(send, 404, {"code": "NOT_FOUND", "message": "only runs are scripted"})
        fate = self.list_fates.pop(0) if self.list_fates else "succeed"
        if fate == "reset":
            return httpx.ReadError("connection reset")
        if fate == "500":
            return answer(send, 500, {"code": "INTERNAL", "message": "oops"})
        if fate == "html":
            request = httpx.Request("GET", "https://api.test/v1/runs")
            return httpx.Response(200, html="<html>", request=request)
        wanted = str(_sent(send, "params")["q"]).split("'")[1]
        items = [
            run
            for shown, run in self.runs
            if shown <= self.time.now() and run["client_ref"] == wanted
        ]
        return answer(send, 200, {"items": items, "first": None, "next": None, "previous": None})


def attempt(server: ScriptedServer, random: float = 0.5, **options: Any) -> str:
    context = Context(server.time.now, lambda: random, RetryPolicy(attempts=3))
    request = Create(model="google/nano-banana-pro", input={"prompt": "a cathedral"}, **options)
    return str(drive(create(context, request), server.time, server).id)


@settings(max_examples=1500)
@given(
    fates=st.lists(st.sampled_from(FATES), max_size=12),
    list_fates=st.lists(st.sampled_from(LIST_FATES), max_size=12),
    honours_key=st.booleans(),
    lag=st.sampled_from([0.0, 1.0, 4.9]),
    on_unknown_outcome=st.sampled_from(["resend", "raise"]),
    random=st.floats(min_value=0, max_value=1, exclude_max=True),
)
def test_at_most_one_run_is_billed_and_it_is_given_back_or_named(
    fates: list[str],
    list_fates: list[str],
    honours_key: bool,
    lag: float,
    on_unknown_outcome: OnUnknownOutcome,
    random: float,
) -> None:
    server = ScriptedServer(SteppedTime(), fates, list_fates, honours_key=honours_key, lag=lag)
    try:
        run_id = attempt(server, random, on_unknown_outcome=on_unknown_outcome)
    except OutcomeUnknown as error:
        assert error.client_ref in str(error)
        assert all(run["client_ref"] == error.client_ref for _, run in server.runs)
    except (ConnectFailed, RateLimited):
        assert server.runs == []
    else:
        assert [run["id"] for _, run in server.runs] == [run_id]
    assert len(server.runs) <= 1
    assert len({_sent(send, "headers")["Idempotency-Key"] for send in server.creates}) == 1


@settings(max_examples=300)
@given(fates=st.lists(st.sampled_from(FATES), max_size=12), lag=st.sampled_from([6.0, 1e9]))
def test_a_server_that_honours_the_key_bills_once_however_its_lists_lag(
    fates: list[str], lag: float
) -> None:
    server = ScriptedServer(SteppedTime(), fates, honours_key=True, lag=lag)
    try:
        attempt(server)
    except RunflowError as error:
        assert isinstance(error, OutcomeUnknown) or not server.runs
    assert len(server.runs) <= 1


def test_a_run_whose_answer_was_lost_is_found_and_not_sent_again() -> None:
    server = ScriptedServer(SteppedTime(), ["reset after acting"], honours_key=False, lag=2.0)
    assert attempt(server) == server.runs[0][1]["id"]
    assert len(server.creates) == 1


def test_a_create_that_never_arrived_is_sent_again_after_the_search() -> None:
    server = ScriptedServer(SteppedTime(), ["reset before acting"], honours_key=False)
    begun = server.time.now()
    assert attempt(server) == server.runs[0][1]["id"]
    assert len(server.creates) == 2
    assert server.time.now() - begun >= 5.0


def test_raise_on_unknown_outcome_never_sends_twice() -> None:
    server = ScriptedServer(SteppedTime(), ["time out before acting"])
    with pytest.raises(OutcomeUnknown) as caught:
        attempt(server, on_unknown_outcome="raise", client_ref="mine")
    assert len(server.creates) == 1
    assert caught.value.client_ref == "mine"


def test_when_no_list_can_be_read_nothing_is_sent_again() -> None:
    server = ScriptedServer(
        SteppedTime(), ["reset after acting"], ["reset"] * 100, honours_key=False
    )
    with pytest.raises(OutcomeUnknown):
        attempt(server)
    assert len(server.creates) == 1


def test_a_refusal_after_a_lost_attempt_is_not_taken_for_the_whole_story() -> None:
    server = ScriptedServer(SteppedTime(), ["reset before acting"])
    original = server.create

    def refuse_the_second(send: SendRequest) -> Answer:
        if server.creates:
            return answer(send, 402, {"code": "INSUFFICIENT_CREDIT", "message": "no credit"})
        return original(send)

    def serve(send: SendRequest) -> Answer:
        return refuse_the_second(send) if send.arguments["method"] == "POST" else server.list(send)

    context = Context(server.time.now, lambda: 0.5, RetryPolicy(attempts=3))
    request = Create(model="google/nano-banana-pro", input={"prompt": "a cathedral"})
    with pytest.raises(OutcomeUnknown, match="no credit"):
        drive(create(context, request), server.time, serve)


def test_a_refusal_of_the_first_attempt_is_raised_as_it_is() -> None:
    time = SteppedTime()

    def refuse(send: SendRequest) -> Answer:
        return answer(send, 402, {"code": "INSUFFICIENT_CREDITS", "message": "balance is 0.00"})

    context = Context(time.now, lambda: 0.5)
    with pytest.raises(InsufficientCredit, match=r"balance is 0\.00"):
        drive(create(context, Create(model="a/b", input={})), time, refuse)
