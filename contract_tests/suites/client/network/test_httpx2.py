"""A client of httpx2 as http_client: requests, errors, hooks and bodies, in both colours."""

import asyncio
import gzip
import json
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final, get_type_hints

import httpx2
import pytest
from attrs import define, field
from runflow_api.http_library import httpx
from runflow_client import (
    AsyncRunflow,
    ConnectFailed,
    ConnectionLost,
    InvalidArgument,
    NotFound,
    RequestTimeout,
    RetryPolicy,
    Runflow,
    RunflowError,
    SendFailed,
    UnreadableAnswer,
)
from runflow_mock import MockRunflow

from ..calls import FILE, body_of, settled, shown, unified
from ..conftest import Connect
from ..stepped_time import AsyncSteppedTime, SteppedTime
from .counting_closes import CountsCloses
from .test_closed_streams import ANSWERS, CALLS, FILES, WELL, Told

BALANCE = b'{"balance": "1.00", "currency": "USD"}'
ID = "0198c0de-0000-7000-8000-000000000000"
ONCE = RetryPolicy(attempts=1)

Answer = Callable[[httpx2.Request], httpx2.Response]


class Body(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body of which nothing is read yet, and which may break off."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def __iter__(self) -> Iterator[bytes]:
        yield BALANCE
        if self.error is not None:
            raise self.error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


@pytest.fixture
def with_httpx2(connect: Connect, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Makes clients on one of httpx2 of their colour."""
    is_sync = request.node.callspec.params["connect"] == "sync"
    kind: Any = httpx2.Client if is_sync else httpx2.AsyncClient

    def make(answer: Answer | None = None, **options: Any) -> Any:
        if answer is not None:
            options["transport"] = httpx2.MockTransport(answer)
        http = kind(trust_env=False, **options)
        client = connect(http_client=http, retries=ONCE)
        close = http.close if is_sync else partial(client._portal.call, http.aclose)
        request.addfinalizer(close)
        return client

    return make


def test_a_run_its_files_and_lists_go_through_it(with_httpx2: Any, mock: MockRunflow) -> None:
    client = with_httpx2(headers={"X-Mine": "1"}, cookies={"session": "mine"})
    picture = b"\x89PNG\r\n\x1a\n" + bytes(99)
    run = client.run("runflow/background-removal", {"image_url": picture}, strict=False)
    assert run.outputs[0].read().startswith(b"\x89PNG")
    assert client.runs.get(run.id).status == "succeeded"
    assert [found.id for found in client.runs.page().items] == [run.id]
    sent = [request for request in mock.requests if request.raw_path.startswith("/v1/")]
    assert {request.headers["x-mine"] for request in sent} == {"1"}
    assert all("cookie" in request.headers for request in sent)


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (httpx2.ConnectError, ConnectFailed),
        (httpx2.PoolTimeout, ConnectFailed),
        (httpx2.ProxyError, ConnectFailed),
        (httpx2.ReadTimeout, RequestTimeout),
        (httpx2.ReadError, ConnectionLost),
        (httpx2.RemoteProtocolError, ConnectionLost),
        (httpx2.TooManyRedirects, SendFailed),
        (ValueError, SendFailed),
        (httpx.ConnectTimeout, ConnectFailed),  # of our own network below it
        (httpx.ReadTimeout, RequestTimeout),
    ],
)
def test_its_errors_are_those_of_the_client_and_stay_in_the_chain(
    with_httpx2: Any, raised: type[Exception], expected: type[RunflowError]
) -> None:
    def fail(request: httpx2.Request) -> httpx2.Response:
        raise raised("broken")

    with pytest.raises(expected, match="broken") as caught:
        with_httpx2(fail).runs.get(ID)
    assert "the server" not in str(caught.value), "the host is named"
    error: BaseException | None = caught.value
    while error is not None and type(error) is not raised:
        error = error.__cause__
    assert error is not None


def test_a_body_that_breaks_off_is_a_lost_connection(with_httpx2: Any) -> None:
    broken = Body(httpx2.ReadError("cut"))
    client = with_httpx2(lambda request: httpx2.Response(200, stream=broken))
    with pytest.raises(ConnectionLost, match="cut"):
        client.account.balance()


@pytest.mark.parametrize("hook", ["reads", "refuses", "takes"])
def test_a_hook_reads_refuses_or_takes_the_body(hook: str) -> None:
    def act(response: httpx2.Response) -> None:
        if hook == "takes":
            list(response.iter_raw())
        elif hook == "reads":
            response.read()
        else:
            response.raise_for_status()

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(404 if hook == "refuses" else 200, stream=Body())

    hooks = {"response": [act]}
    with httpx2.Client(transport=httpx2.MockTransport(answer), event_hooks=hooks) as http:
        client = Runflow("key", http_client=http, retries=ONCE)
        if hook == "reads":
            assert client.account.balance() is not None
        else:
            with pytest.raises(NotFound if hook == "refuses" else UnreadableAnswer):
                client.account.balance()


@pytest.mark.parametrize("other", [False, True])
def test_an_error_of_a_hook_counts_for_the_request_that_it_is_about(other: bool) -> None:
    def hear(response: httpx2.Response) -> None:
        sent = response.request
        about = httpx2.Request(sent.method, sent.url) if other else sent
        raise httpx2.ConnectError("broken", request=about)

    network = httpx2.MockTransport(lambda request: httpx2.Response(200, stream=Body()))
    with (
        httpx2.Client(transport=network, event_hooks={"response": [hear]}) as http,
        pytest.raises(SendFailed if other else ConnectFailed),
    ):
        Runflow("key", http_client=http, retries=ONCE).account.balance()


def test_a_closed_client_and_one_of_the_other_colour_are_refused() -> None:
    http = httpx2.Client()
    with pytest.raises(InvalidArgument, match="use Runflow"):
        AsyncRunflow("key", http_client=http)  # type: ignore[arg-type]
    client = Runflow("key", http_client=http)
    http.close()
    with pytest.raises(RunflowError, match="was closed"):
        client.account.balance()
    with pytest.raises(InvalidArgument, match="closed already"):
        Runflow("key", http_client=http)


def test_the_argument_is_typed_and_httpx2_is_not_loaded() -> None:
    hint = get_type_hints(Runflow.__init__)["http_client"]
    assert hint == httpx.Client | httpx2.Client | None
    code = "from runflow_client import Runflow; Runflow('k'); import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "httpx" in done.stdout.split()
    assert "httpx2" not in done.stdout.split()


class Pieces(
    CountsCloses,
    httpx.SyncByteStream,
    httpx.AsyncByteStream,
    httpx2.SyncByteStream,
    httpx2.AsyncByteStream,
):
    """For either library."""


@define(eq=False)
class Network:
    """Answers one kind of request so, and the others well, with what the library has."""

    library: Any
    place: str
    told: Told
    lines: list[str] = field(factory=list[str])
    bodies: list[Pieces] = field(factory=list[Pieces])

    def answer(self, request: Any) -> Any:
        """Write the request down and answer it."""
        headers = sorted(f"{name}: {value}" for name, value in request.headers.items())
        more = sorted(request.extensions), request.extensions["timeout"]
        self.lines += [f"{request.method} {request.url}", *headers, str(more), str(request.content)]
        is_meant = f"{request.method} {request.url.path}".startswith(self.place)
        status, named, content, breaks = self.told if is_meant else WELL
        if content is None:
            usual = json.dumps(body_of(request, FILES)).encode()
            content = FILE if request.url.path.endswith(".png") else usual
            content = gzip.compress(content) if "Content-Encoding" in named else content
        length = {"Content-Length": str(len(content))}
        error = self.library.ReadError("it broke") if breaks else None
        self.bodies.append(Pieces(content, error))
        return self.library.Response(
            status, headers={**length, **named}, stream=self.bodies[-1], request=request
        )


HOOKS: Final[Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any] | None]]] = {
    "none": (lambda response: None, None),
    "refuses": (lambda response: response.raise_for_status(), None),
    "reads": (lambda response: response.read(), lambda response: response.aread()),
    "raises": (lambda response: dict[str, int]()["of the caller"], None),
}
"""What a hook of each colour does."""
ALIKE: Final = ("well", "packed", "packed trouble", "refused", "elsewhere", "no JSON", "broken")
HOOKED: Final = ("well", "packed", "packed trouble", "refused")


async def told(library: Any, colour: str, call: str, answer: str, hook: str) -> list[str]:
    """What is sent through a client of this library, and how the call ends."""
    random.seed(7)
    place, work = CALLS[call]
    network = Network(library, place, ANSWERS[answer])
    act, act_awaited = HOOKS[hook]

    async def awaited(response: Any) -> None:
        act(response) if act_awaited is None else await act_awaited(response)

    clock: Any = SteppedTime() if colour == "sync" else AsyncSteppedTime()
    kind, hear = (library.Client, act) if colour == "sync" else (library.AsyncClient, awaited)
    http = kind(
        transport=library.MockTransport(network.answer),
        timeout=library.Timeout(50.0, connect=7.0),
        headers={"X-Mine": "1"},
        event_hooks={"response": [hear]},
    )
    options = {"base_url": "https://api.test", "clock": clock, "retries": RetryPolicy(attempts=2)}
    maker: Any = Runflow if colour == "sync" else AsyncRunflow
    client = maker("rf_live_x", http_client=http, **options)
    try:
        ended = shown(await settled(work(client)))
    except Exception as error:
        ended = f"{type(error).__name__}: {error} {getattr(error, '__notes__', ())}"
    assert not client.base_url.endswith("/")
    assert all(body.closed for body in network.bodies)
    await settled(http.close() if colour == "sync" else http.aclose())
    return [*map(unified, network.lines), f"waits {clock.slept}", unified(ended)]


@pytest.mark.parametrize("call", [call for call in CALLS if call != "delete"])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_call_does_the_same_with_either_library(colour: str, call: str) -> None:
    async def compare() -> None:
        ways = [
            (answer, hook)
            for answer in ALIKE
            for hook in (HOOKS if answer in HOOKED else ("none",))
        ]
        assert len(ways) >= len(ALIKE) > 0
        for answer, hook in ways:
            one, other = [
                await told(library, colour, call, answer, hook) for library in (httpx, httpx2)
            ]
            assert other == one, f"{answer}, and a hook that does: {hook}"

    asyncio.run(compare())
