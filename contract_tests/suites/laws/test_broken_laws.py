"""Every law detects a server that breaks it: the state machine runs on distorted responses."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from attrs import frozen
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from runflow_conformance.laws import LawViolation, ReceivedCallback, Target
from runflow_mock import Fault

from .mock_target import mock_target
from .state_machine import laws_on

Body = dict[str, Any]
SEARCH = settings(
    max_examples=40,
    stateful_step_count=12,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.generate,),  # what it finds need not be small here
    suppress_health_check=(
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ),
)


@frozen
class Distortion(httpx.BaseTransport):
    """Changes requests or JSON responses of one method and path."""

    inner: httpx.BaseTransport
    method: str
    path: str
    request: Callable[[httpx.Request], httpx.Request] = lambda request: request
    answer: Callable[[Body], Body] = lambda body: body

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        hit = request.method == self.method and request.url.path.startswith(self.path)
        response = self.inner.handle_request(self.request(request) if hit else request)
        if not hit:
            return response
        response.read()
        response.close()
        content = (
            json.dumps(self.answer(response.json())).encode()
            if response.is_success
            else response.content
        )
        return httpx.Response(
            response.status_code, headers={"Content-Type": "application/json"}, content=content
        )

    def close(self) -> None:
        self.inner.close()


def without(name: str) -> Callable[[httpx.Request], httpx.Request]:
    """Remove a query parameter, like a server that ignores it."""

    def change(request: httpx.Request) -> httpx.Request:
        params = request.url.params.remove(name)
        return httpx.Request(
            request.method, request.url.copy_with(params=params), headers=request.headers
        )

    return change


def first_item_twice(body: Body) -> Body:
    return {**body, "items": [*body["items"][:1], *body["items"]]}


def first_item_lost(body: Body) -> Body:
    return {**body, "items": body["items"][1:] if len(body["items"]) > 1 else body["items"]}


def clears_label(request: httpx.Request) -> httpx.Request:
    fields = {"label": None, **json.loads(request.content)}
    headers = {name: value for name, value in request.headers.items() if name != "content-length"}
    return httpx.Request(request.method, request.url, headers=headers, json=fields)


seen_secrets: list[str] = []


def keeps_secret(body: Body) -> Body:
    seen_secrets.append(body["plain_secret"])
    return body


def shows_secret(body: Body) -> Body:
    return {**body, "note": seen_secrets[-1] if seen_secrets else None}


def distorted(**distortion: Any) -> Callable[[], Any]:
    return lambda: mock_target(through=lambda wire: Distortion(wire, **distortion))


def with_fault(**fault: Any) -> Callable[[], Any]:
    return lambda: mock_target([Fault(count=None, **fault)])


@contextmanager
def with_target(change: Callable[[Target], None]) -> Generator[Target, None, None]:
    with mock_target() as target:
        change(target)
        yield target


def bills_twice(target: Target) -> None:
    billed = target.billed_runs
    assert billed is not None
    target.billed_runs = lambda: [*billed(), *billed()[:1]]


def signs_with_another_secret(target: Target) -> None:
    received = target.received
    target.received = lambda: [
        ReceivedCallback(
            [
                (name, "0" * 64 if name.lower() == "runflow-signature" else value)
                for name, value in one.headers
            ],
            one.body,
        )
        for one in received()
    ]


class LeakingSecrets(httpx.BaseTransport):
    """A server whose list of secrets repeats the last one that was created."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._made = Distortion(inner, "POST", "/v1/callback-secrets", answer=keeps_secret)
        self._shown = Distortion(self._made, "GET", "/v1/callback-secrets", answer=shows_secret)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._shown.handle_request(request)

    def close(self) -> None:
        self._shown.close()


def of_pages(change: Callable[[Body], Body]) -> Callable[[Body], Body]:
    """Change responses that are pages only."""
    return lambda body: change(body) if "items" in body else body


RUNS = "/v1/runs"
BROKEN: dict[str, tuple[Callable[[], Any], str]] = {
    "a terminal status changes": (
        with_fault(kind="unknown_status", operation="get_run", value="running", probability=0.5),
        "a terminal status never changes|its completed_at is",
    ),
    "completed_at is never set": (
        with_fault(kind="null", operation="get_run", field="completed_at"),
        "its completed_at is",
    ),
    "completed_at moves": (
        with_fault(kind="clock_skew", operation="get_run", probability=0.5),
        "a terminal status never changes|changed its client_ref or created_at",
    ),
    "client_ref finds nothing": (
        distorted(method="GET", path=RUNS, answer=of_pages(lambda body: {**body, "items": []})),
        "is not in the list",
    ),
    "a page repeats": (
        distorted(method="GET", path=RUNS, answer=of_pages(first_item_twice)),
        "more than once|was created once",
    ),
    "a page loses": (
        distorted(method="GET", path=RUNS, answer=of_pages(first_item_lost)),
        "omit|not in the list",
    ),
    "the cursor is ignored": (
        distorted(method="GET", path=RUNS, request=without("pq")),
        "no end|more than once",
    ),
    "the direction is ignored": (
        distorted(method="GET", path=RUNS, request=without("from_prev")),
        "read backward",
    ),
    "the filter is ignored": (
        distorted(method="GET", path=RUNS, request=without("q")),
        "returns|was created once",
    ),
    "a PATCH clears the label": (
        distorted(method="PATCH", path="/v1/callback-secrets", request=clears_label),
        "changed label too",
    ),
    "a secret is shown again": (lambda: mock_target(through=LeakingSecrets), "shown again"),
    "a run is billed twice": (lambda: with_target(bills_twice), "billed more than once"),
    "a signature is wrong": (lambda: with_target(signs_with_another_secret), "does not verify"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_machine_sees(name: str) -> None:
    open_target, words = BROKEN[name]
    with pytest.raises(LawViolation, match=words):
        run_state_machine_as_test(laws_on(open_target), settings=SEARCH)
