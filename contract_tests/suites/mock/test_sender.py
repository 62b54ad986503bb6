"""What becomes of each answer to a callback: over HTTP, in the event loop of the test."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from runflow_mock.contract.document import Document
from runflow_mock.contract.validation import BrokenContract, Contract
from runflow_mock.faults.plan import Faults
from runflow_mock.simulation.callbacks import Callbacks, payload_of
from runflow_mock.simulation.runs import CREATE_RUN
from runflow_mock.simulation.sender import AttemptResult, Sender
from runflow_mock.state.clock import STEPPED_START, SteppedClock
from runflow_mock.state.settings import Settings
from runflow_mock.state.state import State

from .stories.world import CONTRACT, Receiver

HANGS = 30.0
"""Seconds that only what hangs takes."""

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
ANSWERS: dict[str, tuple[bytes, int | None, str | None, str]] = {
    "taken": (OK, 200, "ok", ""),
    "empty": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, "", ""),
    "moved": (
        b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        307,
        "",
        "",
    ),
    "long": (
        b"HTTP/1.1 500 No\r\nContent-Length: 2001\r\n\r\n" + b"a" * 2000 + b"b",
        500,
        "a" * 2000,
        "",
    ),
    "bytes": (b"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n\xff\xfe", 404, "\ufffd\ufffd", ""),
    "cut off": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
        None,
        None,
        "RemoteProtocolError: ",
    ),
    "nothing": (b"", None, None, "RemoteProtocolError: "),
    "no HTTP": (b"hello\r\n\r\n", None, None, "RemoteProtocolError: "),
    "too slow": (b"wait", None, None, "ReadTimeout: "),
}


async def exchange(
    answer: bytes, act: Callable[[Sender, str, list[AttemptResult]], Any]
) -> tuple[list[bytes], list[AttemptResult]]:
    """Let a sender send to a place that gives the answer; return what came and what it reports."""
    came: list[bytes] = []
    results: list[AttemptResult] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        came.append(head + await reader.readexactly(length))
        if answer == b"wait":
            await reader.read()  # until the sender gives up
        writer.write(b"" if answer == b"wait" else answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    sender = Sender((), 0.05 if answer == b"wait" else HANGS)
    async with asyncio.timeout(HANGS), server:
        port = server.sockets[0].getsockname()[1]
        await act(sender, f"http://127.0.0.1:{port}/a/b?c=1", results)
        await sender.close()
    return came, results


@pytest.mark.parametrize("name", ANSWERS)
def test_an_attempt_reports_the_beginning_of_the_answer_or_what_went_wrong(name: str) -> None:
    answer, status, text, problem = ANSWERS[name]

    async def act(sender: Sender, url: str, results: list[AttemptResult]) -> None:
        assert await sender.wait() is False
        sender.send(url, "ü".encode(), {"X-One": "1"}, results.append)
        assert results == []
        assert await sender.wait() is True
        assert await sender.wait() is False

    came, [result] = asyncio.run(exchange(answer, act))
    assert (result.status_code, result.response_body) == (status, text)
    assert (result.error_message or "").startswith(problem)
    assert (result.error_message is None) == (status is not None)
    [request] = came
    assert request.startswith(b"POST /a/b?c=1 HTTP/1.1\r\n")
    assert b"\r\nx-one: 1\r\n" in request.lower()
    assert request.endswith("\r\n\r\nü".encode())


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    async def act(sender: Sender, url: str, results: list[AttemptResult]) -> None:
        sender.send(url, b"", {}, results.append)
        await sender.wait()

    assert asyncio.run(exchange(OK, act))[1] == [AttemptResult(200, "ok")]


def test_a_receiver_is_called_on_one_connection() -> None:
    connections: list[int] = []
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(0)
        while await reader.readline():
            while await reader.readline() != b"\r\n":
                pass
            writer.write(OK)
            connections[-1] += 1
        writer.close()
        await writer.wait_closed()
        ended.set()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        sender, results = Sender((), HANGS), list[AttemptResult]()
        async with asyncio.timeout(HANGS), server:
            for _ in range(3):
                sender.send(url, b"", {}, results.append)
                await sender.wait()
            await sender.close()
            await ended.wait()  # the sender has closed the connection
            assert results == [AttemptResult(200, "ok")] * 3

    asyncio.run(main())
    assert connections == [3]


def test_no_cookie_of_a_receiver_is_kept_or_sent_to_another() -> None:
    answer = OK.replace(b"Content-Length", b"Set-Cookie: session=1; Path=/\r\nContent-Length")

    async def act(sender: Sender, url: str, results: list[AttemptResult]) -> None:
        for _ in range(2):
            sender.send(url, b"", {}, results.append)
            await sender.wait()

    came, results = asyncio.run(exchange(answer, act))
    assert results == [AttemptResult(200, "ok")] * 2
    assert [b"cookie:" in one.lower() for one in came] == [False, False]


@pytest.mark.parametrize(
    ("path", "problem"), [("\0", "InvalidURL: "), ("\ud800", "UnicodeEncodeError: ")]
)
def test_a_place_that_the_library_refuses_is_reported(path: str, problem: str) -> None:
    async def act(sender: Sender, url: str, results: list[AttemptResult]) -> None:
        sender.send(f"http://127.0.0.1/{path}", b"", {}, results.append)
        await sender.wait()

    came, [result] = asyncio.run(exchange(OK, act))
    assert (came, result.status_code) == ([], None)
    assert (result.error_message or "").startswith(problem)


def test_what_is_under_way_when_a_sender_is_closed_reports_nothing() -> None:
    async def act(sender: Sender, url: str, results: list[AttemptResult]) -> None:
        for _ in range(3):
            sender.send(url, b"", {}, results.append)
        await asyncio.sleep(0)
        await sender.close()
        assert await sender.wait() is False

    came, results = asyncio.run(exchange(OK, act))
    assert (results, len(came) <= 3) == ([], True)


def test_attempts_that_follow_from_attempts_are_waited_for_in_turn() -> None:
    async def act(sender: Sender, url: str, results: list[AttemptResult]) -> None:
        def again(result: AttemptResult) -> None:
            results.append(result)
            if len(results) < 3:
                sender.send(url, b"", {}, again)

        sender.send(url, b"", {}, again)
        while await sender.wait():
            pass

    came, results = asyncio.run(exchange(OK, act))
    assert (len(came), results) == (3, [AttemptResult(200, "ok")] * 3)


ROW: dict[str, Any] = {
    "id": "0190aaaa-0000-7000-8000-000000000001",
    "org_id": "us",
    "status_code": "succeeded",
    "duration_ms": 1,
    "created_at": "2026-01-01T00:00:00Z",
    "completed_at": "2026-01-01T00:00:01Z",
    "metadata": None,
    "callback_url": "http://localhost/200",
}


def begun(contract: Contract, operation: tuple[str, str] | None, **changes: Any) -> Any:
    """Return the payload of a delivery that a server with that document begins."""
    state = State(SteppedClock(), Settings(seed=0), "http://mock")
    faults = Faults({}, contract.document.operations)
    callbacks = Callbacks(state, contract, Receiver(), faults)
    payload = {**payload_of("run.completed", "run_id", ROW, {}), **changes}
    delivery = callbacks.begin("run_id", ROW, payload, operation, STEPPED_START, automatic=True)
    assert callbacks.history("run_id", ROW["id"]) == [delivery]
    return delivery["payload"]


def test_a_payload_is_held_against_the_document_that_the_server_was_written_for() -> None:
    assert begun(CONTRACT, CREATE_RUN)["status"] == "succeeded"
    for wrong in ({"event": 7}, {"status": None}, {"created_at": "yesterday"}):
        [name] = wrong
        with pytest.raises(BrokenContract, match=f"^callback .* of {ROW['id']}, at /{name}: "):
            begun(CONTRACT, CREATE_RUN, **wrong)
        # Where no callback is described, nothing is held against it.
        for operation in (None, ("GET", "/v1/runs")):
            assert begun(CONTRACT, operation, **wrong)[name] == wrong[name]


def test_a_payload_is_made_to_fit_another_document() -> None:
    content = Document.read().content
    other = Contract(Document({**content, "info": {**content["info"], "description": "another"}}))
    assert other.follows
    assert isinstance(begun(other, CREATE_RUN, event=7)["event"], str)
    assert begun(other, None, event=7)["event"] == 7
    assert begun(other, ("GET", "/v1/runs"), event=7)["event"] == 7
