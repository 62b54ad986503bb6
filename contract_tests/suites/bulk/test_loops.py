"""What a loop over a bulk run does around it: to signals, the items, and the caller's client."""

import asyncio
import os
import signal
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from runflow_api.http_library import httpx
from runflow_client import RetryPolicy, bulk

from .bulk_stories import HANGS, MODEL, Clock, Server, make_client
from .bulk_story_list import items

Act = Callable[[bulk.ItemResult], object]
Loop = Callable[[bulk.BulkRun, Act], None]

AHEAD: Final = 7
"""Items that two at once are read ahead at most: two at work, two results that wait, one that is
read, and two that are handed over.
"""


def loop(started: bulk.BulkRun, act: Act) -> None:
    for result in started:
        act(result)


def awaited_loop(started: bulk.BulkRun, act: Act) -> None:
    async def work() -> None:
        async for result in started:
            act(result)

    asyncio.run(asyncio.wait_for(work(), HANGS))


LOOPS: Final = pytest.mark.parametrize("each", [loop, awaited_loop])


def serving(folder: Path, kind: type[Server] = Server) -> Server:
    log: list[str] = []
    return kind(log, Clock(log), [], {}, folder / "j.sqlite")


def bulk_run(server: Server, given: Any, **options: Any) -> bulk.BulkRun:
    return bulk.run(
        MODEL,
        given,
        **{
            "journal": server.journal,
            "client": partial(make_client, [], server, RetryPolicy()),
            "clock": server.clock,
            "concurrency": 1,
            **options,
        },
    )


@LOOPS
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_stops_it_and_the_next_one_is_the_callers(
    tmp_path: Path, number: signal.Signals, each: Loop
) -> None:
    came: list[int] = []

    def mine(number: int, frame: object) -> None:
        came.append(number)

    def kill_twice(result: bulk.ItemResult) -> None:
        if result.key == "a":
            os.kill(os.getpid(), number)
            assert came == []
            os.kill(os.getpid(), number)

    before = {one: signal.signal(one, mine) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        started = bulk_run(serving(tmp_path), items(*"abcde")(tmp_path))
        with pytest.raises(bulk.BulkStopped, match=f"{number.name} came") as stopped:
            each(started, kill_twice)
        assert [signal.getsignal(one) for one in before] == [mine, mine]
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    assert (stopped.value.reason, came) == (number.name, [number])
    assert stopped.value.summary.done < 5


@LOOPS
def test_no_item_is_read_once_it_is_told_to_stop(tmp_path: Path, each: Loop) -> None:
    read: list[str] = []

    def many() -> Iterator[bulk.Item]:
        for number in range(2000):
            read.append(f"k{number:04}")
            yield bulk.Item(read[-1], {"prompt": "x"})

    started = bulk_run(serving(tmp_path), many(), concurrency=2)
    with pytest.raises(bulk.BulkStopped) as stopped:
        each(started, lambda result: started.stop())
    assert stopped.value.reason == "stop"
    assert len(read) <= AHEAD + 2


def test_items_wait_until_results_are_taken(tmp_path: Path) -> None:
    read: list[str] = []

    async def many() -> AsyncIterator[bulk.Item]:
        for number in range(30):
            read.append(f"k{number:04}")
            yield bulk.Item(read[-1], {"prompt": "x"})

    async def work() -> None:
        taken = 0
        async for _ in bulk_run(serving(tmp_path), many(), concurrency=2):
            taken += 1
            for _ in range(300 if taken == 1 else 0):  # so long that all could end meanwhile
                await asyncio.sleep(0)
            assert len(read) <= taken + AHEAD
        assert taken == len(read) == 30

    asyncio.run(work())


Made = list[weakref.ref[object]]


def count_alive(made: Made) -> int:
    return sum(one() is not None for one in made)


def watched_items(made: Made, alive: list[int]) -> Iterator[bulk.Item]:
    """Note each item, and how many are alive when it is made."""
    for number in range(30):
        item = bulk.Item(f"k{number:04}", {"prompt": "x"})
        made.append(weakref.ref(item))
        alive.append(count_alive(made))
        yield item


@pytest.mark.parametrize("in_order", [False, True])
def test_items_and_results_are_let_go_once_they_are_taken(tmp_path: Path, in_order: bool) -> None:
    made, alive = Made(), list[int]()

    def note(result: bulk.ItemResult) -> None:
        made.append(weakref.ref(result))
        alive.append(count_alive(made))

    given = watched_items(made, alive)
    awaited_loop(bulk_run(serving(tmp_path), given, concurrency=2, in_order=in_order), note)
    assert len(made) == 60
    assert max(alive) <= 2 * AHEAD


def test_a_client_of_the_caller_stays_open(tmp_path: Path) -> None:
    async def work() -> None:
        server = serving(tmp_path)
        async with make_client([], server, RetryPolicy()) as client:
            given = items("a")(tmp_path)
            (result,) = [one async for one in bulk_run(server, given, client=client)]
            assert (await client.runs.get(str(result.run_id))).status == "succeeded"

    asyncio.run(work())


def test_a_plan_lets_go_of_items_that_it_has_counted() -> None:
    made, alive = Made(), list[int]()

    assert bulk.plan(MODEL, watched_items(made, alive)).to_run == 30
    assert max(alive) <= 3


@LOOPS
def test_a_run_that_has_ended_is_saved_though_it_is_told_to_stop(
    tmp_path: Path, each: Loop
) -> None:
    results: list[bulk.ItemResult] = []
    started: Any = bulk_run(
        serving(tmp_path),
        items("a", "b")(tmp_path),
        output=tmp_path / "out",
        on_run=lambda key, run: started.stop("enough", "one is enough"),
    )
    with pytest.raises(bulk.BulkStopped, match="one is enough") as stopped:
        each(started, results.append)
    assert [(one.key, one.status, len(one.paths)) for one in results] == [("a", "done", 1)]
    assert results[0].paths[0].is_file()
    assert stopped.value.reason == "enough"
    assert (stopped.value.summary.done, stopped.value.summary.running) == (1, 0)


def test_what_was_saved_of_an_item_that_failed_is_no_output_of_it(tmp_path: Path) -> None:
    server, out = serving(tmp_path), tmp_path / "out"
    server.ends.append("partial_succeeded")
    out.mkdir()
    (out / "a+2.png").write_bytes(b"mine")
    results: list[bulk.ItemResult] = []
    awaited_loop(bulk_run(server, items("a")(tmp_path), output=out), results.append)
    assert [(one.status, one.failure_code, one.paths) for one in results] == [
        ("failed", "not_saved", ())
    ]
    assert sorted(path.name for path in out.iterdir()) == ["a+1.png", "a+2.png"]


@LOOPS
def test_the_first_reason_to_stop_counts(tmp_path: Path, each: Loop) -> None:
    started = bulk_run(serving(tmp_path), items("a", "b")(tmp_path))

    def stop_twice(result: bulk.ItemResult) -> None:
        started.stop("first", "it is the first")
        started.stop("second", "it is the second")

    with pytest.raises(bulk.BulkStopped, match="it is the first") as stopped:
        each(started, stop_twice)
    assert stopped.value.reason == "first"


@LOOPS
def test_a_stop_at_the_last_result_counts_though_nothing_is_left(
    tmp_path: Path, each: Loop
) -> None:
    started = bulk_run(serving(tmp_path), items("a")(tmp_path))
    with pytest.raises(bulk.BulkStopped, match="it is late") as stopped:
        each(started, lambda result: started.stop("late", "it is late"))
    assert (stopped.value.reason, started.summary.done) == ("late", 1)


def _generator(key: str, run: object) -> Iterator[str]:
    yield key


async def _awaited(key: str, run: object) -> object:
    return asyncio.sleep(0, key)


RETURNED: Final[dict[str, tuple[Any, str]]] = {
    "an error": (lambda key, run: ValueError(key), "on_run returned a ValueError: raise it"),
    "a generator": (
        lambda key, run: _generator(key, run),
        "on_run returned a generator, of which nothing has run",
    ),
    "a function": (lambda key, run: _generator, "on_run returned a function, which nothing calls"),
    "what is awaited twice": (_awaited, "not awaited here: await it in on_run"),
}


@pytest.mark.parametrize("name", RETURNED)
def test_what_on_run_returns_undone_stops_it_before_the_files(tmp_path: Path, name: str) -> None:
    on_run, said = RETURNED[name]
    out = tmp_path / "out"
    started = bulk_run(serving(tmp_path), items("a")(tmp_path), on_run=on_run, output=out)
    with pytest.raises(bulk.BulkStopped, match=said) as stopped:
        awaited_loop(started, lambda result: None)
    assert (stopped.value.reason, type(stopped.value.__cause__)) == ("error", TypeError)
    assert list(out.iterdir()) == []
    assert started.summary.running == 1, "its run has ended, and is saved by the next start"


class Endless(Server):
    """Makes runs that never end, and says so when one is read for the third time."""

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        answer = await super().answer(request)
        if sum(line.startswith("read") for line in self.log) == 3:
            self.give_up("enough", "it takes too long")
        return answer

    def _read(self, run: dict[str, Any]) -> dict[str, Any]:
        shown = super()._read(run)
        return {**shown, "status_code": "running", "output": None}


def test_a_run_that_goes_on_is_left_when_it_is_told_to_stop(tmp_path: Path) -> None:
    server = serving(tmp_path, Endless)
    started = bulk_run(server, items("a", "b")(tmp_path))
    server.give_up = started.stop
    with pytest.raises(bulk.BulkStopped, match="it takes too long") as stopped:
        awaited_loop(started, lambda result: None)
    assert stopped.value.summary == bulk.Summary(running=1, reserved=stopped.value.summary.reserved)
    assert len(server.runs) == 1
