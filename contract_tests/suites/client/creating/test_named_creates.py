"""Whatever ends a create names it, on real sockets; and what cannot be sent is refused before."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from runflow_client import (
    AsyncRunflow,
    InvalidArgument,
    OutcomeUnknown,
    PermissionDenied,
    RateLimited,
    Runflow,
    RunflowError,
    SendFailed,
    ServerError,
    UnreadableAnswer,
    ValidationFailed,
)

from ...http_library import httpx
from ..answering import Asked, Told, ask, refusing, run_of
from ..stepped_time import AsyncSteppedTime, SteppedTime

ID = "0198c0de-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("kind", "create"),
    [
        ("batch", lambda client: client.batches.create("a/b", [{}])),
        (
            "evaluation",
            lambda client: client.evaluations.submit("u", "t"),
        ),
    ],
)
@pytest.mark.parametrize(
    "answer", [Told({"code": "X", "message": "no"}, 503), Told(b"<html>", 201), Told({}, 201)]
)
def test_a_create_whose_outcome_is_unknown_names_its_key(
    kind: str, create: Callable[[Runflow], object], answer: Told
) -> None:
    keys: list[str] = []

    def tell(asked: Asked) -> Told:
        keys.append(
            {name.lower(): value for name, value in asked.headers.items()}["idempotency-key"]
        )
        return answer

    with pytest.raises((ServerError, UnreadableAnswer)) as caught:
        ask(tell, create)
    assert len(set(keys)) == 1
    notes = caught.value.__notes__
    assert any(
        note.startswith(f"The {kind} may have been created") and keys[0] in note for note in notes
    )


def test_a_create_that_was_refused_says_no_key() -> None:
    with pytest.raises(ValidationFailed) as caught:
        ask(refusing(422), lambda client: client.batches.create("a/b", [{}]))
    assert getattr(caught.value, "__notes__", []) == []


def test_creates_of_one_client_do_not_take_each_others_runs() -> None:
    made: list[dict[str, Any]] = []
    lost: list[Asked] = []

    def tell(asked: Asked) -> Told:
        if asked.method == "GET":
            return Told({"items": made[::-1]}) if asked.path == "/v1/runs" else Told({"id": ID})
        if made and not lost:
            lost.append(asked)
            return Told({"code": "X", "message": "no"}, 500)
        made.append(run_of(asked, ID))
        return Told(made[-1], 201)

    def work(client: Runflow) -> list[str]:
        return [client.submit("a/b", {"prompt": "x"}, client_ref="mine").id for _ in range(2)]

    assert ask(tell, work) == [run["id"] for run in made]
    assert len(made) == 2


@pytest.mark.parametrize(
    "create",
    [
        lambda client: client.submit("a/b", {}, idempotency_key="a\nb"),
        lambda client: client.submit("a/b", {}, idempotency_key=" a"),
        lambda client: client.submit("a/b", {}, idempotency_key=""),
        lambda client: client.submit("a/b", {}, client_ref="a "),
        lambda client: client.submit("a/b", {}, callback_url="https://me.test/\ud800"),
        lambda client: client.submit("a/b", {"\ud800": 1}),
        lambda client: client.batches.create("a/b", [{}], idempotency_key="a\nb"),
        lambda client: client.batches.create("a/b", [{}], callback_url="https://me.test/\ud800"),
        lambda client: client.evaluations.submit("u", "t", idempotency_key="a\nb"),
    ],
)
def test_what_no_header_and_no_json_can_carry_is_refused(
    create: Callable[[Runflow], object],
) -> None:
    asked: list[Asked] = []

    def tell(one: Asked) -> Told:
        asked.append(one)
        return Told({"id": ID}, 201)

    with pytest.raises(InvalidArgument):
        ask(tell, create)
    assert asked == []


def test_a_callback_url_that_no_json_can_carry_is_named() -> None:
    with pytest.raises(InvalidArgument, match=r"^callback_url is "):
        ask(
            refusing(500),
            lambda client: client.submit("a/b", {}, callback_url="https://me.test/\ud800"),
        )


def _is_named(error: RunflowError, sent: list[httpx.Request]) -> bool:
    post = next(request for request in sent if request.method == "POST")
    key, client_ref = post.headers["Idempotency-Key"], json.loads(post.content)["client_ref"]
    text = " ".join([str(error), *getattr(error, "__notes__", [])])
    return (
        (error.client_ref, error.idempotency_key) == (client_ref, key)
        and client_ref in text
        and key in text
    )


class _Loop(Exception):
    """Stands for what a library raises that is used from another event loop."""


@pytest.mark.parametrize("status", [301, 303, 307, 308, 408, 409, 425, 500, 503])
def test_an_error_status_after_acting_names_the_run(status: int) -> None:
    sent: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        if request.method == "POST":
            return httpx.Response(status, headers={"Location": "/v1/runs/1"}, json={"code": "X"})
        return httpx.Response(200, json={"items": []})

    with pytest.raises(RunflowError) as caught:
        _submit(serve, on_unknown_outcome="raise")
    assert _is_named(caught.value, sent)


@pytest.mark.parametrize(
    "foreign", [RuntimeError("Cannot send a request"), _Loop(), OSError(5), httpx.StreamClosed()]
)
@pytest.mark.parametrize("lists_work", [True, False])
def test_what_a_hook_or_a_transport_raises_names_the_run(
    foreign: Exception, lists_work: bool
) -> None:
    sent: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        if request.method == "POST" or not lists_work:
            raise foreign
        return httpx.Response(200, json={"items": []})

    with pytest.raises(RunflowError) as caught:
        _submit(serve)
    assert _is_named(caught.value, sent)
    assert sum(request.method == "POST" for request in sent) == 1
    cause = caught.value.__cause__
    assert isinstance(cause, SendFailed)
    assert cause.__cause__ is foreign


def _of_another_request(status: int | None) -> Exception:
    """What a hook raises that tells another server of each answer, and fails."""
    request = httpx.Request("POST", "https://metrics.test/")
    if status is None:
        return httpx.ConnectError("refused", request=request)
    response = httpx.Response(status, request=request)
    return httpx.HTTPStatusError("no", request=request, response=response)


OF_OTHERS = [
    _of_another_request(None),
    *(_of_another_request(status) for status in (401, 404, 422, 429)),
    httpx.ConnectTimeout("slow"),
    httpx.PoolTimeout("full"),
    RateLimited(status=429, method="GET", path="/v1/runs"),
    InvalidArgument("of a call of the hook's"),
]
"""Errors that would say of the create that it was not carried out."""


@pytest.mark.parametrize("foreign", OF_OTHERS)
@pytest.mark.parametrize(
    "create",
    [
        lambda client: client.submit("a/b", {}),
        lambda client: client.batches.create("a/b", [{}]),
    ],
)
def test_what_a_hook_raises_of_another_request_says_nothing_of_the_create(
    create: Callable[[Runflow], object], foreign: Exception
) -> None:
    sent: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"id": ID, "items": []})

    def tell(response: httpx.Response) -> None:
        if response.request.method == "POST":
            raise foreign

    hooks = {"response": [tell]}
    http = httpx.Client(transport=httpx.MockTransport(serve), event_hooks=hooks)
    with (
        Runflow("rf_live_x", http_client=http, clock=SteppedTime()) as client,
        pytest.raises((OutcomeUnknown, SendFailed)) as caught,
    ):
        create(client)
    assert sum(request.method == "POST" for request in sent) == 1
    assert caught.value.idempotency_key == sent[0].headers["Idempotency-Key"]
    assert isinstance(caught.value, SendFailed) or _is_named(caught.value, sent)


def test_what_a_hook_raises_of_another_request_is_nothing_to_an_asynchronous_create() -> None:
    sent: list[httpx.Request] = []

    async def serve(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"id": ID, "items": []})

    async def tell(response: httpx.Response) -> None:
        if response.request.method == "POST":
            raise _of_another_request(429)

    async def scenario() -> None:
        http = httpx.AsyncClient(
            transport=httpx.MockTransport(serve), event_hooks={"response": [tell]}
        )
        await AsyncRunflow("rf_live_x", http_client=http, clock=AsyncSteppedTime()).submit(
            "a/b", {}
        )

    with pytest.raises(OutcomeUnknown) as caught:
        asyncio.run(scenario())
    assert _is_named(caught.value, sent)
    assert sum(request.method == "POST" for request in sent) == 1


@pytest.mark.parametrize("foreign", [ValueError, StopIteration, TimeoutError])
def test_what_on_update_raises_is_raised_with_the_run(foreign: type[Exception]) -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        return httpx.Response(201, json={"id": ID, "status_code": "queued"})

    def show(run: object) -> None:
        raise foreign("x")

    http = httpx.Client(transport=httpx.MockTransport(serve))
    # a generator cannot raise StopIteration
    kind = RuntimeError if foreign is StopIteration else foreign
    with (
        Runflow("rf_live_x", http_client=http, clock=SteppedTime()) as client,
        pytest.raises(kind) as caught,
    ):
        client.run("a/b", {}, on_update=show)
    assert any(ID in note for note in caught.value.__notes__)


def test_an_error_of_the_wait_names_the_create_too() -> None:
    sent: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        if request.method == "POST":
            return httpx.Response(201, json={"id": ID, "status_code": "queued"})
        return httpx.Response(403, json={"code": "X"})

    http = httpx.Client(transport=httpx.MockTransport(serve))
    with (
        Runflow("rf_live_x", http_client=http, clock=SteppedTime()) as client,
        pytest.raises(PermissionDenied) as caught,
    ):
        client.run("a/b", {})
    assert caught.value.client_ref == json.loads(sent[0].content)["client_ref"]
    assert caught.value.idempotency_key == sent[0].headers["Idempotency-Key"]


def test_a_client_that_is_closed_meanwhile_names_the_run() -> None:
    sent: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        http.close()
        return httpx.Response(500, json={"code": "X"})

    http = httpx.Client(transport=httpx.MockTransport(serve))
    with pytest.raises(RunflowError) as caught:
        Runflow("rf_live_x", http_client=http, clock=SteppedTime()).submit("a/b", {})
    assert _is_named(caught.value, sent)


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_carries_a_note(end: type[BaseException]) -> None:
    sent: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        raise end

    with pytest.raises(end) as caught:
        _submit(serve)
    key = sent[0].headers["Idempotency-Key"]
    client_ref = json.loads(sent[0].content)["client_ref"]
    assert any(key in note and client_ref in note for note in caught.value.__notes__)


def test_cancellation_carries_a_note() -> None:
    async def scenario() -> list[str]:
        sent = asyncio.Event()

        async def serve(request: httpx.Request) -> httpx.Response:
            sent.set()
            await asyncio.sleep(60)
            raise AssertionError("it is canceled")

        http = httpx.AsyncClient(transport=httpx.MockTransport(serve))
        async with AsyncRunflow("rf_live_x", http_client=http) as client:
            task = asyncio.create_task(client.submit("a/b", {}))
            await sent.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
        await http.aclose()
        return getattr(caught.value, "__notes__", [])

    (note,) = asyncio.run(scenario())
    assert note.startswith("The run of a/b may have been created: look for it with q=client_ref")


def test_of_a_create_that_was_refused_the_error_holds_the_names() -> None:
    sent: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(422, json={"code": "X", "message": "no"})

    with pytest.raises(ValidationFailed) as caught:
        _submit(serve)
    assert caught.value.idempotency_key == sent[0].headers["Idempotency-Key"]
    assert getattr(caught.value, "__notes__", []) == []


def _submit(serve: Callable[[httpx.Request], httpx.Response], **options: Any) -> None:
    http = httpx.Client(transport=httpx.MockTransport(serve))
    with Runflow("rf_live_x", http_client=http, clock=SteppedTime()) as client:
        client.submit("a/b", {"prompt": "x"}, **options)
