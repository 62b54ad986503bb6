"""Write down each command that a flow gives its driver, with all that it says: how long a request
may take, what a wait watches, who waits for a permit.

Each flow meets a server that takes a second for every answer, so that what is left of a deadline
shows. Nothing goes over a network.
"""

from collections.abc import Callable, Generator, Iterator
from typing import Any, Final
from urllib.parse import unquote, urlencode

from attrs import define, field
from runflow_api.http_library import httpx
from runflow_client import PollSchedule, RetryPolicy
from runflow_client._flows.batches import BatchFlows
from runflow_client._flows.client_refs import SharedClientRefs
from runflow_client._flows.commands import (
    AwaitChange,
    CloseDownload,
    Context,
    Emit,
    LockTimeout,
    OpenDownload,
    OpenedDownload,
    PutFile,
    ReadChunks,
    RunBlocking,
    SendRequest,
    Sleep,
    WithLock,
)
from runflow_client._flows.evaluations import EvaluationFlows
from runflow_client._flows.runs import RunFlows
from runflow_client._flows.upload import AssetFlows
from runflow_client._flows.upload_cache import UploadCache
from runflow_client._models.artifact import BaseArtifact
from runflow_client._models.batch import BaseBatch, batch_fields
from runflow_client._models.run import BaseRun, fields_of, listed
from runflow_client._time import Deadline

from .calls import FILE, body_of
from .stepped_time import SteppedTime

BASE: Final = "https://api.test"
ID: Final = "00000000-0000-7000-8000-000000000001"
SECONDS: Final = 1.0
"""What each answer takes."""

Flow = Generator[Any, Any, Any]
Trouble = Callable[[httpx.Request], httpx.Response]


@define(eq=False)
class Scene:
    """What a flow meets, and what is written down of it."""

    troubles: dict[str, list[Trouble]] = field(factory=dict[str, list[Trouble]])
    """By method and the end of the path: what is answered first, in turn."""
    time: SteppedTime = field(factory=SteppedTime)
    lines: list[str] = field(factory=list[str])
    refs: SharedClientRefs = field(factory=SharedClientRefs)
    context: Context = field(init=False)
    uploads: UploadCache = field(factory=UploadCache)
    created: int = 0
    is_locked: bool = False
    """Whether another flow keeps every lock."""

    def __attrs_post_init__(self) -> None:
        policy = RetryPolicy(attempts=2, first_backoff=0.5)
        self.context = Context(self.time.now, lambda: 0.5, policy, 60.0, self.refs)

    @property
    def assets(self) -> AssetFlows:
        """The flows of files."""
        return AssetFlows(self.context, self.uploads)

    @property
    def runs(self) -> RunFlows[Any]:
        """The flows of runs."""
        return RunFlows(self.context, PollSchedule(), run_of, lambda: self.assets)

    @property
    def batches(self) -> BatchFlows[Any]:
        """The flows of batches."""
        show: Callable[[Any], BaseBatch] = lambda model: BaseBatch(**batch_fields(model))  # noqa: E731
        return BatchFlows(self.context, PollSchedule(), show, self.assets)

    @property
    def evaluations(self) -> EvaluationFlows:
        """The flows of evaluations."""
        return EvaluationFlows(self.context, PollSchedule())

    def after(self, seconds: float | None) -> Deadline:
        """A deadline in so many seconds."""
        return Deadline.after(self.time.now, seconds)

    def carry_out(self, flow: Flow, indent: str = "    ") -> Any:
        """Carry the flow out and write its commands down."""
        outcome: Any = None
        while True:
            try:
                if isinstance(outcome, BaseException):
                    command = flow.throw(outcome)
                else:
                    command = flow.send(outcome)
            except StopIteration as end:
                return end.value
            self.lines.append(f"{indent}{self._shown(command)}")
            try:
                outcome = self._perform(command, indent)
            except Exception as error:
                outcome = error

    def _perform(self, command: Any, indent: str) -> Any:
        if isinstance(command, SendRequest):
            arguments: dict[str, Any] = dict(command.arguments)
            arguments.pop("params", None)
            query = urlencode(dict(command.arguments.get("params") or {}))
            url = f"{BASE}{arguments.pop('url')}?{query}".rstrip("?")
            return self._answer(httpx.Request(url=url, **arguments))
        if isinstance(command, OpenDownload):
            response = self._answer(httpx.Request("GET", command.url))
            return OpenedDownload(response, iter([[response.content], []]))
        if isinstance(command, ReadChunks):
            assert isinstance(command.opened.chunks, Iterator)
            return next(command.opened.chunks)
        if isinstance(command, PutFile):
            for piece in command.chunks():
                command.on_sent(len(piece))
            return self._answer(httpx.Request("PUT", command.url))
        if isinstance(command, RunBlocking):
            return command.function()
        if isinstance(command, WithLock):
            if self.is_locked:
                command.flow.close()
                self.time.seconds += command.timeout or 0.0
                raise LockTimeout
            return self.carry_out(command.flow, f"{indent}    ")
        if isinstance(command, Sleep):
            self.time.seconds += command.seconds
        if isinstance(command, AwaitChange):
            self.time.seconds = max(self.time.seconds, command.due)
        return None

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.time.seconds += SECONDS
        for place, troubles in self.troubles.items():
            method, _, path = place.partition(" ")
            if request.method == method and request.url.path.endswith(path) and troubles:
                return troubles.pop(0)(request)
        if request.url.path.endswith(".png"):
            headers = {"Content-Type": "image/png", "ETag": '"one"'}
            return httpx.Response(200, headers=headers, content=FILE, request=request)
        status = 201 if request.method == "POST" else 200
        body = body_of(request, created=self.created)
        self.created += request.url.path.endswith("/asset-uploads")
        return httpx.Response(status, json=body, request=request)

    def _shown(self, command: Any) -> str:
        began = SteppedTime().seconds
        if isinstance(command, SendRequest):
            arguments = command.arguments
            query = unquote(urlencode(dict(arguments.get("params") or {})))
            told = "" if command.timeout is None else f" within {command.timeout:.3g}"
            return f"{arguments['method']} {arguments['url']}?{query}".rstrip("?") + told
        if isinstance(command, AwaitChange):
            until = f"{command.until - began:.3g}"
            created = None if command.created_at is None else command.created_at.isoformat()
            return (
                f"await {command.run_id} after {command.progress}, created {created}, due at "
                f"{command.due - began:.3g}, until {until}, wakeup {command.wakeup}"
            )
        if isinstance(command, Sleep):
            return f"sleep {command.seconds:.3g}"
        if isinstance(command, Emit):
            return f"emit {short(command.state)}"
        if isinstance(command, WithLock):
            return f"lock {tuple(command.key)[1:]} {_fields(command, 'timeout')}"  # type: ignore[arg-type] # an AssetKey
        if isinstance(command, PutFile):
            return f"put {command.url} {_fields(command, 'headers', 'seconds', 'timeout')}"
        if isinstance(command, OpenDownload):
            names = ("headers", "redirected", "queued", "max_bytes", "gathered")
            return f"open {command.url} {_fields(command, *names)}"
        kinds = {ReadChunks: "read", CloseDownload: "close", RunBlocking: "in a thread"}
        return kinds[type(command)]


def _fields(command: Any, *names: str) -> str:
    given = {name: getattr(command, name) for name in names}
    told = {name: f"{one:.4g}" if isinstance(one, float) else one for name, one in given.items()}
    return ", ".join(f"{name} {one}" for name, one in told.items())


def short(state: Any) -> str:
    if isinstance(state, bytes):
        return f"{len(state)} bytes"
    return f"{type(state).__name__} {getattr(state, 'status', '')}".rstrip()


def run_of(model: Any, model_name: str | None) -> BaseRun:
    if isinstance(model, dict):
        return listed(BaseRun, model, model_name=model_name)
    return BaseRun(model_name=model_name, **fields_of(model))


def artifact() -> BaseArtifact:
    facts = dict.fromkeys(("media_type", "width", "height", "duration"))
    return BaseArtifact(
        **facts,
        url="https://storage.test/1.png",
        type="image",
        size_bytes=len(FILE),
        name="1.png",
        number=0,
        run_id=ID,
        details={},
    )
