"""What the laws make of each answer to a raw request, and of a callback, before they judge it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import httpx
from runflow_api.api.account import get_balance
from runflow_conformance.laws import LawViolation, ReceivedCallback, raw_client
from runflow_conformance.laws.checks import _requests as requests

from ..snapshot import check_snapshot

LIST: Final = Path(__file__).with_name("requests.txt")
RUN: Final = "0190aaaa-0000-7000-8000-000000000001"
SECRET: Final = "whsec_0123456789abcdef"
ANSWERS: Final[dict[str, tuple[int, bytes]]] = {
    "an object": (200, b'{"a": null}'),
    "a list": (201, b'[{"id": 1}]'),
    "a page": (200, b'{"items": [{"id": "b"}, {"id": "a"}], "next": null}'),
    "a page of nothing": (200, b'{"items": null, "next": null}'),
    "another run": (200, b'{"id": "x"}'),
    "a run": (200, json.dumps({"id": RUN, "status_code": "running"}).encode()),
    "an ended run": (200, json.dumps({"id": RUN, "status_code": "failed"}).encode()),
    "text": (200, b"<html>"),
    "no end": (200, b"[" * 99999),
    "nothing": (204, b""),
    "moved": (307, b""),
    "refused": (404, f'{{"message": "{SECRET} {"x" * 400}"}}'.encode()),
    "refused otherwise": (422, b"{}"),
    "broken": (500, b"no"),
}


def tried(act: Callable[[], object]) -> str:
    """Return what the call gives, or how the law is broken."""
    try:
        return f"{act()}"
    except LawViolation as violation:
        assert SECRET not in str(violation)
        return f"broken: {violation}"


def told(name: str) -> Iterator[str]:
    """Yield what each reader of answers makes of this one, and what it has sent."""
    status, body = ANSWERS[name]
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(status, content=body)

    http, asked = raw_client(httpx.MockTransport(answer), "http://target", "k"), get_balance
    passed: list[float] = []
    target: Any = SimpleNamespace(http=http, pass_time=passed.append)

    def refused(*statuses: int) -> None:
        requests.expect_refusal(http, asked.build_request(), "for a reason", *statuses)

    readers: dict[str, Callable[[], object]] = {
        "get_json": lambda: requests.get_json(http, asked.build_request()),
        "get_json_list": lambda: requests.get_json_list(http, asked.build_request()),
        "without_key": lambda: requests.without_key(http, asked.build_request()),
        "read_run": lambda: requests.read_run(target, RUN)["id"],
        "ids_of": lambda: requests.ids_of(requests.get_json(http, asked.build_request())),
        "expect a refusal": refused,
        "expect 404": lambda: refused(404),
        "expect 400 or 422": lambda: refused(400, 422),
    }
    if b"status_code" in body:
        read = readers["get_json"]
        readers["wait"] = lambda: requests.wait_until_ended(target, read)  # type: ignore[arg-type] # an object
    for reader, act in readers.items():
        sent.clear()
        said = tried(act)
        with_key = {"authorization" in one.headers for one in sent}
        yield f"    {reader}: {said} [{len(sent)} sent, with a key: {sorted(with_key)}]"
    if passed:
        yield f"    waited {len(passed)} times, {sum(passed):g} s"


def lines() -> Iterator[str]:
    for name in ANSWERS:
        yield f"{name}: {ANSWERS[name][0]}"
        yield from told(name)
    payload = {"event": "run.completed", "run_id": RUN, "status": "succeeded", "output": None}
    payload |= {"created_at": "2026-01-01T00:00:00+00:00", "completed_at": None}
    for body in (b"", b"{", b"{}", b"[]", json.dumps(payload).encode()):
        received = ReceivedCallback([("runflow-request-id", "r")], body)

        def event(received: ReceivedCallback = received) -> str:
            found = requests.parse_event(received)
            return f"{type(found).__name__} {found.subject_id} {found.request_id}"

        yield f"callback {body[:30]!r}: {tried(event)}"
    yield f"{[requests.split_model_id(one) for one in ('a/b', 'a/b/c', 'a')]}"


def test_an_answer_is_read_or_breaks_a_law_as_before() -> None:
    check_snapshot(LIST, "\n".join(lines()) + "\n")
