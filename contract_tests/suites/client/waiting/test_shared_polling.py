"""Many runs waited for together: few requests, nobody lost, whatever the list does. On virtual
time, without a socket.
"""

import asyncio
import gc
import heapq
import json
import weakref
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from attrs import define, field
from runflow_api.models.run import Run as RunModel
from runflow_client import AsyncRun, AsyncRunflow, WaitTimeout
from runflow_client._flows.create_run import Create
from runflow_client._flows.paginate import MAX_PAGE_SIZE
from runflow_client._transport.shared_polling import MIN_WAITERS, max_pages

from ...http_library import httpx
from ..test_memories import is_gone

T = TypeVar("T")

TICKS = 200
"""Turns of the event loop after which nothing is on its way any more: the scripted server answers
at once.
"""


STANDSTILL = 100
"""So many times TICKS without a sleeper mean that nothing goes on any more."""


async def settle() -> None:
    """Let everything go on that can. asyncio has no public way to say that nothing can any more:
    where its list of what is ready is not found, TICKS turns are enough.
    """
    ready = getattr(asyncio.get_running_loop(), "_ready", (None,))
    for _ in range(TICKS):
        await asyncio.sleep(0)
        if not ready:
            return


class VirtualTime:
    """An asynchronous clock that jumps to the next sleeper when everybody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self._count += 1
        awakening: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.seconds + seconds, self._count, awakening))
        await awakening

    async def carry_out(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.create_task(work)
        turns_without_sleepers = 0
        while not task.done():
            await settle()
            turns_without_sleepers = 0 if self._sleepers else turns_without_sleepers + 1
            assert task.done() or turns_without_sleepers < STANDSTILL, (
                "every task waits for another"
            )
            if not task.done() and self._sleepers:
                self.seconds, _, awakening = heapq.heappop(self._sleepers)
                if not awakening.done():
                    awakening.set_result(None)
        return await task


@define
class ListServer:
    """Creates runs that end after a number of seconds, and lists them."""

    time: VirtualTime
    lengths: Callable[[int], float] = lambda number: 10.0
    list_answer: Callable[[int], httpx.Response | None] = lambda number: None
    hides: Callable[[int], bool] = lambda number: False
    list_seconds: float = 0.0
    others: int = 0
    """Runs of other programs, newer than all of these."""
    older: int = 0
    """Runs that were created before."""
    oldest: str | None = None
    """A run that was created before those."""
    runs: dict[str, dict[str, Any]] = field(factory=dict)
    ends: dict[str, float] = field(factory=dict)
    requests: Counter[str] = field(factory=Counter)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.method == "POST":
            self.requests["create"] += 1
            return self.create(json.loads(request.content))
        if path == "/v1/runs":
            self.requests["list"] += 1
            if self.list_seconds:
                await self.time.sleep(self.list_seconds)
            refused = self.list_answer(self.requests["list"])
            return refused or self.list(request)
        self.requests["get"] += 1
        return httpx.Response(200, json=self.state(path.rpartition("/")[2]))

    def create(self, body: dict[str, Any]) -> httpx.Response:
        run_id = str(uuid4())
        number = len(self.runs)
        self.runs[run_id] = {"id": run_id, "client_ref": body["client_ref"], "number": number}
        self.runs[run_id]["created_at"] = "2026-01-01T00:00:00Z"
        self.ends[run_id] = self.time.now() + self.lengths(number)
        return httpx.Response(201, json=self.state(run_id))

    def list(self, request: httpx.Request) -> httpx.Response:
        assert "q" not in request.url.params
        assert request.url.params["sort_by"] == "created_at:desc"
        newest_first = list(reversed(self.runs))
        shown = [run_id for run_id in newest_first if not self.hides(self.runs[run_id]["number"])]
        shown = ["newer"] * self.others + shown + ["older"] * self.older
        if self.oldest is not None:
            shown.remove(self.oldest)
            shown.append(self.oldest)
        start = int(request.url.params.get("pq", 0))
        end = start + int(request.url.params["limit"])
        following = str(end) if end < len(shown) else None
        fields = set(request.url.params["fields"].split(","))
        states = [self.state(run_id) for run_id in shown[start:end]]
        items = [
            {name: value for name, value in state.items() if name in fields} for state in states
        ]
        return httpx.Response(
            200, json={"items": items, "first": None, "next": following, "previous": None}
        )

    def state(self, run_id: str) -> dict[str, Any]:
        if run_id not in self.runs:
            year = 2027 if run_id == "newer" else 2025
            return {
                "id": str(uuid4()),
                "status_code": "running",
                "created_at": f"{year}-01-01T00:00:00Z",
            }
        ended = self.time.now() >= self.ends[run_id]
        if not ended:
            return {**self.runs[run_id], "status_code": "running"}
        output = {"image_urls": [f"https://files.test/{run_id}.png"]}
        return {
            **self.runs[run_id],
            "status_code": "succeeded",
            "output": output,
            "cost": "0.15",
            "duration_ms": 7,
        }


def carry_out(
    time: VirtualTime, server: ListServer, work: Callable[[AsyncRunflow], Awaitable[T]]
) -> T:
    async def scenario() -> T:
        http = httpx.AsyncClient(transport=httpx.MockTransport(server))
        async with (
            http,
            AsyncRunflow(
                "rf_live_x", base_url="https://api.test", http_client=http, clock=time
            ) as client,
        ):
            return await work(client)

    return asyncio.run(time.carry_out(scenario()))


def run_many(time: VirtualTime, server: ListServer, count: int, **options: Any) -> list[AsyncRun]:
    async def work(client: AsyncRunflow) -> list[AsyncRun]:
        return await asyncio.gather(*(client.run("a/b", {"n": n}, **options) for n in range(count)))

    return carry_out(time, server, work)


def test_a_thousand_runs_are_waited_for_with_few_requests() -> None:
    time = VirtualTime()
    server = ListServer(time, lengths=lambda number: 5.0 + number % 20)
    runs = run_many(time, server, 1000)
    assert sorted(run.id for run in runs) == sorted(server.runs)
    assert {(run.model_name, run.status) for run in runs} == {("a/b", "succeeded")}
    assert server.requests["create"] == 1000
    assert server.requests["list"] + server.requests["get"] <= 150


def test_runs_on_later_pages_are_found_too() -> None:
    time = VirtualTime()
    server = ListServer(time, lengths=lambda number: 20.0 + number % 7)
    runs = run_many(time, server, MAX_PAGE_SIZE + 200, client_ref="mine")
    assert sorted(run.id for run in runs) == sorted(server.runs)
    assert server.requests["get"] < MAX_PAGE_SIZE / 10


def test_a_run_comes_back_soon_after_its_end() -> None:
    time = VirtualTime()
    server = ListServer(time, lengths=lambda number: 5.0 + number * 0.37)

    async def work(client: AsyncRunflow) -> list[float]:
        async def lag(number: int) -> float:
            run = await client.run("a/b", {"n": number})
            return time.now() - server.ends[run.id]

        return await asyncio.gather(*(lag(number) for number in range(50)))

    assert max(carry_out(time, server, work)) <= 1.5


def test_two_thousand_newer_runs_of_others_cost_a_few_pages_a_list() -> None:
    time = VirtualTime()
    server = ListServer(time, lengths=lambda number: 10.0, others=2000)
    assert len(run_many(time, server, 1000)) == 1000
    assert server.requests["get"] < MIN_WAITERS
    assert server.requests["list"] <= 12 * (2 + 4)


@pytest.mark.parametrize("count", [MIN_WAITERS, 40, 200])
def test_runs_behind_too_many_of_others_are_read_singly_and_the_list_is_left_alone(
    count: int,
) -> None:
    time = VirtualTime()
    server = ListServer(time, lengths=lambda number: 60.0, others=20_000)
    assert len(run_many(time, server, count)) == count
    # after 2, 4, 8, 16 and 32 seconds, and each time not over the bound
    assert server.requests["list"] <= 6 * max_pages(count)
    assert server.requests["get"] <= count * (60 / 3 + 5)


def test_a_list_that_may_have_more_pages_is_not_put_off_by_a_shorter_one_that_missed() -> None:
    time = VirtualTime()
    server = ListServer(time, lengths=lambda number: 60.0, others=2000)

    async def work(client: AsyncRunflow) -> None:
        few = [asyncio.create_task(client.run("a/b", {"n": n})) for n in range(2 * MIN_WAITERS)]
        await time.sleep(20)
        read_before = server.requests["get"]
        many = [asyncio.create_task(client.run("a/b", {"n": n})) for n in range(40)]
        await time.sleep(30)
        assert server.requests["get"] - read_before < 60
        await asyncio.gather(*few, *many)

    carry_out(time, server, work)


def test_a_list_goes_back_no_further_than_to_the_oldest_that_is_waited_for() -> None:
    time = VirtualTime()
    server = ListServer(time, hides=lambda number: number == 0, older=20_000)
    assert len(run_many(time, server, 40)) == 40
    assert server.requests["list"] <= 12


@pytest.mark.parametrize("created_at", [None, "2024-01-01T00:00:00Z"])
def test_a_list_goes_on_to_a_run_that_is_older_than_the_others(created_at: str | None) -> None:
    """Whether its creation is known or not: a list that ends before never shows it."""
    time = VirtualTime()
    server = ListServer(time, lengths=lambda number: 40.0)

    async def work(client: AsyncRunflow) -> None:
        old = await client.submit("a/b", {"n": 0})
        server.older = MAX_PAGE_SIZE
        server.oldest = old.id
        server.runs[old.id]["created_at"] = created_at
        others = [client.run("a/b", {"n": n}) for n in range(1, 100)]
        await asyncio.gather(client.runs.attach(old.id).wait(), *others)

    carry_out(time, server, work)
    assert server.requests["get"] <= 2 * MIN_WAITERS


def test_how_many_pages_a_list_may_have() -> None:
    waiters = [4, 8, 100, 500, 501, 1000, 10_000]
    assert [max_pages(count) for count in waiters] == [1, 2, 13, 17, 18, 18, 36]


@pytest.mark.parametrize("fails", [lambda number: False, lambda number: number % 3 == 0])
@pytest.mark.parametrize("hidden", [1, 2, 1000])
@pytest.mark.parametrize("list_seconds", [0.0, 0.4])
def test_no_wait_outlives_its_deadline(
    hidden: int, list_seconds: float, fails: Callable[[int], bool]
) -> None:
    """Whether the list shows the run or not, is slow or fails: no pause is waited twice."""
    time = VirtualTime()
    refused = httpx.Response(503, json={"code": "X", "message": "no"})
    server = ListServer(
        time,
        lengths=lambda number: 1e9,
        list_answer=lambda number: refused if fails(number) else None,
        hides=lambda number: number % hidden == 0,
        list_seconds=list_seconds,
    )

    async def work(client: AsyncRunflow) -> list[float]:
        async def late(number: int) -> float:
            deadline = time.now() + 3.0 + number * 0.17
            with pytest.raises(WaitTimeout):
                await client.run("a/b", {"n": number}, timeout=deadline - time.now())
            return time.now() - deadline

        return await asyncio.gather(*(late(number) for number in range(100)))

    assert max(carry_out(time, server, work)) <= 1.0


def test_during_a_slow_list_no_run_is_read_singly() -> None:
    time = VirtualTime()
    server = ListServer(time, lengths=lambda number: 20.0 + number % 7, list_seconds=0.4)
    assert len(run_many(time, server, 100)) == 100
    assert server.requests["get"] < MIN_WAITERS  # the first ones were alone


def test_after_a_refused_list_all_runs_are_read_singly() -> None:
    time = VirtualTime()
    server = ListServer(
        time, list_answer=lambda number: httpx.Response(422, json={"code": "X", "message": "no q"})
    )
    runs = run_many(time, server, 20)
    assert len(runs) == 20
    assert server.requests["list"] == 1
    assert server.requests["get"] >= 20


@pytest.mark.parametrize("status", [307, 429, 500, 503])
def test_a_list_in_trouble_is_waited_out(status: int) -> None:
    time = VirtualTime()
    said: Any = {"json": {"code": "X", "message": "no"}, "headers": {"Location": "https://a.test/"}}
    server = ListServer(
        time,
        list_answer=lambda number: httpx.Response(status, **said) if number < 6 else None,
    )
    assert len(run_many(time, server, 20)) == 20
    assert server.requests["get"] < MIN_WAITERS  # the first ones were alone


def test_runs_that_the_list_does_not_show_are_read_singly() -> None:
    time = VirtualTime()
    server = ListServer(time, hides=lambda number: number % 5 == 0)
    runs = run_many(time, server, 20)
    assert len({run.id for run in runs}) == 20
    assert server.requests["get"] >= 4


def test_an_unknown_status_ends_the_wait_when_the_list_shows_it_completed() -> None:
    time = VirtualTime()

    def dreaming(number: int) -> httpx.Response:
        items = [
            {"id": run_id, "status_code": "dreaming"}
            | ({"completed_at": "2026-01-01T00:01:00Z"} if time.now() >= end else {})
            for run_id, end in server.ends.items()
        ]
        return httpx.Response(200, json={"items": items, "next": None})

    server = ListServer(time, list_answer=dreaming)
    assert {run.status for run in run_many(time, server, 20)} == {"dreaming"}


def test_when_the_leader_is_cancelled_another_takes_over() -> None:
    time = VirtualTime()
    server = ListServer(time, lengths=lambda number: 30.0)

    async def work(client: AsyncRunflow) -> list[object]:
        tasks = [asyncio.create_task(client.run("a/b", {"n": n})) for n in range(20)]
        await time.sleep(5)
        for task in tasks[:10]:
            task.cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    results = carry_out(time, server, work)
    assert all(isinstance(result, asyncio.CancelledError) for result in results[:10])
    assert all(isinstance(result, AsyncRun) for result in results[10:])


def test_when_the_next_leaders_are_cancelled_too_another_takes_over() -> None:
    time = VirtualTime()
    server = ListServer(time, lengths=lambda number: 30.0)

    async def work(client: AsyncRunflow) -> list[object]:
        tasks = [asyncio.create_task(client.run("a/b", {"n": n})) for n in range(20)]
        await time.sleep(5)
        for task in tasks[:10]:  # the leader is among them, and then each that takes over
            task.cancel()
            await asyncio.sleep(0)
        return await asyncio.gather(*tasks, return_exceptions=True)

    results = carry_out(time, server, work)
    assert all(isinstance(result, AsyncRun) for result in results[10:])
    assert time.now() <= 32.0


def kept_of_runs() -> int:
    """Count what runs have in memory. By type: an object may say that it is of another class."""
    return sum(issubclass(type(held), AsyncRun | RunModel | Create) for held in gc.get_objects())


def test_a_run_that_is_waited_for_keeps_neither_its_request_nor_its_states() -> None:
    time = VirtualTime()
    server = ListServer(time, lengths=lambda number: 30.0)

    async def work(client: AsyncRunflow) -> int:
        tasks = [asyncio.create_task(client.run("a/b", {"n": n})) for n in range(100)]
        await time.sleep(10)
        gc.collect()
        kept = kept_of_runs()
        await asyncio.gather(*tasks)
        return kept

    gc.freeze()  # what was there before is not looked through: in a large process it takes seconds
    try:
        assert carry_out(time, server, work) < 10
    finally:
        gc.unfreeze()


def test_a_run_that_is_waited_for_keeps_no_argument_of_its_call() -> None:
    time = VirtualTime()
    server = ListServer(time, lengths=lambda number: 30.0)

    class Progress:
        def __call__(self, sent: int, total: int | None) -> None:
            """Show nothing."""

    async def work(client: AsyncRunflow) -> bool:
        progress = Progress()
        task = asyncio.create_task(client.run("a/b", {"n": 1}, upload_progress=progress))
        kept = weakref.ref(progress)
        del progress
        await time.sleep(10)
        found = is_gone(kept)
        await task
        return found

    assert carry_out(time, server, work)


def test_each_has_its_own_deadline() -> None:
    time = VirtualTime()
    server = ListServer(time, lengths=lambda number: 1e9)

    async def work(client: AsyncRunflow) -> list[tuple[object, float]]:
        async def wait(number: int) -> tuple[object, float]:
            try:
                return await client.run("a/b", {"n": number}, timeout=10.0 + number), time.now()
            except WaitTimeout as error:
                return error, time.now()

        return await asyncio.gather(*(wait(number) for number in range(20)))

    results = carry_out(time, server, work)
    assert len(results) == 20
    for number, (result, moment) in enumerate(results):
        assert isinstance(result, WaitTimeout)
        assert 10 + number <= moment <= 12 + number
        assert result.state.id == result.id
        assert (result.state.status, result.state.client_ref) == (
            "running",
            server.runs[result.id]["client_ref"],
        )


def test_updates_reach_each_waiter() -> None:
    time = VirtualTime()
    server = ListServer(time)
    heard: Counter[str] = Counter()
    run_many(time, server, 10, on_update=lambda run: heard.update([run.status]))
    assert heard == {"running": 10, "succeeded": 10}


def test_several_may_wait_for_one_run() -> None:
    time = VirtualTime()
    server = ListServer(time, lengths=lambda number: 10.0 + number)

    async def work(client: AsyncRunflow) -> list[tuple[str, float]]:
        handles = [await client.submit("a/b", {"n": n}) for n in range(6)]

        async def wait(number: int) -> tuple[str, float]:
            return (await handles[number].wait()).id, time.now()

        waits = [asyncio.create_task(wait(number)) for number in (*range(6), *range(6), 3)]
        await time.sleep(5.0)
        waits.pop().cancel()  # the others that wait for the same run go on
        return await asyncio.gather(*waits)

    waited = carry_out(time, server, work)
    assert [run_id for run_id, _ in waited] == [*server.runs, *server.runs]
    assert all(moment <= server.ends[run_id] + 4.5 for run_id, moment in waited)


def test_runs_of_which_the_list_shows_no_status_are_read_singly() -> None:
    time = VirtualTime()

    def blind(number: int) -> httpx.Response:
        items = [{"id": run_id, "status_code": None} for run_id in server.runs]
        return httpx.Response(200, json={"items": items, "next": None})

    server = ListServer(time, list_answer=blind)
    assert {run.status for run in run_many(time, server, 20)} == {"succeeded"}


def test_the_list_leaves_the_server_alone_for_as_long_as_it_asks_but_not_beyond_a_deadline() -> (
    None
):
    time = VirtualTime()
    busy = httpx.Response(
        429, json={"code": "RATE_LIMITED", "message": "slow"}, headers={"Retry-After": "30"}
    )
    server = ListServer(time, list_answer=lambda number: busy if time.now() < 60.0 else None)
    asked = server.requests

    async def work(client: AsyncRunflow) -> list[tuple[object, float]]:
        async def wait(timeout: float | None) -> tuple[object, float]:
            handle = await client.submit("a/b", {})
            try:
                return await handle.wait(timeout), time.now()
            except WaitTimeout as error:
                return error, time.now()

        waits = [asyncio.create_task(wait(timeout)) for timeout in [None] * 8 + [20.0]]
        await time.sleep(10.0)
        late = asyncio.create_task(wait(7.0))  # joins while no list is read
        return [*await asyncio.gather(*waits), await late]

    *patient, (hasty, soon), (late, later) = carry_out(time, server, work)
    assert all(isinstance(run, AsyncRun) for run, _ in patient)
    assert isinstance(hasty, WaitTimeout)
    assert isinstance(late, WaitTimeout)
    assert 20.0 <= soon <= 22.0
    assert 17.0 <= later <= 19.0
    assert asked["list"] <= 15


def test_a_single_handle_is_read_singly() -> None:
    time = VirtualTime()
    server = ListServer(time)

    async def work(client: AsyncRunflow) -> AsyncRun:
        handle = await client.submit("a/b", {})
        return await client.runs.attach(UUID(handle.id)).wait()

    assert carry_out(time, server, work).status == "succeeded"
