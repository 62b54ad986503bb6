"""Every story of a create: flows do no I/O, so each outcome of each request can be tried, and
states that were reached before are not walked again.

A generator cannot be copied. A story is therefore the list of the choices that lead to its end, and
is told from the beginning each time. Two stories are in the same state when the frames of their
flows, the server and the clock are; the frames are compared by value, whatever their variables are
called.
"""

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import cache
from typing import Any, Final

from attrs import define, field, frozen
from runflow_api.http_library import httpx
from runflow_client import (
    PollSchedule,
    RetryPolicy,
    RunflowError,
)
from runflow_client._flows.client_refs import SharedClientRefs
from runflow_client._flows.commands import Context, SendRequest, Sleep
from runflow_client._flows.create_run import (
    Create,
    OnUnknownOutcome,
    create,
    idempotency_key_of,
)
from runflow_client._flows.runs import RunFlows

from .story_states import state_of

LAG: Final = 5.0
"""Seconds after which every list shows a run: what the document allows for."""

REF: Final = "order-7"

BEGIN: Final = 1000.0

TIMEOUT: Final = 60.0
"""Seconds that a request takes which is given up, where less is not left."""

Answer = httpx.Response | BaseException


def respond(
    status: int, body: object, *, method: str, headers: dict[str, str] | None = None
) -> Answer:
    """An answer; a body that is not bytes as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return _response(status, content, method, tuple((headers or {}).items()))


@cache
def _response(
    status: int, content: bytes, method: str, headers: tuple[tuple[str, str], ...]
) -> httpx.Response:
    request = httpx.Request(method, "https://api.test/v1/x")
    return httpx.Response(status, content=content, headers=dict(headers), request=request)


@define
class BilledRun:
    """A run in the server's ledger."""

    maker: int
    key: str
    made_at: float
    number: int

    @property
    def id(self) -> str:
        return f"0198c0de-0000-7000-8000-{self.number:012}"

    def shown(self, client_ref: str | None) -> dict[str, Any]:
        return _shown(self.id, client_ref)


def _shown(run_id: str, client_ref: str | None) -> dict[str, Any]:
    return {"id": run_id, "status_code": "queued", "client_ref": client_ref}


@cache
def _page(items: tuple[tuple[str, str | None], ...], following: str | None) -> Answer:
    """Return a page of these runs: their ids, with the client_ref of each."""
    return respond(
        200, {"items": [_shown(*item) for item in items], "next": following}, method="GET"
    )


def _lost(kind: str, method: str) -> Answer:
    match kind:
        case "reset":
            return httpx.ReadError("reset")
        case "timeout":
            return httpx.ReadTimeout("slow")
        case "hook":
            return ValueError("a hook")
        case "interrupt":
            return KeyboardInterrupt()
        case "unconnected":
            return httpx.ConnectError("refused")
        case "closed":
            return RunflowError("this client is closed")
        case "html":
            return respond(502, b"<html>", method=method)
        case "empty":
            return respond(200, b"", method=method)
        case "array":
            return respond(200, [], method=method)
        case "redirect":
            return respond(307, b"", method=method, headers={"Location": "https://other.test/"})
        case _:
            return respond(int(kind), {"code": "X", "message": "no"}, method=method)


LOSSES: Final = (
    "reset", "timeout", "500", "html", "408", "409", "425", "redirect", "hook", "interrupt",
)  # fmt: skip
"""Ends of a create that say nothing of whether it was carried out. A create that is carried out
later, when its caller has given up, is one that lists show late.
"""

REFUSALS: Final = ("unconnected", "closed", "429", "422", "403", "404", "402", "401")
"""Ends of a create that was not carried out. That of 402 lets the client read the balance."""

UNREADABLE: Final = ("cut", "empty", "array")
"""Answers that say of what was carried out only that it was."""

CREATE_OUTCOMES: Final = (
    "created",
    "created 200",
    *(f"{loss} {when}" for loss in LOSSES for when in ("before", "after")),
    *REFUSALS,
    *(f"{kind} after" for kind in UNREADABLE),
    "another's before",
    "another's after",
    "nameless after",
)

LIST_OUTCOMES: Final = (
    "shows", "hides", "hides on", "shows all", "hides all", "shows repeated", "nameless", "goes on",
    "circles", "reset", "timeout", "500", "429", "403", "redirect", "garbage", "array", "hook",
    "interrupt", "closed",
)  # fmt: skip


@define(eq=False)
class Server:
    """Carries creates out, and bills them."""

    honours_key: bool
    keeps_lag: bool = True
    """Whether every list shows a run that is LAG seconds old."""
    seconds: float = BEGIN
    runs: list[BilledRun] = field(factory=list[BilledRun])

    def now(self) -> float:
        return self.seconds

    def is_old(self, run: BilledRun) -> bool:
        """Whether every list shows it."""
        return run.maker < 0 or (self.keeps_lag and self.seconds - run.made_at >= LAG)

    def act(self, maker: int, key: str) -> BilledRun:
        """Make the run of this create, once for a key that is honoured."""
        for run in self.runs:
            if self.honours_key and run.key == key:
                return run
        made = BilledRun(maker, key, self.seconds, len(self.runs))
        self.runs.append(made)
        return made

    def post(self, outcome: str, maker: int, key: str, run: BilledRun | None) -> Answer:
        """Answer a create so; `run` is what it made already."""
        kind, _, when = outcome.partition(" ")
        if run is None and (kind == "created" or when == "after"):
            run = self.act(maker, key)
        match kind:
            case "created" if run is not None:
                return respond(int(when or 201), run.shown(REF), method="POST")
            case "nameless" if run is not None:
                return respond(201, run.shown(None), method="POST")
            case "cut":
                return respond(201, b'{"id": "0198', method="POST")
            case "another's":
                stranger = BilledRun(-1, "", 0.0, 999)
                return respond(201, stranger.shown("another's"), method="POST")
            case "double":
                # the answer to the create before, on a connection that was kept
                others = [run for run in self.runs if run.maker != maker]
                return respond(201, others[-1].shown(REF), method="POST")
            case _:
                return _lost(kind, "POST")

    def get(self, outcome: str, cursor: str) -> Answer:
        """Answer a list so, from this cursor on."""
        shown: list[tuple[str, str | None]] = [
            (run.id, REF)
            for run in self.runs
            if outcome in {"shows", "shows all", f"shows {run.maker}"} or self.is_old(run)
        ]
        items: Sequence[tuple[str, str | None]]
        others: list[tuple[str, str | None]] = [(BilledRun(-1, "", 0.0, 900).id, "another's")]
        following = None
        match outcome:
            case "shows" | "hides" | "shows 0" | "shows 1":
                items = shown
            case "shows all" | "hides all":
                items = [*others, *shown]
            case "shows repeated":
                items = [(run.id, REF) for run in self.runs] * 2
            case "nameless":
                items = [(run.id, None) for run in self.runs]
            case "goes on":
                items, following = others, f"{cursor}+"
            case "circles":
                items, following = others, "page-a"
            case "garbage":
                return respond(200, b"<html>", method="GET")
            case _:
                return _lost(outcome, "GET")
        return _page(tuple(reversed(items)), following)

    def state(self) -> object:
        ages = (
            (run.maker, run.number, round(min(self.seconds - run.made_at, LAG), 3))
            for run in self.runs
        )
        return tuple(ages)


class Killed(BaseException):
    """The process of a create has ended in the middle of it."""


@define(eq=False)
class Caller:
    """One create, step by step."""

    number: int
    server: Server
    flow: Generator[Any, Any, Any]
    request: Create
    pending: SendRequest | None = None
    wakes: float = 0.0
    result: Any = None
    error: BaseException | None = None
    outcomes: int = 0
    """How many it was given. The lists of a search that hide the run, but the last, are one."""
    acted: BilledRun | None = None

    @property
    def has_ended(self) -> bool:
        return self.result is not None or self.error is not None

    @property
    def has_begun(self) -> bool:
        return self.pending is not None or self.wakes > 0.0 or self.has_ended

    def begin(self) -> None:
        self._advance(None)

    def wake(self) -> None:
        """Let time go on as far as its sleep lasts."""
        if self.is_asleep:
            self.server.seconds = max(self.server.seconds, self.wakes)
            self._advance(None)

    def interrupt(self) -> None:
        """End its pause by an interruption."""
        self._advance(KeyboardInterrupt())

    def kill(self) -> None:
        """End its process."""
        self.flow.close()
        self.pending, self.error = None, Killed()

    def take(self, outcome: str) -> None:
        """Give its request this outcome."""
        assert self.pending is not None
        key = self.request.idempotency_key
        if outcome == "acts":
            self.acted = self.server.act(self.number, key)
            return
        self.outcomes += 1
        if outcome == "timeout after" and self.acted is None:
            self.acted = self.server.act(self.number, key)
        if outcome.startswith("timeout"):
            left = self.pending.timeout
            self.server.seconds += TIMEOUT if left is None else min(TIMEOUT, left)
        if self.is_creating:
            answer = self.server.post(outcome, self.number, key, self.acted)
        else:
            parameters = self.pending.arguments.get("params", {})
            answer = self.server.get(outcome, str(parameters.get("pq", "")))
        self.acted = None
        self._advance(answer)

    def _advance(self, outcome: object) -> None:
        self.pending = None
        try:
            command = (
                self.flow.throw(outcome)
                if isinstance(outcome, BaseException)
                else self.flow.send(outcome)
            )
        except StopIteration as end:
            self.result = end.value
        except BaseException as error:
            self.error = error
        else:
            if isinstance(command, SendRequest):
                self.pending = command
            else:
                assert isinstance(command, Sleep)
                self.wakes = self.server.seconds + command.seconds

    @property
    def is_asleep(self) -> bool:
        return self.has_begun and self.pending is None and not self.has_ended

    @property
    def is_creating(self) -> bool:
        return self.pending is not None and self.pending.arguments["method"] == "POST"

    @property
    def is_listing(self) -> bool:
        return self.pending is not None and not self.is_creating

    def state(self) -> object:
        if self.has_ended:
            return (
                "ended",
                None if self.result is None else str(self.result.id),
                type(self.error).__name__,
                getattr(self.error, "status", None),
            )
        asleep = round(self.wakes - self.server.seconds, 3) if self.pending is None else 0
        return (state_of(self.flow, self.server.seconds), asleep, self.acted is None, self.outcomes)


Choice = tuple[int, str]
"""Whose turn it is, and what happens: `begin`, or the outcome of a request."""


@frozen
class Scene:
    """What a story is about."""

    honours_key: bool
    count: int = 1
    """How many creates there are."""
    keeps_lag: bool = True
    """Whether every list shows a run that is LAG seconds old."""
    is_shared: bool = False
    """Whether the caller gave the client_ref."""
    is_identified: bool = False
    """Whether it names one run: get_or_create."""
    one_process: bool = True
    older: int = 0
    """How many runs carried it before."""
    on_unknown_outcome: OnUnknownOutcome = "resend"

    def flow(
        self, number: int, server: Server, refs: SharedClientRefs
    ) -> tuple[Generator[Any, Any, Any], Create]:
        """The create of this number."""
        context = Context(server.now, lambda: 0.5, RetryPolicy(attempts=2), client_refs=refs)
        request = Create(
            model="a/b",
            input={},
            client_ref=REF,
            is_shared=self.is_shared,
            idempotency_key=idempotency_key_of(REF) if self.is_identified else f"key-{number}",
            on_unknown_outcome=self.on_unknown_outcome,
        )
        if not self.is_identified:
            return create(context, request), request
        flows = RunFlows[Any](context, PollSchedule(), lambda model, name: model)
        return flows.create(request, look_first=True), request


@define(eq=False)
class Story:
    """The creates and the server, as far as the choices lead."""

    server: Server
    callers: list[Caller]

    @classmethod
    def begin(cls, scene: Scene, choices: list[Choice]) -> "Story":
        """The story after these choices."""
        server = Server(scene.honours_key, scene.keeps_lag)
        for _ in range(scene.older):
            server.runs.append(BilledRun(-1, "", 0.0, len(server.runs)))
        refs = SharedClientRefs()
        callers: list[Caller] = []
        for number in range(scene.count):
            flow, request = scene.flow(
                number, server, refs if scene.one_process else SharedClientRefs()
            )
            callers.append(Caller(number, server, flow, request))
        story = cls(server, callers)
        for choice in choices:
            story.go_on(choice)
        return story

    def go_on(self, choice: Choice) -> None:
        """Let this happen."""
        number, outcome = choice
        caller = self.callers[number]
        match outcome:
            case "begin":
                caller.begin()
                return
            case "begin later":
                self.server.seconds += LAG
                caller.begin()
                return
            case "wake":
                caller.wake()
                return
            case "interrupt asleep":
                caller.interrupt()
                return
            case "kill":
                caller.kill()
                return
            case _:
                pass
        caller.wake()
        if caller.pending is None:
            return
        if outcome != "hides on":
            caller.take(outcome)
            return
        given, settled = caller.outcomes, self.server.seconds + LAG
        while self.server.seconds < settled and caller.is_listing:
            caller.take("hides")
            caller.wake()
        caller.outcomes = given + 1

    def finish(self) -> None:
        """From now on every create is carried out and answered, and lists lag while they may."""
        for caller in self.callers:
            if not caller.has_begun:
                caller.begin()
        while waiting := [caller for caller in self.callers if not caller.has_ended]:
            caller = min(waiting, key=lambda one: one.wakes if one.pending is None else 0.0)
            caller.wake()
            if caller.pending is not None:
                caller.take("created" if caller.is_creating else "hides")

    def state(self) -> int:
        return hash((self.server.state(), tuple(caller.state() for caller in self.callers)))


def walk(
    scene: Scene,
    choices: Callable[[Story], Iterator[Choice]],
    check: Callable[[Story, list[Choice]], None],
) -> tuple[int, int]:
    """Tell every story; give back how many there are and how many states they have.

    `choices` gives what may happen next, nothing where the story is over or long enough: then it is
    finished and checked.
    """
    following: dict[int, list[int]] = {}
    first = Story.begin(scene, [])
    beginning = first.state()
    level: dict[int, tuple[list[Choice], Story]] = {beginning: ([], first)}
    while level:
        deeper: dict[int, tuple[list[Choice], Story]] = {}
        for state, (path, story) in level.items():
            next_choices = list(choices(story))
            following[state] = []
            if not next_choices:
                story.finish()
                check(story, path)
                continue
            for number, choice in enumerate(next_choices, start=1):
                # The last goes on with the story itself, if that is still where it was.
                is_told = number == len(next_choices) and story.state() == state
                child = story if is_told else Story.begin(scene, path)
                child.go_on(choice)
                reached = child.state()
                following[state].append(reached)
                if reached not in following and reached not in level:
                    deeper.setdefault(reached, ([*path, choice], child))
        level = deeper

    @cache
    def count(state: int) -> int:
        return sum(count(child) for child in following[state]) or 1

    return count(beginning), len(following)
