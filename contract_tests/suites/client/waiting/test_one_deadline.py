"""`timeout` of a call is for all its steps together, and no queue outlives it."""

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from attrs import define, field
from runflow_client import (
    AsyncRunflow,
    OutcomeUnknown,
    RequestTimeout,
    Runflow,
    RunflowError,
    WaitTimeout,
)

from ...files.storage import PNG
from ...http_library import httpx
from ..stepped_time import AsyncSteppedTime, SteppedTime

RUN_ID = "0198c0de-0000-7000-8000-000000000000"
ASSET_ID = "0198c0de-0000-7000-8000-00000000a55e"
EDIT = "google/nano-banana-pro/edit"
LIMIT = 5.0
PICTURE = PNG + bytes(1000)
UPLOAD_URL = "https://files.example/put?signature=5ec4e7"


def with_file() -> dict[str, Any]:
    return {"prompt": "x", "image_urls": [PICTURE]}


@define(eq=False)
class Slow:
    """A server and its storage that take their time for each kind of request, in the time of a
    test, and give up when the client does.
    """

    time: SteppedTime
    seconds: dict[str, float]
    lose: bool = False
    """Whether the answer to the create is lost."""
    sent: list[str] = field(factory=list[str])

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        what = self._what(request)
        self.sent.append(what)
        needed, patience = self.seconds.get(what, 0.0), request.extensions["timeout"]["read"]
        self.time.seconds += min(needed, patience)
        if needed > patience:
            raise httpx.ReadTimeout("slow", request=request)
        if what == "create":
            if self.lose:
                raise httpx.ReadError("lost", request=request)
            ref = json.loads(request.content).get("client_ref")
            run = {"id": RUN_ID, "status_code": "queued", "client_ref": ref}
            return httpx.Response(201, json=run)
        answers: dict[str, dict[str, Any]] = {
            "session": {"asset_id": ASSET_ID, "upload_url": UPLOAD_URL},
            "confirm": {"id": ASSET_ID},
            "list": {"items": []},
            "read": {"id": RUN_ID, "status_code": "running"},
        }
        return httpx.Response(200, json=answers.get(what, {}))

    async def aread(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return self(request)

    def _what(self, request: httpx.Request) -> str:
        path = request.url.path
        if request.method == "PUT":
            return "put"
        if request.method == "POST":
            return (
                "session"
                if path.endswith("/asset-uploads")
                else "confirm"
                if path.endswith("/confirmations")
                else "create"
            )
        return "list" if path == "/v1/runs" else "read"


def called(colour: str, server: Slow, call: Callable[[Any], Any]) -> Any:
    if colour == "sync":
        with httpx.Client(transport=httpx.MockTransport(server)) as http:
            return call(Runflow("rf_live_x", http_client=http, clock=server.time))

    async def scenario() -> Any:
        async with httpx.AsyncClient(transport=httpx.MockTransport(server.aread)) as http:
            clock = server.time
            assert isinstance(clock, AsyncSteppedTime)
            return await call(AsyncRunflow("rf_live_x", http_client=http, clock=clock))

    return asyncio.run(scenario())


def run_with(colour: str, server: Slow, **options: Any) -> Any:
    return called(
        colour, server, lambda client: client.run(EDIT, with_file(), timeout=LIMIT, **options)
    )


STEPS: dict[str, tuple[dict[str, float], bool, dict[str, Any], type[RunflowError]]] = {
    "every step": (
        dict.fromkeys(("session", "put", "confirm", "create"), 1.0),
        False,
        {},
        WaitTimeout,
    ),
    "a slow upload": ({"put": 4.5}, False, {}, WaitTimeout),
    "an upload that is not over": ({"session": 2.0, "put": 60.0}, False, {}, RequestTimeout),
    "a confirmation at the last moment": ({"confirm": LIMIT}, False, {}, RunflowError),
    "a slow create": ({"create": 4.5}, False, {}, WaitTimeout),
    "a slow list before the create": (
        {"list": 4.5, "create": 2.0},
        False,
        {"client_ref": "mine"},
        OutcomeUnknown,
    ),
    "a create that is never answered": ({"put": 2.0, "create": 60.0}, False, {}, OutcomeUnknown),
    "a search": ({"put": 2.0, "list": 0.5}, True, {}, OutcomeUnknown),
    "slow reads": ({"put": 2.0, "create": 2.0, "read": 60.0}, False, {}, WaitTimeout),
}


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("name", STEPS)
def test_all_steps_of_a_run_end_within_its_timeout(name: str, colour: str) -> None:
    seconds, lose, options, raised = STEPS[name]
    time = SteppedTime() if colour == "sync" else AsyncSteppedTime()
    server = Slow(time, seconds, lose)
    begun = time.now()
    with pytest.raises(raised) as caught:
        run_with(colour, server, **options)
    if isinstance(caught.value, WaitTimeout):
        assert caught.value.seconds == LIMIT, "the seconds of the whole call"
    assert LIMIT - 0.5 <= time.now() - begun <= LIMIT + 0.01


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_create_for_which_no_time_is_left_is_not_sent(colour: str) -> None:
    time = SteppedTime() if colour == "sync" else AsyncSteppedTime()
    server = Slow(time, {"confirm": LIMIT})
    with pytest.raises(RunflowError) as caught:
        run_with(colour, server)
    assert "create" not in server.sent
    assert not isinstance(caught.value, OutcomeUnknown)
    assert caught.value.idempotency_key
    assert "may have been created" not in "".join(getattr(caught.value, "__notes__", ()))


def create_batch(client: Any) -> Any:
    inputs = [{"image_url": PICTURE}]
    return client.batches.create("runflow/background-removal", inputs, timeout=LIMIT)


def submit_evaluation(client: Any) -> Any:
    return client.evaluations.submit("https://a.test/1.png", "text_to_image", timeout=LIMIT)


NO_BATCH = (
    r"^PUT https://files\.example/put\?\[hidden\]: the files were not uploaded in time, "
    "so no batch was created$"
)
CREATES: dict[str, tuple[Callable[[Any], Any], dict[str, float], str, float]] = {
    "a batch in time": (create_batch, {"put": 2.0, "create": 2.5}, "", 4.5),
    "a batch that is never answered": (
        create_batch,
        {"put": 2.0, "create": 60.0},
        "api.runflow.io did not answer in time",
        LIMIT,
    ),
    "a batch whose upload is not over": (
        create_batch,
        {"session": 2.0, "put": 60.0},
        NO_BATCH,
        LIMIT,
    ),
    "a batch whose file is not sent": (create_batch, {"session": LIMIT}, NO_BATCH, LIMIT),
    "a batch for which no time is left": (
        create_batch,
        {"confirm": LIMIT},
        "time was up before the create was sent, so no batch was created",
        LIMIT,
    ),
    "an evaluation in time": (submit_evaluation, {"create": 4.5}, "", 4.5),
    "an evaluation that is never answered": (
        submit_evaluation,
        {"create": 60.0},
        "api.runflow.io did not answer in time",
        LIMIT,
    ),
}
"""What is created, how long each request takes, the error, and the seconds in all."""


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("name", CREATES)
def test_a_create_that_is_not_waited_for_ends_within_its_timeout(name: str, colour: str) -> None:
    create, seconds, told, needed = CREATES[name]
    server = Slow(SteppedTime() if colour == "sync" else AsyncSteppedTime(), seconds)
    begun = server.time.now()
    if told:
        with pytest.raises(RunflowError, match=told) as caught:
            called(colour, server, create)
        notes = "".join(getattr(caught.value, "__notes__", ()))
        assert ("may have been created" in notes) == ("create" in server.sent)
        was_its_turn = "create" in server.sent or "before the create" in told
        assert (caught.value.idempotency_key is not None) is was_its_turn
    else:
        assert called(colour, server, create).id == RUN_ID
    assert abs(server.time.now() - begun - needed) < 0.01


@define(eq=False)
class Held:
    """A storage that takes nothing until it is let go."""

    begun: threading.Semaphore = field(factory=lambda: threading.Semaphore(0))
    over: threading.Event = field(factory=threading.Event)
    has_answered: threading.Event = field(factory=threading.Event)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if request.method == "PUT":
            self.begun.release()
            self.over.wait(20)
            self.has_answered.set()
        return answer_of(request)

    async def aread(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        if request.method == "PUT":
            self.begun.release()
            while not self.over.is_set():
                await asyncio.sleep(0.001)
        return answer_of(request)


def answer_of(request: httpx.Request) -> httpx.Response:
    is_confirmation = request.url.path.endswith("/confirmations")
    asset_id = request.url.path.split("/")[-2] if is_confirmation else str(uuid4())
    session = {"asset_id": asset_id, "id": asset_id, "upload_url": "https://files.example/put"}
    return httpx.Response(200, json=session)


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_timeout_that_the_caller_raises_stays_its_own(colour: str) -> None:
    own = TimeoutError("of the caller")

    def refuse(_sent: int, _size: int | None) -> None:
        raise own

    time = SteppedTime() if colour == "sync" else AsyncSteppedTime()
    with pytest.raises(TimeoutError) as caught:
        run_with(colour, Slow(time, {}), upload_progress=refuse)
    assert caught.value is own


SOON = 0.2


def test_a_thread_does_not_wait_longer_for_another_that_uploads_the_same_file() -> None:
    server = Held()
    with httpx.Client(transport=httpx.MockTransport(server)) as http:
        client = Runflow("rf_live_x", http_client=http)
        first = threading.Thread(target=lambda: client.assets.upload(PICTURE))
        first.start()
        try:
            assert server.begun.acquire(timeout=20)
            with pytest.raises(RequestTimeout, match="no run was created"):
                client.run(EDIT, with_file(), timeout=SOON)
            assert not server.has_answered.is_set()
        finally:
            server.over.set()
            first.join()
    assert not server.begun.acquire(blocking=False)


QUEUES: dict[str, Callable[[AsyncRunflow, int], Any]] = {
    "the same file": lambda client, number: client.assets.upload(PICTURE),
    "other files": lambda client, number: client.assets.upload(PICTURE + bytes([number])),
}


@pytest.mark.parametrize("name", QUEUES)
def test_a_task_does_not_wait_longer_for_others_that_upload(name: str) -> None:
    server = Held()

    async def scenario() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(server.aread)) as http:
            client = AsyncRunflow("rf_live_x", http_client=http, timeout=600.0)
            others = [asyncio.create_task(QUEUES[name](client, number)) for number in range(16)]
            for _ in range(1 if name == "the same file" else 16):
                while not server.begun.acquire(blocking=False):
                    await asyncio.sleep(0.001)
            async with asyncio.timeout(SOON + 1):
                with pytest.raises(RequestTimeout, match="no run was created"):
                    await client.run(EDIT, with_file(), timeout=SOON)
            server.over.set()
            await asyncio.gather(*others, return_exceptions=True)

    asyncio.run(scenario())
