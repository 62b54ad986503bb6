"""A stop holds whenever it comes: before the loop begins, and while the next item is waited for."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from runflow_client import AsyncRunflow, RetryPolicy, RunflowError, bulk
from runflow_client.bulk._results import MAX_LENT

from .bulk_stories import MODEL, make_client
from .bulk_story_list import items
from .test_loops import LOOPS, Endless, Loop, bulk_run, loop, serving

HANGS: Final = 20.0
"""Seconds; only what hangs takes so long."""


def fail(result: bulk.ItemResult) -> None:
    raise AssertionError(f"{result} was made")


@LOOPS
def test_a_stop_before_the_loop_begins_holds(tmp_path: Path, each: Loop) -> None:
    read: list[bulk.Item | bulk.BadItem] = []

    def given() -> Iterator[bulk.Item | bulk.BadItem]:
        for item in items("a", "b")(tmp_path):
            read.append(item)
            yield item

    server = serving(tmp_path)
    started = bulk_run(server, given())
    started.stop("early", "it is too early")
    started.stop("later", "it is too late")
    with pytest.raises(bulk.BulkStopped, match="it is too early") as stopped:
        each(started, fail)
    assert (stopped.value.reason, stopped.value.summary) == ("early", bulk.Summary())
    assert (read, server.runs) == ([], {})


def test_a_signal_that_comes_while_the_journal_is_opened_stops_it(tmp_path: Path) -> None:
    server = serving(tmp_path)

    def client() -> AsyncRunflow:
        os.kill(os.getpid(), signal.SIGINT)
        return make_client([], server, RetryPolicy())

    with pytest.raises(bulk.BulkStopped, match="SIGINT came") as stopped:
        loop(bulk_run(server, items(*"abcde")(tmp_path), client=client), lambda result: None)
    assert (stopped.value.reason, stopped.value.summary.done < 5) == ("SIGINT", True)


def by_the_loop(started: bulk.BulkRun) -> None:
    started.stop("enough", "it is enough")


def by_a_thread(started: bulk.BulkRun) -> None:
    def stop() -> None:
        threading.Event().wait(0.05)  # until the event loop has nothing to do
        by_the_loop(started)

    threading.Thread(target=stop).start()


@LOOPS
@pytest.mark.parametrize("stop", [by_the_loop, by_a_thread])
def test_a_stop_ends_the_wait_for_the_next_item(
    tmp_path: Path, each: Loop, stop: Callable[[bulk.BulkRun], None]
) -> None:
    ended: list[str] = []

    async def queue() -> AsyncIterator[bulk.Item | bulk.BadItem]:
        try:
            yield items("a")(tmp_path)[0]
            stop(started)
            await asyncio.wait_for(asyncio.Event().wait(), HANGS)
        finally:
            ended.append("queue")

    started = bulk_run(serving(tmp_path), queue(), concurrency=2)
    with pytest.raises(bulk.BulkStopped, match="it is enough") as stopped:
        each(started, lambda result: None)
    assert (stopped.value.reason, stopped.value.summary.running <= 1) == ("enough", True)
    assert ended == ["queue"], "what gives the items can tidy up"


def test_a_source_of_items_that_goes_on_after_a_stop_gives_no_more(tmp_path: Path) -> None:
    async def deaf() -> AsyncIterator[bulk.Item | bulk.BadItem]:
        yield items("a")(tmp_path)[0]
        started.stop()
        try:
            await asyncio.wait_for(asyncio.Event().wait(), HANGS)
        except asyncio.CancelledError:
            yield items("b")(tmp_path)[0]

    server = serving(tmp_path)
    started = bulk_run(server, deaf())
    with pytest.raises(bulk.BulkStopped):
        loop(started, lambda result: None)
    with bulk.Journal.read(server.journal) as journal:
        assert journal.find("b") is None


def test_a_loop_that_is_cancelled_gives_back_the_journal_and_the_client(tmp_path: Path) -> None:
    server, clients = serving(tmp_path, Endless), list[AsyncRunflow]()
    client = partial(make_client, clients, server, RetryPolicy())

    async def work() -> None:
        async for result in bulk_run(server, items("a", "b")(tmp_path), client=client):
            fail(result)

    async def cancelled() -> None:
        task = asyncio.create_task(work())

        def give_up(reason: str, why: str) -> None:
            task.cancel()

        server.give_up = give_up
        with pytest.raises(asyncio.CancelledError):
            await task
        with bulk.Journal.read(server.journal) as journal:
            assert (journal.is_in_use(), journal.summary().running) == (False, 1)
        with pytest.raises(RunflowError, match="closed"):
            await clients[0].account.balance()

    asyncio.run(cancelled())


def test_items_that_wait_for_money_are_read_ahead_within_bounds(tmp_path: Path) -> None:
    server = serving(tmp_path)
    read = 0

    def endless() -> Iterator[bulk.Item]:
        nonlocal read
        while True:
            read += 1
            yield bulk.Item(f"k{read}", {"prompt": "x"})

    with bulk.Journal.open(server.journal, model=MODEL) as journal:
        journal.add("a", 1, "", '{"prompt": "a"}', "mark")
        journal.intend("a", 1, "ref", Decimal("0.15"))
    with pytest.raises(bulk.BulkStopped, match="whose items have not come yet") as stopped:
        loop(bulk_run(server, endless(), max_cost="0.20", concurrency=2), fail)
    assert (stopped.value.reason, server.runs) == ("max_cost", {})
    assert MAX_LENT < read <= MAX_LENT + 2 + 1
