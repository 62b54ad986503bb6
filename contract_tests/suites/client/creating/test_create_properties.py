"""Many creates at random, in virtual time, through real clients of both colours: several clients of
one or two processes, the key honoured and ignored, lists that lag up to six seconds, lost, late and
repeated answers, clocks that are wrong, machines that sleep, processes that are killed. `make
property-creates` tries a hundred thousand of them.
"""

import asyncio
import json
import os
import selectors
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

import pytest
from attrs import define, field
from runflow_client import AsyncRunflow, Runflow, RunflowError
from runflow_client._flows.find_lost_run import SEARCH_SECONDS

from ...http_library import httpx

CREATES: Final = int(os.environ.get("RUNFLOW_PROPERTY_CREATES", "3000"))
"""Creates in all."""

OF_ONE_SCENE: Final = 12

NAP: Final = 90.0
"""Seconds for which a machine sleeps now and then."""


@define(eq=False)
class Billed:
    """A run in the ledger."""

    id: str
    key: str
    client_ref: str
    made_at: float
    shown_at: float


@define(eq=False)
class World:
    """The server, its time, and what the network does to requests."""

    random: Random
    honours_key: bool = False
    loss: float = 0.0
    slowness: float = 0.0
    seconds: float = 0.0
    skew: timedelta = timedelta()
    runs: list[Billed] = field(factory=list[Billed])
    late: list[tuple[float, dict[str, Any], str]] = field(factory=list[Any])
    """Creates that are carried out after their caller has given up."""
    processes: int = 1
    """Clients of different processes know nothing of each other."""
    too_slow: set[str] = field(factory=set[str])
    """Keys of creates of which a run may show later than the document allows for."""

    @classmethod
    def of(cls, seed: int) -> "World":
        random = Random(seed)
        return cls(
            random,
            honours_key=random.random() < 0.5,
            loss=random.choice([0.1, 0.3, 0.6]),
            slowness=random.choice([0.0, 2.0, 4.9, 6.0]),
            skew=timedelta(seconds=random.choice([0, -7, 7, 3600, -86400])),
            processes=random.choice([1, 1, 2]),
        )

    def address(self, seed: int, number: int) -> str:
        """Where the client of this number finds the server: what clients of one process know of
        each other they know by the address.
        """
        return f"https://api-{seed}-{number % self.processes}.test"

    def pass_time(self, seconds: float) -> None:
        self.seconds += seconds
        for moment, body, key in [one for one in self.late if one[0] <= self.seconds]:
            self.late.remove((moment, body, key))
            self.make(body, key, moment)

    def make(self, body: dict[str, Any], key: str, moment: float, late: float = 0.0) -> Billed:
        for run in self.runs:
            if self.honours_key and run.key == key:
                return run
        lag = self.random.uniform(0.0, self.slowness)
        if late + lag >= SEARCH_SECONDS - 0.2:
            self.too_slow.add(key)
        run_id = str(UUID(int=self.random.getrandbits(128), version=4))
        made = Billed(run_id, key, body["client_ref"], moment, moment + lag)
        self.runs.append(made)
        return made

    def show(self, run: Billed) -> dict[str, Any]:
        created = datetime.now(UTC) + self.skew
        return {
            "id": run.id,
            "status_code": "queued",
            "client_ref": run.client_ref,
            "created_at": created.isoformat(),
        }

    def answer(self, request: httpx.Request) -> httpx.Response | Exception:
        """What comes of this request, by chance."""
        if request.method == "GET":
            return self._list(request)
        body, key = json.loads(request.content), request.headers["Idempotency-Key"]
        if self.random.random() >= self.loss:
            return _answer(request, 201, self.show(self.make(body, key, self.seconds)))
        fate = self.random.choice(["before", "after", "after", "late"])
        if fate == "after":
            self.make(body, key, self.seconds)
        elif fate == "late":
            late = self.random.uniform(0.0, self.slowness)
            if late + self.slowness >= SEARCH_SECONDS - 0.2:
                self.too_slow.add(key)
            self.late.append((self.seconds + late, body, key))
        ends: list[httpx.Response | Exception] = [
            httpx.ReadError("reset"),
            httpx.ReadTimeout("slow"),
            httpx.RemoteProtocolError("closed"),
            ValueError("a hook"),
            *(_answer(request, status, {"code": "X"}) for status in (500, 502, 503, 409, 425)),
            _answer(request, 502, "<html>"),
            httpx.Response(201, content=b'{"id": "0', request=request),
        ]
        return self.random.choice(ends)

    def _list(self, request: httpx.Request) -> httpx.Response | Exception:
        if self.random.random() < self.loss / 3:
            if self.random.random() < 0.5:
                return httpx.ReadError("reset")
            return _answer(request, 503, {"code": "X"})
        wanted = request.url.params.get("q", "").split("'")[1]
        ignores_filter = self.random.random() < 0.1
        items = [
            self.show(run)
            for run in self.runs[::-1]
            if run.shown_at <= self.seconds and (ignores_filter or run.client_ref == wanted)
        ]
        return _answer(request, 200, {"items": items, "next": None})


def _answer(request: httpx.Request, status: int, body: object) -> httpx.Response:
    return httpx.Response(
        status,
        json=body,
        headers={"Date": "Wed, 06 May 2020 10:00:00 GMT"},
        request=request,
    )


@define(eq=False)
class Connection:
    """A kept connection, on which a proxy may send the answer to a create twice."""

    world: World
    left: httpx.Response | None = None

    def answer(self, request: httpx.Request) -> httpx.Response:
        found = self.world.answer(request)
        left, self.left = self.left, None
        if isinstance(found, Exception):
            raise found
        if left is not None:
            return httpx.Response(left.status_code, content=left.content, request=request)
        if request.method == "POST" and self.world.random.random() < 0.1:
            self.left = found
        return found


class Transport(httpx.BaseTransport):
    """The network of a synchronous client."""

    def __init__(self, world: World) -> None:
        self._connection = Connection(world)
        self._world = world

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._world.pass_time(self._world.random.uniform(0.0, 0.1))
        return self._connection.answer(request)


class AsyncTransport(httpx.AsyncBaseTransport):
    """The network of an asynchronous client."""

    def __init__(self, world: World) -> None:
        self._connections = [Connection(world) for _ in range(3)]
        self._world = world

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(self._world.random.uniform(0.0, 0.1))
        return self._world.random.choice(self._connections).answer(request)


@define(eq=False)
class Clock:
    """A client's clock: begins anywhere, and the machine may sleep meanwhile."""

    world: World
    offset: float

    def now(self) -> float:
        return self.world.seconds + self.offset

    def sleep(self, seconds: float) -> None:
        nap = self.world.random.choice([0.0] * 30 + [NAP])
        self.world.pass_time(seconds + nap)
        if self.world.random.random() < 0.5:
            self.offset -= nap  # this clock stands while the machine sleeps


@define
class Outcome:
    """What one logical create came to."""

    key: str
    client_ref: str | None
    run_id: str | None = None
    error: BaseException | None = None


def judge(world: World, outcomes: list[Outcome]) -> int:
    """Hold the ledger against what the callers were told. Gives back how many were billed twice,
    which only a late list may cause.
    """
    world.pass_time(1000.0)
    twice = 0
    given = [outcome.run_id for outcome in outcomes if outcome.run_id is not None]
    if world.processes == 1:
        assert len(given) == len(set(given)), "one run was given to two callers"
    shared_and_late = {run.client_ref for run in world.runs if run.key in world.too_slow}
    for outcome in outcomes:
        billed = [run for run in world.runs if run.key == outcome.key]
        beyond = outcome.key in world.too_slow and not world.honours_key
        assert len(billed) <= 1 or beyond, "billed twice"
        twice += len(billed) > 1
        if outcome.run_id is not None:
            mine = outcome.run_id in {run.id for run in billed}
            is_shared = world.processes > 1 and outcome.client_ref is not None
            assert mine or is_shared or outcome.client_ref in shared_and_late, "another's run"
            is_named = {run.id for run in billed} <= {*given}
            assert is_named or outcome.client_ref in shared_and_late or beyond, "nobody's run"
        elif billed:
            error = outcome.error
            assert isinstance(error, RunflowError)
            assert (error.client_ref, error.idempotency_key) == (
                billed[0].client_ref,
                outcome.key,
            ), error
    return twice


def plan(world: World) -> list[tuple[str, str | None]]:
    """The key of each create of a scene, and the client_ref where the caller gives it."""
    return [
        (
            f"key-{number}-{world.random.getrandbits(32)}",
            world.random.choice([None, None, "shared-1", "shared-2"]),
        )
        for number in range(OF_ONE_SCENE)
    ]


def options(key: str, client_ref: str | None) -> dict[str, Any]:
    named = {} if client_ref is None else {"client_ref": client_ref}
    return {"idempotency_key": key, **named}


def scene(seed: int) -> int:
    """Some creates by three synchronous clients."""
    world = World.of(seed)
    clients = [
        Runflow(
            "rf_live_x",
            base_url=world.address(seed, number),
            http_client=httpx.Client(transport=Transport(world)),
            clock=Clock(world, world.random.uniform(0, 1e6)),
        )
        for number in range(3)
    ]
    outcomes: list[Outcome] = []
    for key, client_ref in plan(world):
        outcome = Outcome(key, client_ref)
        outcomes.append(outcome)
        client = world.random.choice(clients)
        try:
            outcome.run_id = client.submit("a/b", {"x": 1}, **options(key, client_ref)).id
        except RunflowError as error:
            outcome.error = error
    return judge(world, outcomes)


class _VirtualSelector(selectors.DefaultSelector):
    """Lets time pass at once."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> Any:
        if timeout is not None and timeout > 0:
            self.loop.seconds += timeout
            timeout = 0
        return super().select(timeout)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in which nothing is waited for."""

    def __init__(self) -> None:
        self.seconds = 0.0
        selector = _VirtualSelector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.seconds


@define(eq=False)
class AsyncClock:
    """An asynchronous client's clock. Where the machine sleeps, all its tasks do."""

    world: World
    offset: float

    def now(self) -> float:
        return asyncio.get_running_loop().time() + self.offset

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self.world.random.random() < 0.03:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, VirtualLoop)
            loop.seconds += NAP


@define(eq=False)
class LoopWorld(World):
    """The server of a scene whose time is the event loop's."""

    def answer(self, request: httpx.Request) -> httpx.Response | Exception:
        self.pass_time(asyncio.get_running_loop().time() - self.seconds)
        return super().answer(request)


async def async_scene(seed: int) -> int:
    """Some creates at once by three asynchronous clients."""
    world = LoopWorld.of(seed)
    world.seconds = asyncio.get_running_loop().time()
    clients = [
        AsyncRunflow(
            "rf_live_x",
            base_url=world.address(seed, number),
            http_client=httpx.AsyncClient(transport=AsyncTransport(world)),
            clock=AsyncClock(world, world.random.uniform(0, 1e6)),
        )
        for number in range(3)
    ]

    async def submit(key: str, client_ref: str | None) -> Outcome:
        outcome = Outcome(key, client_ref)
        await asyncio.sleep(world.random.uniform(0.0, 8.0))
        client = world.random.choice(clients)
        try:
            handle = await client.submit("a/b", {"x": 1}, **options(key, client_ref))
            outcome.run_id = handle.id
        except RunflowError as error:
            outcome.error = error
        return outcome

    outcomes = await asyncio.gather(*(submit(*one) for one in plan(world)))
    return judge(world, outcomes)


def play(seeds: range) -> int:
    return sum(scene(seed) for seed in seeds)


def play_async(seeds: range) -> int:
    async def all_of_them() -> int:
        return sum([await async_scene(1_000_000 + seed) for seed in seeds])

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(all_of_them())


@pytest.mark.parametrize("played", [play, play_async])
@pytest.mark.parametrize("part", range(4))
def test_at_most_one_run_is_billed_for_each_create_and_each_is_named(
    played: Callable[[range], int], part: int
) -> None:
    scenes = CREATES // 8 // OF_ONE_SCENE + 1
    twice = played(range(part * scenes, (part + 1) * scenes))
    assert twice <= scenes  # rare, and only where judge allows it


class KilledTransport(Transport):
    """The network of a process that may be killed when a create was answered."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._random = world.random

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if request.method == "POST" and self._random.random() < 0.5:
            raise SystemExit
        return answer


def test_a_process_that_was_killed_continues_with_the_same_run() -> None:
    killed = 0
    for seed in range(2_000_000, 2_000_000 + CREATES // 10):
        world = World.of(seed)
        world.loss /= 2
        found = set[str]()
        for process in range(3):
            client = Runflow(
                "rf_live_x",
                base_url=f"https://api-{seed}-{process}.test",
                http_client=httpx.Client(transport=KilledTransport(world)),
                clock=Clock(world, 0.0),
            )
            try:
                handle = client.runs.get_or_create("a/b", {"x": 1}, client_ref="order-7")
                found.add(handle.id)
            except RunflowError:
                pass
            except SystemExit:
                killed += 1
            world.pass_time(10.0)
        billed = [run.id for run in world.runs]
        assert len(billed) <= 1 or (world.too_slow and not world.honours_key)
        assert found <= set(billed)
    assert killed
