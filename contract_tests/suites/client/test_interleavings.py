"""Threads and tasks in every order with one interruption: what they share stays whole.

Each place where the client takes a lock or a permit is found in its source, and taken out once:
then what its module is tried with must fail.
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Generator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, TypeVar

import pytest
from runflow_api.api.account import get_balance
from runflow_api.http_library import httpx
from runflow_api.models.run import Run as RunModel
from runflow_client import RunflowError
from runflow_client._flows.commands import (
    AwaitChange,
    Context,
    Flow,
    OpenDownload,
    OpenedDownload,
    PutFile,
    Transfer,
    WithLock,
    send,
)
from runflow_client._time import AsyncSystemClock, SystemClock
from runflow_client._transport import locks
from runflow_client._transport.api import ApiRequests
from runflow_client._transport.shared_polling import MIN_WAITERS, SharedPoller
from runflow_client.callbacks.inbox._database import inbox_table, open_engine
from sqlalchemy.event import listens_for

from ..callbacks.deliveries import RUN_ID, encode, event_of
from .conftest import ENDING
from .interleaving import task_cancellations, task_orders, thread_orders
from .locks import LockPlace, loaded, lock_places

HERE = {__file__: Path(__file__).read_text("utf-8")}
Sources = dict[str, str]
T = TypeVar("T")

TURNS = 5
"""Turns of the event loop that an answer takes: enough for every request to begin."""


def _alone(room: list[int]) -> None:
    """Be where one may be at a time: a second finds nothing to take."""
    one = room.pop()
    room.append(one)


def _nothing() -> Flow[None]:
    yield from ()


def keyed_locks(module: ModuleType, sources: Sources) -> None:
    """One at a time holds a key; in the end no lock is kept."""

    async def tasks() -> object:
        keyed, inside = module.AsyncKeyedLocks(), [1]

        async def work() -> None:
            async with keyed.hold("key"):
                one = inside.pop()
                await asyncio.sleep(0)
                inside.append(one)

        await asyncio.gather(work(), work(), work())
        return keyed._locks

    assert all(left == {} for left in task_orders(tasks))

    made: list[Any] = []

    def make() -> list[Callable[[], object]]:
        keyed, inside = module.KeyedLocks(), [1]
        made.append(keyed)

        def work() -> None:
            with keyed.hold("key"):
                _alone(inside)

        return [work, work]

    for _ in thread_orders(make, sources | HERE):
        assert made[-1]._own().by_key == {}


def wakeup(module: ModuleType, sources: Sources) -> None:
    """An event that was delivered reaches whoever waits for it, once."""
    event = event_of(encode())
    woken: list[object] = []
    made: list[Any] = []

    def arriving() -> list[Callable[[], object]]:
        source = module.Wakeup("https://me.test/callbacks")
        woken.clear()

        def wait() -> None:
            early = source.listen(RUN_ID, woken.append)
            if early is not None:
                woken.append(early)

        return [lambda: source.deliver(event), wait]

    for _ in thread_orders(arriving, sources):
        assert woken == [event]

    def leaving() -> list[Callable[[], object]]:
        source = module.Wakeup("https://me.test/callbacks")
        woken.clear()
        made.append(source)
        source.listen(RUN_ID, print)
        return [
            lambda: source.forget(RUN_ID, print),
            lambda: source.listen(RUN_ID, woken.append),
        ]

    for _ in thread_orders(leaving, sources):
        made[-1].deliver(event)
        assert woken == [event]


def shared_client_refs(module: ModuleType, sources: Sources) -> None:
    """A run or batch has one owner, and a create is alone when no other is under way."""
    run = RunModel.from_dict({"id": RUN_ID, "status_code": "queued"})
    got: list[object] = []
    made: list[Any] = []

    def create(creates: Any, key: str) -> Any:
        return module.SharedClientRef("ref", key, creates, ())

    def taking(first: str, second: str) -> Callable[[], list[Callable[[], object]]]:
        def make() -> list[Callable[[], object]]:
            creates = module.SharedClientRefs()
            creates.begin("ref")
            got.clear()

            def take(how: str, key: str) -> None:
                one = create(creates, key)
                taken = one.owns(RUN_ID) if how == "owns" else one.choose([run], whole=True)
                if taken:
                    got.append(key)

            return [lambda: take(first, "a"), lambda: take(second, "b")]

        return make

    for first, second in (("owns", "owns"), ("owns", "choose"), ("choose", "choose")):
        for _ in thread_orders(taking(first, second), sources):
            assert len(got) == 1

    def beginning() -> list[Callable[[], object]]:
        made.append(module.SharedClientRefs())
        return [lambda: made[-1].begin("ref")] * 2

    for _ in thread_orders(beginning, sources):
        made[-1].end("ref", is_lost=False)
        assert create(made[-1], "c").choose([run], whole=True) is run

    def ending() -> list[Callable[[], object]]:
        made.append(module.SharedClientRefs())
        for _ in range(3):
            made[-1].begin("ref")
        return [lambda: made[-1].end("ref", is_lost=False)] * 2

    for _ in thread_orders(ending, sources):
        assert create(made[-1], "c").choose([run], whole=True) is run

    def taking_an_id() -> list[Callable[[], object]]:
        made.append(module.CreatedIds())
        got.clear()
        take = made[-1].take
        return [lambda: got.append(take(RUN_ID, "a")), lambda: got.append(take(RUN_ID, "b"))]

    for _ in thread_orders(taking_an_id, sources):
        assert sorted(map(bool, got)) == [False, True]


class _View:
    """A display that one thread uses at a time, and that is closed when all has ended."""

    def __init__(self) -> None:
        self.inside = [1]
        self.shown: set[str] = set()

    def show(self, state: Any) -> None:
        _alone(self.inside)
        (self.shown.discard if state.has_ended else self.shown.add)(state.id)

    def close(self) -> None:
        _alone(self.inside)


class _State:
    def __init__(self, name: str, has_ended: bool) -> None:
        self.id, self.has_ended = name, has_ended


def progress_display(module: ModuleType, sources: Sources) -> None:
    """Whatever is shown is shown by one thread at a time, and closed when nothing is open."""

    class View(_View):
        def close(self) -> None:
            super().close()
            assert self.shown == set()

    def make() -> list[Callable[[], object]]:
        display = module.ProgressDisplay(View())

        def work(name: str) -> None:
            display(_State(name, False))
            display(_State(name, True))

        return [lambda: work("a"), lambda: work("b")]

    for _ in thread_orders(make, sources):
        pass

    def closing() -> list[Callable[[], object]]:
        display = module.ProgressDisplay(_View())
        return [lambda: display(_State("a", False)), display.close]

    for _ in thread_orders(closing, sources | HERE):
        pass


def driver(module: ModuleType, sources: Sources) -> None:
    """A client belongs to one event loop, and so many requests are under way."""
    origin = ApiRequests("https://api.test", {})
    refused: list[RunflowError] = []

    def make() -> list[Callable[[], object]]:
        made = module.AsyncDriver(httpx.AsyncClient(), AsyncSystemClock(), origin)
        refused.clear()

        def work() -> None:
            try:
                asyncio.run(made.drive(_nothing()))
            except RunflowError as error:
                refused.append(error)

        return [work, work]

    for _ in thread_orders(make, sources, "_check_loop"):
        assert len(refused) == 1

    found: list[object] = []

    def transferring() -> list[Callable[[], object]]:
        blocking = module.Driver(httpx.Client(), SystemClock(), origin)
        found.clear()
        return [lambda: found.append(blocking.transfers)] * 2

    for _ in thread_orders(transferring, sources, "transfers"):
        assert found[0] is found[1]

    async def many() -> tuple[int, int]:
        most = _Most()
        http = httpx.AsyncClient(transport=most)
        made = module.AsyncDriver(http, AsyncSystemClock(), origin)
        count = 2 * module.MAX_CONCURRENT_REQUESTS
        await asyncio.gather(*(made.drive(send(get_balance.build_request())) for _ in range(count)))
        return most.most, count

    most, count = _run(many())
    assert most == count / 2


class _Most(httpx.AsyncBaseTransport):
    """A server that counts how many requests are under way at most."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            for _ in range(TURNS):
                await asyncio.sleep(0)
        finally:
            self.now -= 1
        return httpx.Response(200, content=b"{}")


def _run(work: Coroutine[Any, Any, T]) -> T:
    return next(task_orders(lambda: work))


def storage(module: ModuleType, sources: Sources) -> None:
    """So many transfers are under way, of downloads and of uploads; one at a time has a key."""
    requests = module.StorageRequests("https://api.test", "")

    async def together() -> None:
        room = [1]

        async def drive(flow: Flow[Any]) -> None:
            one = room.pop()
            await asyncio.sleep(0)
            room.append(one)

        made = module.AsyncStorageTransport(None, AsyncSystemClock(), requests, drive)
        await asyncio.gather(*(made.perform(WithLock("key", _nothing())) for _ in range(2)))

    for _ in task_orders(together):
        pass

    async def many(make: Callable[[], Transfer]) -> tuple[int, int]:
        most = _Most()
        http = httpx.AsyncClient(transport=most)
        transport = module.AsyncStorageTransport(lambda: http, AsyncSystemClock(), requests, None)

        async def one() -> None:
            opened = await transport.perform(make())
            if isinstance(opened, OpenedDownload):
                await transport.close(opened)

        count = 2 * module.MAX_CONCURRENT_TRANSFERS
        await asyncio.gather(*(one() for _ in range(count)))
        return most.most, count

    def pieces() -> Generator[bytes, None, None]:
        yield b"a"

    commands: list[Callable[[], Transfer]] = [
        lambda: OpenDownload("https://files.test/a", {}),
        lambda: PutFile("https://files.test/a", pieces, {}, 100.0, lambda size: None),
    ]
    for make in commands:
        most, count = _run(many(make))
        assert most == count / 2

    def threads() -> list[Callable[[], object]]:
        room = [1]
        made = module.StorageTransport(None, SystemClock(), requests, lambda flow: _alone(room))
        return [lambda: made.perform(WithLock("key", _nothing()))] * 2

    # a lock is only waited for where it is looked at
    looked_at = sources | HERE | {locks.__file__: Path(locks.__file__).read_text("utf-8")}
    for _ in thread_orders(threads, looked_at, "perform", "hold", "_alone"):
        pass


def queue(module: ModuleType, sources: Sources) -> None:
    """The table is made once."""
    with TemporaryDirectory() as folder:
        _queue(module, sources, Path(folder))


def _queue(module: ModuleType, sources: Sources, folder: Path) -> None:
    made: list[Any] = []
    statements: list[str] = []
    table = inbox_table("inbox")

    def fresh() -> Any:
        engine = open_engine(folder / f"{len(made)}.sqlite3")
        listens_for(engine, "before_cursor_execute")(lambda *given: statements.append(given[2]))
        statements.clear()
        made.append(
            module.Queue(engine, True, table, module.HandlingPolicy(), lambda: 0.0, lambda: 0.0)
        )
        return made[-1]

    def preparing() -> list[Callable[[], object]]:
        return [fresh().prepare, made[-1].prepare]

    for _ in thread_orders(preparing, sources, "prepare"):
        assert sum("CREATE TABLE" in one for one in statements) == 1
        made[-1].engine.dispose()


def arrivals(module: ModuleType, sources: Sources) -> None:
    """Who is told that nothing was there before waits no longer."""
    one = module.Arrivals()
    one.notify()
    one.wait(0, ENDING)
    one.wait(1, 0.0)
    assert one.count == 1


SCENARIOS: dict[str, Callable[[ModuleType, Sources], None]] = {
    "_flows.client_refs": shared_client_refs,
    "_progress": progress_display,
    "_transport.driver": driver,
    "_transport.locks": keyed_locks,
    "_transport.storage": storage,
    "callbacks._wakeup": wakeup,
    "callbacks.inbox._queue": queue,
    "callbacks.inbox._workers": arrivals,
}

ELSEWHERE = {
    "_transport.skipping_clock": "orders that differ need two pauses that end at one nanosecond",
    "callbacks.inbox._writer": "suites/callbacks/test_group_commit.py stores from threads and "
    "event loops at once, and test_forks.py from processes",
    "_typed_inputs.open_file": "suites/files/test_closed_files.py reads one file in four threads; "
    "a lock that is taken again by its owner cannot be put in order here",
    "bulk._results": "suites/bulk/test_bulk_limits.py counts the items that are under way",
}
"""Modules whose locks are not tried here, and why."""

PLACES = [place for place in lock_places() if place.module not in ELSEWHERE]


def test_every_lock_is_found_and_tried() -> None:
    assert {place.module for place in lock_places()} == {*SCENARIOS, *ELSEWHERE}


interrupted = pytest.mark.skipif(
    sys.version_info >= (3, 12),
    reason="from Python 3.12 on, a function tells its bytecodes only from its second call on",
)


@interrupted
@pytest.mark.parametrize("module", SCENARIOS)
def test_what_is_shared_stays_whole_in_every_order(module: str) -> None:
    SCENARIOS[module](*loaded(module))


@interrupted
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_lock_that_is_taken_out_is_missed(place: LockPlace) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 # whatever goes wrong first
        SCENARIOS[place.module](*loaded(place.module, place))


PERMITS = 2


Use = Callable[[], Coroutine[Any, Any, object]]
Name = Callable[["asyncio.Task[Any]"], None]


def _check_permits(victim: int, using: Callable[[_Most], Use]) -> None:
    """Cancel one of the uses at every moment; as many as before are under way at most after it."""

    async def work(name: Name) -> int:
        most = _Most()
        use = using(most)
        tasks = [asyncio.create_task(use()) for _ in range(2 * PERMITS)]
        name(tasks[victim])
        await asyncio.gather(*tasks, return_exceptions=True)
        most.most = 0
        await asyncio.gather(*(use() for _ in range(2 * PERMITS)))
        return most.most

    found = list(task_cancellations(work))
    assert len(found) > TURNS
    assert set(found) == {PERMITS}


@pytest.mark.parametrize("victim", range(2 * PERMITS))
def test_a_request_that_is_cancelled_at_any_moment_gives_its_permit_back(victim: int) -> None:
    module, _ = loaded("_transport.driver")
    vars(module)["MAX_CONCURRENT_REQUESTS"] = PERMITS

    def using(most: _Most) -> Use:
        http = httpx.AsyncClient(transport=most)
        made = module.AsyncDriver(http, AsyncSystemClock(), ApiRequests("https://api.test", {}))

        async def use() -> None:
            await made.drive(send(get_balance.build_request()))

        return use

    _check_permits(victim, using)


@pytest.mark.parametrize("kind", ["download", "upload"])
@pytest.mark.parametrize("victim", range(2 * PERMITS))
def test_a_transfer_that_is_cancelled_at_any_moment_gives_its_permit_back(
    kind: str, victim: int
) -> None:
    module, _ = loaded("_transport.storage")
    vars(module)["MAX_CONCURRENT_TRANSFERS"] = PERMITS

    def pieces() -> Generator[bytes, None, None]:
        yield b"a"

    def command() -> Transfer:
        url = "https://files.test/a"
        if kind == "download":
            return OpenDownload(url, {})
        return PutFile(url, pieces, {}, 100.0, lambda size: None)

    def using(most: _Most) -> Use:
        http = httpx.AsyncClient(transport=most)
        requests = module.StorageRequests("https://api.test", "")
        transport = module.AsyncStorageTransport(lambda: http, AsyncSystemClock(), requests, None)

        async def use() -> None:
            opened = await transport.perform(command())
            if isinstance(opened, OpenedDownload):
                await transport.close(opened)
                await transport.close(opened)  # its place is given back once

        return use

    _check_permits(victim, using)


class _Polled:
    """Waits for runs that the third list shows ended, on a clock that is moved by its sleepers."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.lists = 0
        context = Context(lambda: self.seconds, lambda: 0.0)
        self.poller = SharedPoller(context, self.list, self.sleep)

    async def sleep(self, seconds: float) -> None:
        until = self.seconds + seconds
        await asyncio.sleep(0)
        self.seconds = max(self.seconds, until)

    async def list(self, flow: Flow[Any]) -> dict[str, dict[str, Any]]:
        flow.close()
        self.lists += 1
        await asyncio.sleep(0)
        status = "succeeded" if self.lists > 2 else "running"
        return {str(n): {"id": str(n), "status_code": status} for n in range(WAITING)}

    async def wait(self, number: int) -> str:
        while True:
            progress = ("running", None, None)
            now = self.seconds
            change = AwaitChange(str(number), progress, None, now + 100.0, now + 1000.0)
            found = await self.poller.watch(change)
            if found is not None:
                return str(found.status_code)
            assert self.seconds < 1000.0, "the list is not read any more"

    def is_as_new(self) -> bool:
        """Whether nobody is waited for and nobody leads."""
        return not self.poller._waiters and self.poller._leader is None


WAITING = MIN_WAITERS + 1


def test_waits_that_share_a_list_end_in_every_order() -> None:
    async def work() -> tuple[list[str], bool]:
        polled = _Polled()
        statuses = await asyncio.gather(*(polled.wait(number) for number in range(WAITING)))
        return statuses, polled.is_as_new()

    assert all(found == (["succeeded"] * WAITING, True) for found in task_orders(work))


@pytest.mark.parametrize("victim", range(WAITING))
def test_a_wait_that_is_cancelled_at_any_moment_leaves_the_others_and_nothing_behind(
    victim: int,
) -> None:
    async def work(name: Name) -> tuple[set[object], bool]:
        polled = _Polled()
        tasks = [asyncio.create_task(polled.wait(number)) for number in range(WAITING)]
        name(tasks[victim])
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        return {one for n, one in enumerate(ended) if n != victim}, polled.is_as_new()

    found = list(task_cancellations(work))
    assert len(found) > 3
    assert all(one == ({"succeeded"}, True) for one in found)
